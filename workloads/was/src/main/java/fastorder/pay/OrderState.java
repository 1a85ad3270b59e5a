package fastorder.pay;

import fastorder.problem.Refusal;

/** The life of an order: PLACED, then PAID by a charge, then perhaps REFUNDED. No way leads back. */
enum OrderState {
    PLACED,
    PAID,
    REFUNDED;

    /** What moves money. */
    enum PaymentKind {
        CHARGE,
        REFUND
    }

    /**
     * @return the state that a payment leads to
     * @throws Refusal 409 when this state does not allow it
     */
    OrderState after(PaymentKind kind) {
        if (this == PLACED && kind == PaymentKind.CHARGE) {
            return PAID;
        }
        if (this == PAID && kind == PaymentKind.REFUND) {
            return REFUNDED;
        }
        throw Refusal.conflict("wrong-state", "an order that is " + this + " allows no " + kind);
    }
}
