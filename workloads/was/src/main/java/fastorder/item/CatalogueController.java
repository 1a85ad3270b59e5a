package fastorder.item;

import fastorder.cache.FailOpenCache;
import fastorder.problem.Refusal;
import java.util.List;
import org.springframework.context.annotation.Profile;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Theatres and their menus: read by everybody, changed by nobody at run time, so cached. */
@RestController
@RequestMapping("/item/theatres")
@Profile("item")
class CatalogueController {

    private final Catalogue catalogue;
    private final FailOpenCache cache;

    CatalogueController(Catalogue catalogue, FailOpenCache cache) {
        this.catalogue = catalogue;
        this.cache = cache;
    }

    record Theatre(int id, String nameKo, String nameEn, String region) {}

    record TheatreList(List<Theatre> theatres) {}

    /** @param price whole Korean won, tax included */
    record MenuItem(int id, String nameKo, String nameEn, String category, long price) {}

    record Menu(int theatreId, List<MenuItem> items) {}

    @GetMapping
    TheatreList theatres() {
        return cache.read("theatres:v1", TheatreList.class, catalogue::theatres);
    }

    @GetMapping("/{id}/menu")
    Menu menu(@PathVariable int id) {
        Menu menu = cache.read("menu:v1:" + id, Menu.class, () -> catalogue.menu(id));
        if (menu.items().isEmpty()) {
            throw Refusal.notFound("theatre " + id);
        }
        return menu;
    }
}
