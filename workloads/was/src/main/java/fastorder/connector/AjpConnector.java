package fastorder.connector;

import java.net.InetAddress;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.ajp.AbstractAjpProtocol;
import org.apache.coyote.ajp.AjpNioProtocol;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Makes AJP the server's one connector: what Apache httpd with mod_jk speaks, with a shared secret.
 *
 * <p>{@code server.port} and {@code server.address} are the AJP port and address. A plain HTTP connector exists only
 * where tests ask for one, and only on the loopback address, since it knows no secret.
 */
@Component
class AjpConnector implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private static final int SHORTEST_SECRET = 16;

    /** Above mod_jk's connection_pool_timeout (300 s) so that httpd closes first, below the NLB's idle timeout (350 s). */
    private static final int KEEP_ALIVE_MILLIS = 330_000;

    private final Settings settings;
    private final AccessLogValve accessLog;

    /**
     * @param secret what every AJP message must carry
     * @param httpPort port of the plain HTTP connector for tests; null for none
     */
    @ConfigurationProperties("fastorder.connector")
    record Settings(String secret, Integer httpPort) {

        Settings {
            // Tomcat would refuse an empty secret too, but as "port already in use"; and a short one it would accept.
            int length = secret == null ? 0 : secret.length();
            if (length < SHORTEST_SECRET) {
                throw new IllegalArgumentException("AJP_SECRET has " + length + " characters, it needs at least "
                        + SHORTEST_SECRET + ": pass the secret that httpd's workers use");
            }
        }
    }

    AjpConnector(Settings settings, AccessLogValve accessLog) {
        this.settings = settings;
        this.accessLog = accessLog;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.setProtocol(AjpNioProtocol.class.getName());
        factory.addConnectorCustomizers(connector -> {
            if (connector.getProtocolHandler() instanceof AbstractAjpProtocol<?> ajp) {
                ajp.setSecretRequired(true);
                ajp.setSecret(settings.secret());
                ajp.setKeepAliveTimeout(KEEP_ALIVE_MILLIS);
            }
        });
        factory.addEngineValves(accessLog);
        if (settings.httpPort() != null) {
            Connector http = new Connector();
            http.setPort(settings.httpPort());
            http.setProperty("address", InetAddress.getLoopbackAddress().getHostAddress());
            factory.addAdditionalConnectors(http);
        }
    }
}
