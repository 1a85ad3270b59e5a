package fastorder.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class CircuitBreakerDataSourceTest {

    private final DataSource pool = mock(DataSource.class);
    private final CircuitBreaker breaker =
            new DatabaseConfiguration().circuitBreakers().circuitBreaker("test");
    private final DataSource guarded = new CircuitBreakerDataSource(pool, breaker);

    @Test
    void afterFourFailuresThePoolIsLeftAlone() throws SQLException {
        when(pool.getConnection()).thenThrow(new SQLTransientConnectionException("timed out"));
        for (int failure = 0; failure < 4; failure++) {
            assertThatThrownBy(guarded::getConnection).hasMessage("timed out");
        }

        assertThatThrownBy(guarded::getConnection)
                .isInstanceOf(SQLTransientConnectionException.class)
                .hasMessage("circuit breaker test is open");
        verify(pool, times(4)).getConnection();
    }

    @Test
    void onceItMayTryAgainTwoSuccessesCloseIt() throws SQLException {
        Connection connection = mock(Connection.class);
        when(pool.getConnection()).thenReturn(connection);
        breaker.transitionToOpenState();
        breaker.transitionToHalfOpenState();

        assertThat(guarded.getConnection()).isSameAs(connection);
        assertThat(guarded.getConnection()).isSameAs(connection);
        assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void readsGoToTheWriterWhileTheReaderIsAway() throws SQLException {
        Connection fromWriter = mock(Connection.class);
        DataSource writer = mock(DataSource.class);
        when(writer.getConnection()).thenReturn(fromWriter);
        when(pool.getConnection()).thenThrow(new SQLTransientConnectionException("timed out"));

        assertThat(new FallbackDataSource(guarded, writer).getConnection()).isSameAs(fromWriter);
    }
}
