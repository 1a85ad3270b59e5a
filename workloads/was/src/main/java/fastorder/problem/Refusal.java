package fastorder.problem;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** A refusal with a reason that the client can act on; answered as problem+json. */
public class Refusal extends ErrorResponseException {

    /**
     * @param status the HTTP status
     * @param kind last part of the problem's type, for programs: {@code urn:fastorder:<kind>}
     * @param detail the reason, for people
     */
    public Refusal(HttpStatus status, String kind, String detail) {
        super(status, Problems.of(status, kind, detail), null);
    }

    public static Refusal notFound(String what) {
        return new Refusal(HttpStatus.NOT_FOUND, "not-found", what + " does not exist");
    }

    public static Refusal conflict(String kind, String detail) {
        return new Refusal(HttpStatus.CONFLICT, kind, detail);
    }

    public static Refusal unprocessable(String kind, String detail) {
        return new Refusal(HttpStatus.UNPROCESSABLE_CONTENT, kind, detail);
    }

    @Override
    public String getMessage() {
        ProblemDetail body = getBody();
        return body.getTitle() + ": " + body.getDetail();
    }
}
