package fastorder.cache;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * A read-through cache in Valkey that may be absent, down or hanging without anybody noticing but the database.
 *
 * <p>Nothing here throws: whatever the cache does wrong counts as a miss. A hanging cache costs a few requests
 * {@link #TIMEOUT} each, then the breaker leaves it alone for five seconds. It holds copies only, never sessions.
 */
@Component
@Profile("item")
public class FailOpenCache implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(FailOpenCache.class);

    /** A healthy answer takes under a millisecond in one region; a tenth of a second is a cache that does not help. */
    private static final Duration TIMEOUT = Duration.ofMillis(100);

    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(500);

    /** A changed menu shows within a minute; the jitter keeps entries from expiring together. */
    private static final int SECONDS_TO_LIVE = 50;
    private static final int JITTER_SECONDS = 10;

    private final JsonMapper json;
    private final MeterRegistry meters;
    private final RedisClient client;
    private final CircuitBreaker breaker;
    private StatefulRedisConnection<String, String> connection;

    FailOpenCache(CacheSettings settings, JsonMapper json, MeterRegistry meters, CircuitBreakerRegistry breakers) {
        this.json = json;
        this.meters = meters;
        this.breaker = breakers.circuitBreaker("cache", CircuitBreakerConfig.custom()
                .slidingWindowSize(10)
                .minimumNumberOfCalls(3)
                .failureRateThreshold(50)
                .waitDurationInOpenState(Duration.ofSeconds(5))
                .permittedNumberOfCallsInHalfOpenState(1)
                .build());
        this.client = StringUtils.hasText(settings.host()) ? client(settings) : null;
    }

    /**
     * @param key the entry's name, with a version of its shape in it
     * @param type what the entry is
     * @param load reads it from the database; its exceptions pass through
     */
    public <T> T read(String key, Class<T> type, Supplier<T> load) {
        if (client == null) {
            return load.get();
        }
        Optional<String> cached = attempt(() -> connection().sync().get(key));
        count(cached.isPresent() ? "hit" : "miss");
        if (cached.isPresent()) {
            return json.readValue(cached.get(), type);
        }
        T loaded = load.get();
        int seconds = SECONDS_TO_LIVE + ThreadLocalRandom.current().nextInt(JITTER_SECONDS);
        attempt(() -> connection().sync().set(key, json.writeValueAsString(loaded), SetArgs.Builder.ex(seconds)));
        return loaded;
    }

    private Optional<String> attempt(Supplier<String> command) {
        if (!breaker.tryAcquirePermission()) {
            count("skipped");
            return Optional.empty();
        }
        long start = breaker.getCurrentTimestamp();
        try {
            String answer = command.get();
            breaker.onSuccess(breaker.getCurrentTimestamp() - start, breaker.getTimestampUnit());
            return Optional.ofNullable(answer);
        } catch (RuntimeException exception) {
            breaker.onError(breaker.getCurrentTimestamp() - start, breaker.getTimestampUnit(), exception);
            count("failed");
            LOG.warn("cache unavailable, reading the database: {}", exception.toString());
            return Optional.empty();
        }
    }

    /** Connected on first use, so that a cache that is down at start does not hold the start up. */
    private synchronized StatefulRedisConnection<String, String> connection() {
        if (connection == null) {
            connection = client.connect();
        }
        return connection;
    }

    private void count(String result) {
        meters.counter("fastorder.cache", "result", result).increment();
    }

    private static RedisClient client(CacheSettings settings) {
        RedisURI.Builder uri = RedisURI.builder()
                .withHost(settings.host())
                .withPort(settings.port())
                .withSsl(settings.tls())
                .withTimeout(TIMEOUT);
        if (StringUtils.hasText(settings.username())) {
            uri.withAuthentication(new IamCacheLogin(settings.host(), settings.username()));
        }
        RedisClient client = RedisClient.create(uri.build());
        client.setOptions(ClientOptions.builder()
                .socketOptions(SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).keepAlive(true).build())
                // While Lettuce reconnects in the background, commands must fail at once instead of queueing.
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .build());
        return client;
    }

    @Override
    public void destroy() {
        if (client != null) {
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
    }
}
