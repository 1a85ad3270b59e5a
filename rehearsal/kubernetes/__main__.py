"""Runs the stand-in as a Pulumi plugin process: prints its port, serves on 127.0.0.1 until the engine ends it."""

from rehearsal.kubernetes.plugin import KubernetesPlugin
from rehearsal.provider_plugin import serve

if __name__ == "__main__":
    serve(KubernetesPlugin())
