package fastorder;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.springframework.core.env.Environment;

/**
 * What the command {@code train} does once the service runs: asks it what its first customers and probes will.
 *
 * <p>A JVM that ends after this leaves an archive (class data sharing, the AOT cache) of the classes that a start and first
 * requests need. Refreshing the application context would be less than a start: servers, the management context and all that
 * a request touches are loaded later. No database is there, so the answers are refusals; nothing depends on them.
 */
final class TrainingRun {

    private static final int GET = 2;
    private static final int POST = 4;
    private static final int END_OF_ANSWER = 5;
    private static final int MORE_BODY = 6;
    private static final int MOST_MILLIS = 10_000;

    private final Environment environment;

    TrainingRun(Environment environment) {
        this.environment = environment;
    }

    /** @throws IOException the service does not answer at all */
    void run() throws IOException {
        for (String path : new String[] {"health/readiness", "health/liveness", "prometheus"}) {
            manage("/actuator/" + path);
        }
        String id = "/" + UUID.randomUUID();
        for (String path : new String[] {"/item/theatres", "/item/theatres/1/menu", "/user/members" + id, "/pay/orders" + id}) {
            ask(GET, path, "");
        }
        ask(POST, "/user/members", "{\"nickname\": \"train\", \"email\": \"train@example.com\"}");
        ask(POST, "/pay/orders", "{\"memberId\": \"train\", \"theatreId\": 1, \"lines\": [{\"menuItemId\": 1, \"quantity\": 1}]}");
    }

    private void manage(String path) throws IOException {
        URI address = URI.create("http://127.0.0.1:" + port("local.management.port") + path);
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.getResponseCode();
        connection.disconnect();
    }

    /** One request over AJP, the connector that serves; {@code operations/app/ajp.py} explains the format. */
    private void ask(int method, String path, String body) throws IOException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port("local.server.port"))) {
            socket.setSoTimeout(MOST_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            send(out, forwardRequest(method, path, content.length));
            if (content.length > 0) {
                ByteArrayOutputStream chunk = new ByteArrayOutputStream();
                new DataOutputStream(chunk).writeShort(content.length);
                chunk.write(content);
                send(out, chunk.toByteArray());
            }
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int kind;
            do {
                in.readShort();
                kind = in.readNBytes(in.readUnsignedShort())[0];
                if (kind == MORE_BODY) {
                    send(out, new byte[0]);
                }
            } while (kind != END_OF_ANSWER);
        }
    }

    private byte[] forwardRequest(int method, String path, int length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(2);
        out.writeByte(method);
        for (String text : new String[] {"HTTP/1.1", path, "127.0.0.1", "127.0.0.1", "localhost"}) {
            string(out, text);
        }
        out.writeShort(80);
        out.writeBoolean(false);
        String[] headers = {
            "content-type", "application/json", "content-length", "" + length, "idempotency-key", "train-0001"
        };
        out.writeShort(headers.length / 2);
        for (String text : headers) {
            string(out, text);
        }
        out.writeByte(0x0C);
        string(out, environment.getRequiredProperty("AJP_SECRET"));
        out.writeByte(0xFF);
        return bytes.toByteArray();
    }

    private int port(String property) {
        return environment.getRequiredProperty(property, Integer.class);
    }

    private static void send(DataOutputStream out, byte[] payload) throws IOException {
        out.writeShort(0x1234);
        out.writeShort(payload.length);
        out.write(payload);
        out.flush();
    }

    private static void string(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
        out.writeByte(0);
    }
}
