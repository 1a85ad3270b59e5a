package fastorder.pay;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * An order as the client sees it.
 *
 * @param total whole Korean won
 */
record Order(
        UUID id, UUID memberId, int theatreId, OrderState state, long total, Instant placedAt, List<Line> lines) {

    /** @param unitPrice what the item cost when the order was placed, whole Korean won */
    record Line(int menuItemId, int quantity, long unitPrice) {}

    /** What a client asks for: things and numbers, never prices. */
    record Request(
            @NotNull UUID memberId,
            @Min(1) int theatreId,
            @NotEmpty @Size(max = 20) List<@NotNull @Valid LineRequest> lines) {}

    record LineRequest(@Min(1) int menuItemId, @Min(1) @Max(20) int quantity) {}

    /** @param amount what the client believes the total to be: a payment of anything else is refused */
    record PaymentRequest(@NotNull OrderState.PaymentKind kind, @Min(1) long amount) {}

    record Payment(UUID id, UUID orderId, OrderState.PaymentKind kind, long amount, OrderState orderState) {}
}
