package fastorder.item;

import fastorder.database.RetriedRead;
import fastorder.item.CatalogueController.Menu;
import fastorder.item.CatalogueController.MenuItem;
import fastorder.item.CatalogueController.Theatre;
import fastorder.item.CatalogueController.TheatreList;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The catalogue in the database; read-only transactions, so the reader answers. */
@Repository
@Profile("item")
@RetriedRead
@Transactional(readOnly = true)
class Catalogue {

    private final JdbcClient jdbc;

    Catalogue(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    TheatreList theatres() {
        return new TheatreList(jdbc.sql("SELECT id, name_ko, name_en, region FROM theatre ORDER BY id")
                .query(Theatre.class)
                .list());
    }

    /** Empty for a theatre that does not exist: every theatre sells something. */
    Menu menu(int theatreId) {
        return new Menu(
                theatreId,
                jdbc.sql("""
                        SELECT i.id, i.name_ko, i.name_en, i.category, i.price
                        FROM theatre_menu_item t JOIN menu_item i ON i.id = t.menu_item_id
                        WHERE t.theatre_id = ? ORDER BY i.category, i.id
                        """).param(theatreId).query(MenuItem.class).list());
    }
}
