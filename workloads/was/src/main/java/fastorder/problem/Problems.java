package fastorder.problem;

import fastorder.database.DemotedWriter;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.transaction.TransactionException;
import org.springframework.validation.FieldError;
import org.springframework.validation.method.ParameterValidationResult;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Turns every failure into problem+json (RFC 9457) with the request id, and tells the client whether trying again helps.
 *
 * <p>503 = the database is away and the write may or may not have happened: send the same request with the same
 * Idempotency-Key again. 409 with type {@code retry} = it lost a lock and did not happen.
 */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class Problems extends ResponseEntityExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    static ProblemDetail of(HttpStatus status, String kind, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create("urn:fastorder:" + kind));
        return problem;
    }

    @ExceptionHandler(PessimisticLockingFailureException.class)
    ResponseEntity<ProblemDetail> lostLock(PessimisticLockingFailureException exception) {
        LOG.info("lost a lock: {}", exception.getMessage());
        return retry(HttpStatus.CONFLICT, "retry", "Another request holds the same order or key; try again");
    }

    /**
     * A connection that is not to be had, or broke, shows as one of these, according to the moment. The list is closed on
     * purpose: a wrong statement must stay a 500.
     */
    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class,
        RecoverableDataAccessException.class,
        TransactionException.class
    })
    ResponseEntity<ProblemDetail> databaseAway(RuntimeException exception) {
        LOG.warn("database unavailable: {}", rootMessage(exception));
        return retry(
                HttpStatus.SERVICE_UNAVAILABLE,
                "database-unavailable",
                "The database cannot be reached; try again with the same Idempotency-Key");
    }

    @ExceptionHandler(UncategorizedSQLException.class)
    ResponseEntity<ProblemDetail> demotedWriter(UncategorizedSQLException exception) {
        SQLException cause = exception.getSQLException();
        return cause != null && DemotedWriter.recognize(cause) ? databaseAway(exception) : unexpected(exception);
    }

    @ExceptionHandler(Exception.class)
    ResponseEntity<ProblemDetail> unexpected(Exception exception) {
        LOG.error("unexpected failure", exception);
        ProblemDetail problem =
                of(HttpStatus.INTERNAL_SERVER_ERROR, "unexpected", "Something failed here; the request id finds it");
        return ResponseEntity.internalServerError().body(withRequestId(problem));
    }

    /** Names the fields; a controller method with a constrained header reports its body's errors here too. */
    @Override
    protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException exception, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        List<Map<String, String>> errors = exception.getParameterValidationResults().stream()
                .flatMap(result -> result.getResolvableErrors().stream().map(error -> Map.of(
                        "field", error instanceof FieldError field ? field.getField() : nameOf(result),
                        "message", String.valueOf(error.getDefaultMessage()))))
                .toList();
        exception.getBody().setProperty("errors", errors);
        return super.handleHandlerMethodValidationException(exception, headers, status, request);
    }

    private static String nameOf(ParameterValidationResult result) {
        RequestHeader header = result.getMethodParameter().getParameterAnnotation(RequestHeader.class);
        return header != null ? header.value() : String.valueOf(result.getMethodParameter().getParameterName());
    }

    @Override
    protected ResponseEntity<Object> createResponseEntity(
            @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (body instanceof ProblemDetail problem) {
            withRequestId(problem);
        }
        return super.createResponseEntity(body, headers, status, request);
    }

    private static ResponseEntity<ProblemDetail> retry(HttpStatus status, String kind, String detail) {
        return ResponseEntity.status(status)
                .header(HttpHeaders.RETRY_AFTER, "2")
                .body(withRequestId(of(status, kind, detail)));
    }

    private static ProblemDetail withRequestId(ProblemDetail problem) {
        problem.setProperty("requestId", MDC.get("requestId"));
        return problem;
    }

    private static String rootMessage(Throwable throwable) {
        Throwable root = throwable;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }
}
