package fastorder.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseSettingsTest {

    @Test
    void anIamLoginVerifiesTheServerAndCarriesNoPassword() {
        Properties properties = Connections.ofService(settings("pay", 2, true));

        assertThat(properties)
                .containsEntry("wrapperPlugins", "iam")
                .containsEntry("sslMode", "VERIFY_IDENTITY")
                .containsEntry("trustCertificateKeyStoreUrl", "file:/opt/rds.p12")
                .doesNotContainKey("password");
    }

    @Test
    void noConnectionAsksForTheTopologyWhoseMonitorWouldKeepAPausingDatabaseAwake() {
        assertThat(Connections.ofService(settings("pay", 0, true))).containsEntry("wrapperDialect", "mysql");
    }

    @Test
    void aDatabaseThatMayPauseGetsTimeToResume() {
        assertThat(settings("pay", 0, false).connectionTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings("pay", 2, false).connectionTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(Connections.ofService(settings("pay", 0, false))).containsEntry("socketTimeout", "30000");
    }

    @Test
    void theReaderIsTheWriterWhereNoneIsNamed() {
        DatabaseSettings settings = settings("pay", 2, false);
        assertThat(settings.readerUrl()).isEqualTo(settings.writerUrl()).isEqualTo("jdbc:aws-wrapper:mysql://w:3306/pay");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pay`; DROP DATABASE pay; --", "pay'@'%", "Pay", "1pay"})
    void aNameThatIsNoPlainIdentifierIsRefused(String name) {
        assertThatThrownBy(() -> settings(name, 2, false)).hasMessageContaining("DB_NAME");
    }

    private static DatabaseSettings settings(String name, int minimumIdle, boolean iam) {
        return new DatabaseSettings(
                "w", "", 3306, 0, name, "pay", "secret", minimumIdle, 10, null, iam, "/opt/rds.p12", "arn:of:the:secret",
                "root", "");
    }
}
