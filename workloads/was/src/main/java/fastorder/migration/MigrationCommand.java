package fastorder.migration;

import fastorder.ServiceSettings;
import fastorder.ServiceSettings.Service;
import fastorder.database.Connections;
import fastorder.database.DatabaseSettings;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * The command {@code migrate}: makes the service's schema, its database user and its tables, as the administrator.
 *
 * <p>Safe to run any number of times and by several jobs at once (Flyway locks; the rest is "if not exists"). The running
 * service never changes its schema: its user may only read and write rows.
 */
@EnableConfigurationProperties({ServiceSettings.class, DatabaseSettings.class})
public class MigrationCommand implements ApplicationRunner, ExitCodeGenerator {

    private static final Logger LOG = LoggerFactory.getLogger(MigrationCommand.class);

    private final Service service;
    private final DatabaseSettings settings;
    private int exitCode = 1;

    MigrationCommand(ServiceSettings service, DatabaseSettings settings) {
        this.service = service.service();
        this.settings = settings;
    }

    /** Logs a failure in one line, since that is all that a hook job's status shows of it. */
    @Override
    public void run(ApplicationArguments arguments) {
        try {
            migrate();
            exitCode = 0;
        } catch (SQLException | FlywayException | SdkException exception) {
            LOG.error("migrate failed: {}", exception.getMessage());
        }
    }

    @Override
    public int getExitCode() {
        return exitCode;
    }

    private void migrate() throws SQLException {
        Administrator login = Administrator.of(settings);
        DataSource administrator = new DriverManagerDataSource(
                settings.serverUrl(), Connections.ofAdministrator(settings, login.username(), login.password()));
        try (Connection connection = administrator.getConnection()) {
            for (String statement : preparation()) {
                execute(connection, statement);
            }
            if (!settings.iam()) {
                setPassword(connection);
            }
        }
        int applied = Flyway.configure()
                .dataSource(administrator)
                .schemas(settings.name())
                .defaultSchema(settings.name())
                .createSchemas(false)
                .locations("classpath:migrations/" + service.lowerCase())
                .load()
                .migrate()
                .migrationsExecuted;
        int purged = purgeKeys(administrator);
        LOG.info("schema {}: {} migrations applied, {} old idempotency keys deleted", settings.name(), applied, purged);
    }

    /** Identifiers were checked by {@link DatabaseSettings}. */
    private List<String> preparation() {
        String user = "'" + settings.username() + "'@'%'";
        List<String> statements = new ArrayList<>();
        statements.add("CREATE DATABASE IF NOT EXISTS `" + settings.name() + "` CHARACTER SET utf8mb4");
        statements.add("CREATE USER IF NOT EXISTS " + user
                + (settings.iam() ? " IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS' REQUIRE SSL" : ""));
        statements.add("GRANT SELECT, INSERT, UPDATE, DELETE ON `" + settings.name() + "`.* TO " + user);
        if (service == Service.PAY) {
            // Prices; a grant on a schema needs neither the schema nor its tables to exist yet.
            statements.add("GRANT SELECT ON `item`.* TO " + user);
        }
        return statements;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void setPassword(Connection connection) throws SQLException {
        String sql = "ALTER USER '" + settings.username() + "'@'%' IDENTIFIED BY ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, settings.password());
            statement.execute();
        }
    }

    /** A client that retries after a week has given up long ago; small bites keep locks short on a live table. */
    private int purgeKeys(DataSource administrator) throws SQLException {
        if (service == Service.ITEM) {
            return 0;
        }
        String sql = "DELETE FROM `" + settings.name() + "`.idempotency_key"
                + " WHERE created_at < NOW() - INTERVAL 7 DAY LIMIT 1000";
        int purged = 0;
        try (Connection connection = administrator.getConnection();
                Statement statement = connection.createStatement()) {
            int bite;
            do {
                bite = statement.executeUpdate(sql);
                purged += bite;
            } while (bite > 0);
        }
        return purged;
    }
}
