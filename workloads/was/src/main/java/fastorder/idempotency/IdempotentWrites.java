package fastorder.idempotency;

import fastorder.problem.Refusal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * Does a write at most once per Idempotency-Key, and gives its first answer to every retry.
 *
 * <p>The key, the work and the answer are one transaction: there is no moment at which the order exists but its key does
 * not. So a client, or mod_jk, may send a request again whenever it is unsure. Only successes are kept; a refused request
 * did nothing and is judged anew. The command migrate deletes keys after a week.
 */
@Component
public class IdempotentWrites {

    /** What a key may look like; UUIDs fit. */
    public static final String KEY_PATTERN = "[A-Za-z0-9_-]{8,64}";

    public static final String HEADER = "Idempotency-Key";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final JsonMapper json;

    IdempotentWrites(JdbcClient jdbc, PlatformTransactionManager transactions, JsonMapper json) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
        this.json = json;
    }

    /**
     * What a write made.
     *
     * @param location where it can be read
     * @param body the answer's body
     */
    public record Created(URI location, Object body) {}

    private record Stored(String requestHash, String location, String body) {}

    /**
     * @param key the request's Idempotency-Key
     * @param path the request's path: one key cannot serve two of them
     * @param request the validated request
     * @param work makes the thing; runs inside the transaction, may refuse by throwing
     * @return 201 with the body as JSON, from this call or from the first one
     * @throws Refusal 422 when the key was used for a different request
     */
    public ResponseEntity<String> once(String key, String path, Object request, Supplier<Created> work) {
        String hash = hash(path + "\n" + json.writeValueAsString(request));
        Optional<Stored> earlier = find(key);
        if (earlier.isPresent()) {
            return replay(key, hash, earlier.get());
        }
        try {
            return transaction.execute(status -> first(key, hash, work));
        } catch (DuplicateKeyException raced) {
            // The insert waited for the first request's transaction, which has committed by now; or the duplicate is the
            // work's own, and then there is nothing to replay.
            return replay(key, hash, find(key).orElseThrow(() -> raced));
        }
    }

    private ResponseEntity<String> first(String key, String hash, Supplier<Created> work) {
        jdbc.sql("INSERT INTO idempotency_key (idempotency_key, request_hash) VALUES (?, ?)")
                .params(key, hash)
                .update();
        Created created = work.get();
        String body = json.writeValueAsString(created.body());
        jdbc.sql("UPDATE idempotency_key SET location = ?, body = ? WHERE idempotency_key = ?")
                .params(created.location().toString(), body, key)
                .update();
        return answer(created.location().toString()).body(body);
    }

    private Optional<Stored> find(String key) {
        return jdbc.sql("SELECT request_hash, location, body FROM idempotency_key WHERE idempotency_key = ?")
                .param(key)
                .query(Stored.class)
                .optional();
    }

    private ResponseEntity<String> replay(String key, String hash, Stored stored) {
        if (!stored.requestHash().equals(hash)) {
            throw Refusal.unprocessable(
                    "idempotency-key-reused", "Idempotency-Key " + key + " was used for another request: use a new key");
        }
        return answer(stored.location())
                .header("Idempotent-Replayed", "true")
                .body(stored.body());
    }

    private static ResponseEntity.BodyBuilder answer(String location) {
        return ResponseEntity.created(URI.create(location)).contentType(MediaType.APPLICATION_JSON);
    }

    private static String hash(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JVM has SHA-256", impossible);
        }
    }
}
