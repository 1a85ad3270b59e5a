package fastorder.pay;

import fastorder.problem.Refusal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Receipts as files in the folder that all pods share (EFS): written once an order is paid, read by any pod.
 *
 * <p>A network file system can hang without end, so its calls run on two threads of their own and nobody waits longer than
 * {@link #PATIENCE_MILLIS}. A receipt says nothing that the order does not: when the file is missing or out of reach it is
 * made from the order again, and {@code fastorder.receipts.failed} counts that the folder failed.
 */
@Component
@Profile("pay")
class Receipts implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(Receipts.class);

    private static final long PATIENCE_MILLIS = 1_000;

    private final Path directory;
    private final JsonMapper json;
    private final Counter failed;
    private final ThreadPoolExecutor files =
            new ThreadPoolExecutor(2, 2, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(200));

    /** @param directory the shared folder; made when it does not exist */
    @ConfigurationProperties("fastorder.receipts")
    record Settings(Path directory) {}

    /** Published inside the paying transaction; heard after its commit. */
    record OrderPaid(Receipt receipt) {}

    /** @param total whole Korean won */
    record Receipt(UUID orderId, int theatreId, Instant placedAt, long total, List<Order.Line> lines) {

        static Receipt of(Order order) {
            return new Receipt(order.id(), order.theatreId(), order.placedAt(), order.total(), order.lines());
        }
    }

    Receipts(Settings settings, JsonMapper json, MeterRegistry meters) {
        this.directory = settings.directory();
        this.json = json;
        this.failed = Counter.builder("fastorder.receipts.failed")
                .description("Receipt files that could not be written or read in time")
                .register(meters);
    }

    /** Does not wait: the payment stands with or without its file. */
    @TransactionalEventListener
    void write(OrderPaid paid) {
        try {
            files.execute(() -> {
                try {
                    store(paid.receipt());
                } catch (IOException | RuntimeException exception) {
                    failed(paid.receipt().orderId(), exception);
                }
            });
        } catch (RejectedExecutionException exception) {
            failed(paid.receipt().orderId(), exception);
        }
    }

    /**
     * @param order as the database has it
     * @throws Refusal 409 when the order was never paid
     */
    Receipt read(Order order) {
        if (order.state() == OrderState.PLACED) {
            throw Refusal.conflict("not-paid", "order " + order.id() + " is not paid: there is no receipt");
        }
        Callable<Receipt> loadOrRestore = () -> {
            try {
                return json.readValue(Files.readAllBytes(file(order.id())), Receipt.class);
            } catch (NoSuchFileException missing) {
                return store(Receipt.of(order));
            }
        };
        try {
            return files.submit(loadOrRestore).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | RejectedExecutionException | JacksonException exception) {
            failed(order.id(), exception);
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
        }
        return Receipt.of(order);
    }

    /** Under another name first, then renamed: no reader on any pod ever sees half a file. */
    private Receipt store(Receipt receipt) throws IOException {
        Path target = file(receipt.orderId());
        Files.createDirectories(target.getParent());
        Path part = Files.createTempFile(target.getParent(), receipt.orderId().toString(), ".part");
        Files.write(part, json.writeValueAsBytes(receipt));
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        return receipt;
    }

    /** Spread over 256 folders: one folder with millions of files is slow to list. */
    private Path file(UUID orderId) {
        String name = orderId.toString();
        return directory.resolve(name.substring(0, 2)).resolve(name + ".json");
    }

    private void failed(UUID orderId, Exception exception) {
        failed.increment();
        LOG.warn("receipt of order {} not in the shared folder {}: {}", orderId, directory, exception.toString());
    }

    @Override
    public void destroy() throws InterruptedException {
        files.shutdown();
        files.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
