"""Runs the stand-in as a plugin process of the Pulumi engine."""

from rehearsal.aws.plugin import AwsProvider
from rehearsal.cloud import Cloud
from rehearsal.provider_plugin import serve

if __name__ == "__main__":
    serve(AwsProvider(Cloud.from_environment()))
