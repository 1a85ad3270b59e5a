package fastorder.pay;

import fastorder.database.RetriedRead;
import fastorder.pay.Order.Line;
import fastorder.pay.Order.LineRequest;
import fastorder.pay.Order.Payment;
import fastorder.pay.Order.PaymentRequest;
import fastorder.problem.Refusal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Orders and payments in the database. {@link #place} and {@link #pay} expect the caller's transaction
 * ({@link fastorder.idempotency.IdempotentWrites}).
 *
 * <p>Prices come from the schema {@code item}, which pay's database user may read: one cluster holds both, a client
 * cannot be trusted with them, and a call to the item service would add a way to fail.
 */
@Repository
@Profile("pay")
class Orders {

    private final JdbcClient jdbc;
    private final ApplicationEventPublisher events;
    private final Clock clock = Clock.systemUTC();

    Orders(JdbcClient jdbc, ApplicationEventPublisher events) {
        this.jdbc = jdbc;
        this.events = events;
    }

    Order place(Order.Request request) {
        Map<Integer, Long> prices = prices(request.theatreId());
        List<Line> lines = request.lines().stream().map(line -> priced(line, request.theatreId(), prices)).toList();
        long total = lines.stream().mapToLong(line -> line.unitPrice() * line.quantity()).sum();
        // Whole seconds: what the column keeps, so the first answer and a later read are the same.
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Order order = new Order(
                UUID.randomUUID(), request.memberId(), request.theatreId(), OrderState.PLACED, total, now, lines);
        jdbc.sql("INSERT INTO customer_order (id, member_id, theatre_id, state, total, placed_at) VALUES (?, ?, ?, ?, ?, ?)")
                .params(
                        order.id().toString(),
                        order.memberId().toString(),
                        order.theatreId(),
                        order.state().name(),
                        order.total(),
                        Timestamp.from(order.placedAt()))
                .update();
        insert(order.id(), lines);
        return order;
    }

    /** All lines in one statement: twenty of them must not cost twenty round trips. */
    private void insert(UUID orderId, List<Line> lines) {
        String rows = String.join(", ", Collections.nCopies(lines.size(), "(?, ?, ?, ?, ?)"));
        List<Object> values = new ArrayList<>();
        for (int number = 0; number < lines.size(); number++) {
            Line line = lines.get(number);
            values.addAll(List.of(orderId.toString(), number + 1, line.menuItemId(), line.quantity(), line.unitPrice()));
        }
        jdbc.sql("INSERT INTO order_line (order_id, line_number, menu_item_id, quantity, unit_price) VALUES " + rows)
                .params(values)
                .update();
    }

    Payment pay(UUID orderId, PaymentRequest request) {
        Order order = find(orderId, " FOR UPDATE").orElseThrow(() -> Refusal.notFound("order " + orderId));
        OrderState next = order.state().after(request.kind());
        if (request.amount() != order.total()) {
            throw Refusal.unprocessable(
                    "wrong-amount", "the order's total is " + order.total() + ", not " + request.amount());
        }
        Payment payment = new Payment(UUID.randomUUID(), orderId, request.kind(), request.amount(), next);
        jdbc.sql("UPDATE customer_order SET state = ? WHERE id = ?")
                .params(next.name(), orderId.toString())
                .update();
        jdbc.sql("INSERT INTO payment (id, order_id, kind, amount) VALUES (?, ?, ?, ?)")
                .params(payment.id().toString(), orderId.toString(), payment.kind().name(), payment.amount())
                .update();
        if (next == OrderState.PAID) {
            events.publishEvent(new Receipts.OrderPaid(Receipts.Receipt.of(order)));
        }
        return payment;
    }

    /** Read from the writer: a customer who has just paid must not be shown an unpaid order. */
    @RetriedRead
    Order order(UUID id) {
        return find(id, "").orElseThrow(() -> Refusal.notFound("order " + id));
    }

    private Optional<Order> find(UUID id, String lock) {
        List<Line> lines = jdbc.sql("""
                SELECT menu_item_id, quantity, unit_price FROM order_line WHERE order_id = ? ORDER BY line_number
                """)
                .param(id.toString())
                .query(Line.class)
                .list();
        return jdbc.sql("SELECT id, member_id, theatre_id, state, total, placed_at FROM customer_order WHERE id = ?" + lock)
                .param(id.toString())
                .query((row, number) -> order(row, lines))
                .optional();
    }

    private static Order order(ResultSet row, List<Line> lines) throws SQLException {
        return new Order(
                UUID.fromString(row.getString("id")),
                UUID.fromString(row.getString("member_id")),
                row.getInt("theatre_id"),
                OrderState.valueOf(row.getString("state")),
                row.getLong("total"),
                row.getTimestamp("placed_at").toInstant(),
                lines);
    }

    private Map<Integer, Long> prices(int theatreId) {
        return jdbc.sql("""
                SELECT i.id, i.price FROM item.theatre_menu_item t JOIN item.menu_item i ON i.id = t.menu_item_id
                WHERE t.theatre_id = ?
                """)
                .param(theatreId)
                .query((row, number) -> Map.entry(row.getInt("id"), row.getLong("price")))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Line priced(LineRequest line, int theatreId, Map<Integer, Long> prices) {
        Long price = prices.get(line.menuItemId());
        if (price == null) {
            throw Refusal.unprocessable(
                    "not-on-menu", "theatre " + theatreId + " does not sell menu item " + line.menuItemId());
        }
        return new Line(line.menuItemId(), line.quantity(), price);
    }
}
