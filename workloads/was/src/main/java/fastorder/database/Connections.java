package fastorder.database;

import java.util.Properties;

/**
 * Driver properties of every database connection: what the AWS wrapper and MySQL's driver need, by kind of login.
 *
 * <p>Does not own the pools ({@link DatabaseConfiguration}) or the settings ({@link DatabaseSettings}).
 */
public final class Connections {

    static {
        // Otherwise the wrapper adds its whole state to each exception, some 3 KB in every log line of an outage.
        System.setProperty("aws.jdbc.config.exception.context.enabled", "false");
    }

    private Connections() {}

    /** Properties for the service's own user. */
    static Properties ofService(DatabaseSettings settings) {
        Properties properties = common(settings);
        long connectMillis = settings.connectionTimeout().toMillis();
        properties.setProperty("connectTimeout", Long.toString(connectMillis));
        // A hung server must free its request thread before mod_jk gives up (15 s), but a resuming one may finish.
        properties.setProperty("socketTimeout", Long.toString(Math.max(10_000, connectMillis)));
        // A second request with the same Idempotency-Key waits this long for the first, then is told to retry.
        properties.setProperty("sessionVariables", "innodb_lock_wait_timeout=3");
        properties.setProperty("user", settings.username());
        if (settings.iam()) {
            properties.setProperty("wrapperPlugins", "iam");
        } else {
            properties.setProperty("wrapperPlugins", "");
            properties.setProperty("password", settings.password());
        }
        return properties;
    }

    /** Properties for the administrator, who makes schemas and users; its statements may run for long. */
    public static Properties ofAdministrator(DatabaseSettings settings, String username, String password) {
        Properties properties = common(settings);
        properties.setProperty("connectTimeout", "60000");
        properties.setProperty("wrapperPlugins", "");
        properties.setProperty("user", username);
        properties.setProperty("password", password);
        return properties;
    }

    private static Properties common(DatabaseSettings settings) {
        Properties properties = new Properties();
        // The plain dialect: the Aurora one keeps a topology monitor connected, and a paused database would never pause.
        properties.setProperty("wrapperDialect", "mysql");
        properties.setProperty("connectionTimeZone", "UTC");
        properties.setProperty("forceConnectionTimeZoneToSession", "true");
        properties.setProperty("characterEncoding", "UTF-8");
        properties.setProperty("tcpKeepAlive", "true");
        if (settings.iam()) {
            properties.setProperty("sslMode", "VERIFY_IDENTITY");
            properties.setProperty("trustCertificateKeyStoreUrl", "file:" + settings.trustStore());
            properties.setProperty("trustCertificateKeyStoreType", "PKCS12");
            properties.setProperty("trustCertificateKeyStorePassword", "changeit");
        } else {
            properties.setProperty("sslMode", "DISABLED");
            properties.setProperty("allowPublicKeyRetrieval", "true");
        }
        return properties;
    }
}
