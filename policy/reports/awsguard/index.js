// Every rule advisory, as a mandatory one ends the run early. The certificate rule asks AWS, and the Redshift rule fails
// on clusters that leave something out: both stay off.
const { AwsGuard } = require("@pulumi/awsguard");

new AwsGuard({
    all: "advisory",
    acmCertificateExpiration: "disabled",
    redshiftClusterConfiguration: "disabled",
});
