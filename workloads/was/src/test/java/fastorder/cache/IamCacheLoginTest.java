package fastorder.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

class IamCacheLoginTest {

    /** What botocore's SigV4QueryAuth makes of the same request, key, token and time. */
    private static final String BY_BOTOCORE = "80a337b5e0e1aaab680635f8e79793ec32fa340edfe3d47473927caee37f8422";

    @Test
    void theTokenIsTheSignedUrlWithoutItsScheme() {
        String token = login("master.prod-common-redis-data-01.ab12cd.apn2.cache.amazonaws.com").token();

        assertThat(token)
                .startsWith("prod-common-redis-data-01/?")
                .contains("Action=connect", "User=item", "X-Amz-Expires=900", "X-Amz-Signature=" + BY_BOTOCORE);
    }

    @Test
    void anEndpointOfAnotherNameIsRefusedSinceTheTokenNeedsTheGroupInIt() {
        assertThatThrownBy(() -> login("cache.prod.fastorder.internal")).hasMessageContaining("CACHE_HOST");
    }

    private static IamCacheLogin login(String endpoint) {
        AwsSessionCredentials credentials = AwsSessionCredentials.create(
                "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "the/session+token==");
        Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
        return new IamCacheLogin(endpoint, "item", "ap-northeast-2", StaticCredentialsProvider.create(credentials), clock);
    }
}
