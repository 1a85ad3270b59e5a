package fastorder.database;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Takes connections from a pool as long as that works; once it does not, refuses at once instead of letting every
 * request wait for the pool's time limit.
 *
 * <p>Sits at the one place that all database work passes, so no service method needs to know of it.
 */
final class CircuitBreakerDataSource extends DelegatingDataSource {

    private final DataSource pool;
    private final CircuitBreaker breaker;

    CircuitBreakerDataSource(DataSource pool, CircuitBreaker breaker) {
        super(pool);
        this.pool = pool;
        this.breaker = breaker;
    }

    @Override
    public Connection getConnection() throws SQLException {
        if (!breaker.tryAcquirePermission()) {
            throw new SQLTransientConnectionException("circuit breaker " + breaker.getName() + " is open");
        }
        long start = System.nanoTime();
        try {
            Connection connection = pool.getConnection();
            breaker.onSuccess(System.nanoTime() - start, TimeUnit.NANOSECONDS);
            return connection;
        } catch (SQLException | RuntimeException exception) {
            breaker.onError(System.nanoTime() - start, TimeUnit.NANOSECONDS, exception);
            throw exception;
        }
    }
}
