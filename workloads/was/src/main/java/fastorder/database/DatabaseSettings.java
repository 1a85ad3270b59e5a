package fastorder.database;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.StringUtils;

/**
 * How to reach the database; README.md lists the environment variables behind these.
 *
 * @param writerHost writer; with IAM login the endpoint name AWS gave, since tokens are signed for it
 * @param readerHost where read-only transactions go; the writer when empty
 * @param readerPort port of the reader; the writer's when 0
 * @param name the service's own schema
 * @param password unused with IAM login
 * @param minimumIdle idle connections kept per pool; 0 lets a serverless database pause
 * @param connectionTimeout how long a request waits for a connection; empty chooses by {@code minimumIdle}
 * @param iam log in by IAM token over verified TLS instead of by password
 * @param trustStore PKCS12 file with the certificate authorities of RDS, only read with {@code iam}
 * @param adminSecretArn secret with the master user's name and password, for the command migrate with {@code iam}
 */
@ConfigurationProperties("fastorder.database")
public record DatabaseSettings(
        String writerHost,
        String readerHost,
        int port,
        int readerPort,
        String name,
        String username,
        String password,
        int minimumIdle,
        int maximumPoolSize,
        Duration connectionTimeout,
        boolean iam,
        String trustStore,
        String adminSecretArn,
        String adminUsername,
        String adminPassword) {

    /** Aurora needs about 15 s to resume from a pause, and more than 30 s after a day. */
    private static final Duration RESUME = Duration.ofSeconds(30);

    /** Twice the slowest failover-free connection, well under the 15 s that mod_jk waits for an answer. */
    private static final Duration AWAKE = Duration.ofSeconds(2);

    public DatabaseSettings {
        readerHost = StringUtils.hasText(readerHost) ? readerHost : writerHost;
        readerPort = readerPort == 0 ? port : readerPort;
        connectionTimeout = connectionTimeout != null ? connectionTimeout : minimumIdle == 0 ? RESUME : AWAKE;
        for (String word : new String[] {name, username}) {
            // Both become identifiers in the statements of the command migrate, which cannot bind them.
            if (!word.matches("[a-z][a-z0-9_]{0,31}")) {
                throw new IllegalArgumentException("DB_NAME and DB_USERNAME must be 1-32 of a-z, 0-9, _ and begin with"
                        + " a letter, but one is \"" + word + "\"");
            }
        }
    }

    String writerUrl() {
        return url(writerHost, port, name);
    }

    String readerUrl() {
        return url(readerHost, readerPort, name);
    }

    /** The server itself, with no schema chosen: the schema may not exist yet. */
    public String serverUrl() {
        return url(writerHost, port, "");
    }

    private static String url(String host, int port, String schema) {
        return "jdbc:aws-wrapper:mysql://" + host + ":" + port + "/" + schema;
    }
}
