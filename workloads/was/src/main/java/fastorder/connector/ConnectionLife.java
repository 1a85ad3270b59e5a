package fastorder.connector;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.coyote.ajp.AbstractAjpProtocol;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Ends each AJP connection after a while, so that new pods get their share of the load.
 *
 * <p>mod_jk keeps its connections as long as they are used, and a load balancer that works on connections chooses a pod
 * only for a new one: after a roll-out the last pod to start would stay without work. AJP lets the server say at the end of
 * an answer that the connection will not be used again; mod_jk then closes it and opens another, and no request is in danger.
 */
@Component
class ConnectionLife extends ValveBase implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private final long lifeMillis;
    private final Map<String, Long> endByConnection = new ConcurrentHashMap<>();

    /** @param seconds how long a connection lives at least, half as long again at most; 0 = as long as it is used */
    ConnectionLife(@Value("${FASTORDER_AJP_CONNECTION_SECONDS:2}") int seconds) {
        super(true);
        this.lifeMillis = TimeUnit.SECONDS.toMillis(seconds);
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        if (lifeMillis > 0) {
            factory.addEngineValves(this);
        }
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
        boolean ajp = request.getConnector().getProtocolHandler() instanceof AbstractAjpProtocol<?>;
        if (ajp && !request.isAsync() && isOver(request.getServletConnection().getConnectionId())) {
            // Status and headers leave first: Tomcat knows "close after this answer" only as an error of the request, which
            // would turn what has not been sent yet into a 500. The status is put back for the access log.
            response.flushBuffer();
            int status = response.getStatus();
            request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
            response.getCoyoteResponse().setStatus(status);
        }
    }

    private boolean isOver(String connection) {
        long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        Long end = endByConnection.get(connection);
        if (end == null) {
            // Connections that ended otherwise left their entries; one that comes back after this is simply a new one.
            endByConnection.values().removeIf(other -> other + lifeMillis < now);
            // Not all at once: connections are opened in bursts.
            endByConnection.put(connection, now + lifeMillis + ThreadLocalRandom.current().nextLong(lifeMillis / 2 + 1));
            return false;
        }
        if (now < end) {
            return false;
        }
        endByConnection.remove(connection);
        return true;
    }
}
