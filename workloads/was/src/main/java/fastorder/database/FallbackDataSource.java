package fastorder.database;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Reads from the writer while no reader can be reached: slower for everybody, but nobody is turned away. */
final class FallbackDataSource extends DelegatingDataSource {

    private static final Logger LOG = LoggerFactory.getLogger(FallbackDataSource.class);

    private final DataSource reader;
    private final DataSource writer;

    FallbackDataSource(DataSource reader, DataSource writer) {
        super(reader);
        this.reader = reader;
        this.writer = writer;
    }

    @Override
    public Connection getConnection() throws SQLException {
        try {
            return reader.getConnection();
        } catch (SQLException exception) {
            LOG.debug("no connection to the reader, taking the writer: {}", exception.getMessage());
            return writer.getConnection();
        }
    }
}
