package fastorder;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What this process is.
 *
 * @param service which of the three services it serves
 * @param environment dev, stg, prod or local: a label on logs and metrics, it switches nothing
 */
@ConfigurationProperties("fastorder")
public record ServiceSettings(Service service, String environment) {

    /** The three services; the lower-case name is also schema, database user, profile and the URL's first part. */
    public enum Service {
        USER,
        ITEM,
        PAY;

        public String lowerCase() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public ServiceSettings {
        if (service == null) {
            throw new IllegalArgumentException("FASTORDER_SERVICE is not set: set it to user, item or pay");
        }
    }
}
