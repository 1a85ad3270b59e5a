package fastorder.connector;

import fastorder.request.RequestIdFilter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * One log line per request, and a loud one for a request whose AJP secret is wrong.
 *
 * <p>Tomcat answers a wrong secret with a silent 403 without asking the application, and mod_jk goes on calling the worker
 * healthy; Tomcat's access log is the only place that still sees it, so the alarm hangs on this class's counter
 * {@code fastorder.ajp.refused}.
 */
@Component
class AccessLogValve extends ValveBase implements AccessLog {

    private static final Logger LOG = LoggerFactory.getLogger("access");

    private final Counter refused;

    AccessLogValve(MeterRegistry meters) {
        super(true);
        refused = Counter.builder("fastorder.ajp.refused")
                .description("AJP requests refused before they reached the application: wrong or missing secret")
                .register(meters);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
    }

    @Override
    public void log(Request request, Response response, long nanos) {
        String requestId = response.getHeader(RequestIdFilter.HEADER);
        // The filter gives every answer of the application an id, so one without was never its answer.
        if (requestId == null && response.getStatus() == Response.SC_FORBIDDEN) {
            refused.increment();
            LOG.atWarn()
                    .addKeyValue("peer", request.getPeerAddr())
                    .log("AJP request refused: wrong or missing secret; compare AJP_SECRET of httpd and of this service");
            return;
        }
        LOG.atInfo()
                .addKeyValue("requestId", requestId)
                .addKeyValue("client", request.getRemoteAddr())
                .addKeyValue("method", request.getMethod())
                .addKeyValue("path", request.getRequestURI())
                .addKeyValue("status", response.getStatus())
                .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(nanos))
                .log("request");
    }

    @Override
    public void setRequestAttributesEnabled(boolean enabled) {
        // The client's address comes from httpd through AJP; there are no request attributes to prefer over it.
    }

    @Override
    public boolean getRequestAttributesEnabled() {
        return false;
    }
}
