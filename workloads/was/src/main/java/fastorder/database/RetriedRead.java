package fastorder.database;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.resilience.annotation.Retryable;

/**
 * Reads again when the connection turns out to be dead: the pool does not test one that was used half a second ago, so a
 * server that dies leaves some that fail on their next statement. Two more attempts find the fallback or a fresh one.
 *
 * <p>Never on a write: {@link fastorder.idempotency.IdempotentWrites} leaves repeating to the client, who has the key.
 */
@Retryable(
        includes = {DataAccessResourceFailureException.class, RecoverableDataAccessException.class},
        maxRetries = 2,
        delay = 0)
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface RetriedRead {}
