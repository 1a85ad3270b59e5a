import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/**
 * Turns a bundle of PEM certificates into the PKCS12 file that MySQL's driver reads; run while the image is built.
 *
 * <p>keytool would take one certificate and one JVM start at a time, and the bundle of RDS has more than a hundred.
 */
class TrustStore {

    /** @param args the PEM bundle, the PKCS12 file to write */
    public static void main(String[] args) throws Exception {
        // The store holds public certificates only; PKCS12 demands some password, and the driver must know it.
        char[] password = "changeit".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, password);
        try (InputStream bundle = Files.newInputStream(Path.of(args[0]))) {
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(bundle)) {
                store.setCertificateEntry("rds-" + store.size(), certificate);
            }
        }
        if (store.size() == 0) {
            throw new IllegalArgumentException(args[0] + " holds no certificate: pass the RDS bundle as RDS_CA_BUNDLE");
        }
        try (OutputStream file = Files.newOutputStream(Path.of(args[1]))) {
            store.store(file, password);
        }
    }
}
