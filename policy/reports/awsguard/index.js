// Every rule advisory, as a mandatory one ends the run early; the certificate rule asks AWS and stays off.
const { AwsGuard } = require("@pulumi/awsguard");

new AwsGuard({ all: "advisory", acmCertificateExpiration: "disabled" });
