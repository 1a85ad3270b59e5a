package fastorder.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Recognizes a server that has become read-only, and drops the connection to it.
 *
 * <p>After a failover the old writer lives on as a reader: its connections stay open, pass every liveness check and refuse
 * every write until their lifetime ends. A dropped one is made anew through the cluster's endpoint, which follows the
 * writer.
 */
public final class DemotedWriter implements SQLExceptionOverride {

    /** ER_OPTION_PREVENTS_STATEMENT, what {@code read_only} says. */
    private static final int READ_ONLY = 1290;

    /** ER_READ_ONLY_MODE, what {@code innodb_read_only} says, which is set on Aurora's readers. */
    private static final int READ_ONLY_ENGINE = 1836;

    public static boolean recognize(SQLException exception) {
        return exception.getErrorCode() == READ_ONLY || exception.getErrorCode() == READ_ONLY_ENGINE;
    }

    @java.lang.Override
    public Override adjudicate(SQLException exception) {
        return recognize(exception) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
    }
}
