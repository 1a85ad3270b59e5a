package fastorder.pay;

import fastorder.idempotency.IdempotentWrites;
import fastorder.idempotency.IdempotentWrites.Created;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.util.UUID;
import org.springframework.context.annotation.Profile;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Orders over HTTP: place, read, pay, fetch the receipt. */
@RestController
@RequestMapping("/pay/orders")
@Profile("pay")
class OrderController {

    private final Orders orders;
    private final IdempotentWrites writes;
    private final Receipts receipts;

    OrderController(Orders orders, IdempotentWrites writes, Receipts receipts) {
        this.orders = orders;
        this.writes = writes;
        this.receipts = receipts;
    }

    @PostMapping
    ResponseEntity<String> place(
            @RequestHeader(IdempotentWrites.HEADER) @Pattern(regexp = IdempotentWrites.KEY_PATTERN) String key,
            @Valid @RequestBody Order.Request request) {
        return writes.once(key, "/pay/orders", request, () -> {
            Order order = orders.place(request);
            return new Created(URI.create("/pay/orders/" + order.id()), order);
        });
    }

    @GetMapping("/{id}")
    Order order(@PathVariable UUID id) {
        return orders.order(id);
    }

    @PostMapping("/{id}/payments")
    ResponseEntity<String> pay(
            @PathVariable UUID id,
            @RequestHeader(IdempotentWrites.HEADER) @Pattern(regexp = IdempotentWrites.KEY_PATTERN) String key,
            @Valid @RequestBody Order.PaymentRequest request) {
        URI location = URI.create("/pay/orders/" + id);
        return writes.once(key, location + "/payments", request, () -> new Created(location, orders.pay(id, request)));
    }

    @GetMapping("/{id}/receipt")
    Receipts.Receipt receipt(@PathVariable UUID id) {
        return receipts.read(orders.order(id));
    }
}
