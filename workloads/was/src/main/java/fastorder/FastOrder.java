package fastorder;

import fastorder.migration.MigrationCommand;
import java.io.IOException;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The doorway of the artefact: serves one of the three services, or runs one of the commands {@code migrate} and
 * {@code train} and ends.
 *
 * <p>Which service it is comes from {@code FASTORDER_SERVICE}, which application.yaml turns into the Spring profile of
 * the same name; a feature's beans carry {@code @Profile}, so the other two services' code is never wired.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class FastOrder {

    public static void main(String[] args) throws IOException {
        List<String> commands = List.of(args);
        if (commands.contains("migrate")) {
            // A web server would be in the way of a job, and auto-configuration would open pools as the service's user.
            SpringApplicationBuilder command = new SpringApplicationBuilder(MigrationCommand.class);
            System.exit(SpringApplication.exit(command.web(WebApplicationType.NONE).run(args)));
        }
        ConfigurableApplicationContext service = SpringApplication.run(FastOrder.class, args);
        if (commands.contains("train")) {
            new TrainingRun(service.getEnvironment()).run();
            System.exit(SpringApplication.exit(service));
        }
    }
}
