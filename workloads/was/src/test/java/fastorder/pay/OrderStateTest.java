package fastorder.pay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fastorder.pay.OrderState.PaymentKind;
import fastorder.problem.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderStateTest {

    @Test
    void aChargePaysAndARefundFollowsThePayment() {
        assertThat(OrderState.PLACED.after(PaymentKind.CHARGE)).isEqualTo(OrderState.PAID);
        assertThat(OrderState.PAID.after(PaymentKind.REFUND)).isEqualTo(OrderState.REFUNDED);
    }

    @ParameterizedTest
    @CsvSource({"PLACED, REFUND", "PAID, CHARGE", "REFUNDED, CHARGE", "REFUNDED, REFUND"})
    void everyOtherStepIsRefused(OrderState state, PaymentKind kind) {
        assertThatThrownBy(() -> state.after(kind))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(state.name())
                .hasMessageContaining(kind.name());
    }
}
