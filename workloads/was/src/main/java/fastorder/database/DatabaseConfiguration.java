package fastorder.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.micrometer.tagged.TaggedCircuitBreakerMetrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.sql.Connection;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.resilience.annotation.EnableResilientMethods;

/**
 * The way to the database: a pool for the writer, a pool for the reader, a circuit breaker before each, one
 * {@link DataSource} in front.
 *
 * <p>A transaction marked read-only takes its connection from the reader's pool, everything else from the writer's; no
 * connection is taken before the first statement, so a request that the cache answers needs none.
 */
@Configuration(proxyBeanMethods = false)
@EnableResilientMethods
class DatabaseConfiguration {

    /** Readers that autoscaling adds get their share only when pooled connections are made anew. */
    private static final Duration LIFETIME = Duration.ofMinutes(5);

    /** Short enough that a serverless database can pause five minutes after the last request. */
    private static final Duration IDLE = Duration.ofSeconds(60);

    @Bean(destroyMethod = "close")
    HikariDataSource writerPool(DatabaseSettings settings) {
        return pool("writer", settings.writerUrl(), settings, false);
    }

    @Bean(destroyMethod = "close")
    HikariDataSource readerPool(DatabaseSettings settings) {
        return pool("reader", settings.readerUrl(), settings, true);
    }

    @Bean
    CircuitBreakerRegistry circuitBreakers() {
        // Ten acquisitions are judged; after four failures of at least half the rest is refused at once for two seconds,
        // then two requests may try. Waiting for a connection is the failure that piles requests up, so it is what counts.
        return CircuitBreakerRegistry.of(CircuitBreakerConfig.custom()
                .slidingWindowSize(10)
                .minimumNumberOfCalls(4)
                .failureRateThreshold(50)
                .waitDurationInOpenState(Duration.ofSeconds(2))
                .permittedNumberOfCallsInHalfOpenState(2)
                .build());
    }

    @Bean
    MeterBinder circuitBreakerMetrics(CircuitBreakerRegistry circuitBreakers) {
        return TaggedCircuitBreakerMetrics.ofCircuitBreakerRegistry(circuitBreakers);
    }

    @Bean
    @Primary
    DataSource dataSource(
            HikariDataSource writerPool, HikariDataSource readerPool, CircuitBreakerRegistry circuitBreakers) {
        CircuitBreaker writerBreaker = circuitBreakers.circuitBreaker("database-writer");
        CircuitBreaker readerBreaker = circuitBreakers.circuitBreaker("database-reader");
        DataSource writer = new CircuitBreakerDataSource(writerPool, writerBreaker);
        DataSource reader = new FallbackDataSource(new CircuitBreakerDataSource(readerPool, readerBreaker), writer);
        LazyConnectionDataSourceProxy proxy = new LazyConnectionDataSourceProxy();
        proxy.setTargetDataSource(writer);
        proxy.setReadOnlyDataSource(reader);
        // Stated, so that the proxy does not open a connection at start to find them out.
        proxy.setDefaultAutoCommit(true);
        proxy.setDefaultTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        return proxy;
    }

    private static HikariDataSource pool(String name, String url, DatabaseSettings settings, boolean readOnly) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDriverClassName(software.amazon.jdbc.Driver.class.getName());
        config.setJdbcUrl(url);
        config.setDataSourceProperties(Connections.ofService(settings));
        config.setReadOnly(readOnly);
        config.setMinimumIdle(settings.minimumIdle());
        config.setMaximumPoolSize(settings.maximumPoolSize());
        config.setConnectionTimeout(settings.connectionTimeout().toMillis());
        // A server that hangs must not cost more than one that refuses.
        config.setValidationTimeout(Math.min(1_000, settings.connectionTimeout().toMillis()));
        config.setMaxLifetime(LIFETIME.toMillis());
        config.setIdleTimeout(IDLE.toMillis());
        // A service that starts while the database is away starts all the same, and recovers by itself.
        config.setInitializationFailTimeout(-1);
        config.setExceptionOverride(new DemotedWriter());
        return new HikariDataSource(config);
    }
}
