package fastorder.cache;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/**
 * Logs in to ElastiCache with an IAM token: a presigned request whose URL, without its scheme, is the password.
 *
 * <p>A token lives 15 minutes and is made anew for every connection; ElastiCache keeps a connection up to 12 hours.
 */
final class IamCacheLogin implements RedisCredentialsProvider {

    private static final Duration TOKEN_LIFETIME = Duration.ofMinutes(15);

    private final AwsCredentialsProvider credentials;
    private final String replicationGroup;
    private final String region;
    private final String username;
    private final Clock clock;

    /**
     * @param endpoint primary endpoint with TLS: {@code master.<group>.<hash>.<short region>.cache.amazonaws.com}
     * @param username user id and user name alike, as ElastiCache demands of IAM users
     */
    IamCacheLogin(String endpoint, String username) {
        this(endpoint, username, region(), DefaultCredentialsProvider.builder().build(), Clock.systemUTC());
    }

    IamCacheLogin(String endpoint, String username, String region, AwsCredentialsProvider credentials, Clock clock) {
        String[] labels = endpoint.split("\\.");
        if (labels.length < 7 || !endpoint.endsWith(".cache.amazonaws.com")) {
            throw new IllegalArgumentException("CACHE_HOST is " + endpoint + ", but CACHE_USERNAME asks for IAM login, which"
                    + " needs the primary endpoint's own name: master.<group>.<hash>.<region>.cache.amazonaws.com");
        }
        this.replicationGroup = labels[1];
        this.region = region;
        this.clock = clock;
        this.username = username;
        this.credentials = credentials;
    }

    private static String region() {
        return DefaultAwsRegionProviderChain.builder().build().getRegion().id();
    }

    @Override
    public Mono<RedisCredentials> resolveCredentials() {
        // Fetching credentials may block on the Pod Identity agent, which Lettuce's event loop must not.
        return Mono.fromCallable(() -> RedisCredentials.just(username, token())).subscribeOn(Schedulers.boundedElastic());
    }

    String token() {
        SdkHttpRequest request = SdkHttpRequest.builder()
                .method(SdkHttpMethod.GET)
                .uri(URI.create("https://" + replicationGroup + "/"))
                .putRawQueryParameter("Action", "connect")
                .putRawQueryParameter("User", username)
                .build();
        SdkHttpRequest signed = AwsV4HttpSigner.create()
                .sign(sign -> sign.identity(credentials.resolveCredentials())
                        .request(request)
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "elasticache")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                        .putProperty(AwsV4HttpSigner.AUTH_LOCATION, AwsV4HttpSigner.AuthLocation.QUERY_STRING)
                        .putProperty(HttpSigner.SIGNING_CLOCK, clock)
                        .putProperty(AwsV4HttpSigner.EXPIRATION_DURATION, TOKEN_LIFETIME))
                .request();
        return signed.getUri().toString().replaceFirst("^https://", "");
    }
}
