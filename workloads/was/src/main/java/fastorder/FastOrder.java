package fastorder;

import fastorder.migration.MigrationCommand;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/**
 * The doorway of the artefact: serves one of the three services, or runs the command {@code migrate} and ends.
 *
 * <p>Which service it is comes from {@code FASTORDER_SERVICE}, which application.yaml turns into the Spring profile of
 * the same name; a feature's beans carry {@code @Profile}, so the other two services' code is never wired.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
public class FastOrder {

    public static void main(String[] args) {
        if (Arrays.asList(args).contains("migrate")) {
            // A web server would be in the way of a job, and auto-configuration would open pools as the service's user.
            SpringApplicationBuilder command = new SpringApplicationBuilder(MigrationCommand.class);
            System.exit(SpringApplication.exit(command.web(WebApplicationType.NONE).run(args)));
        } else {
            SpringApplication.run(FastOrder.class, args);
        }
    }
}
