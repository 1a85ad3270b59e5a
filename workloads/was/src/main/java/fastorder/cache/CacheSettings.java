package fastorder.cache;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How to reach the cache.
 *
 * @param host empty: no cache, every read goes to the database
 * @param tls always on AWS, where transit encryption is required
 * @param username ElastiCache user that logs in by IAM token; empty: no login
 */
@ConfigurationProperties("fastorder.cache")
public record CacheSettings(String host, int port, boolean tls, String username) {}
