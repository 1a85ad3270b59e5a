package fastorder.migration;

import fastorder.database.DatabaseSettings;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The database administrator's login: from the settings, or on AWS from the secret that RDS made and rotates. */
record Administrator(String username, String password) {

    /** @throws software.amazon.awssdk.core.exception.SdkException the job's role may not read the secret */
    static Administrator of(DatabaseSettings settings) {
        if (!settings.iam()) {
            return new Administrator(settings.adminUsername(), settings.adminPassword());
        }
        try (SecretsManagerClient client = SecretsManagerClient.create()) {
            String secret = client.getSecretValue(get -> get.secretId(settings.adminSecretArn())).secretString();
            JsonNode fields = JsonMapper.shared().readTree(secret);
            return new Administrator(fields.get("username").asString(), fields.get("password").asString());
        }
    }
}
