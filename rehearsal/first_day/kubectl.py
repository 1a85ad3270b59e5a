"""The `kubectl` command of the rehearsal: lists objects of a simulated cluster, as whoever calls from wherever he is.

Takes `kubectl [--context NAME] get KIND [--namespace NAME]` for a few kinds, by the kubeconfig that `aws eks
update-kubeconfig` wrote, and refuses the rest. Whether the API server is reached and lets the caller in is
`rehearsal.vantage`'s to say.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, cast

import yaml

from rehearsal.cloud import Cloud, JsonObject
from rehearsal.kubernetes.cluster import UnreachableError
from rehearsal.kubernetes.connection import approach, cluster_name
from rehearsal.vantage.access import ForbiddenError

_KINDS: Final = {"deployments": ("apps", "Deployment"), "namespaces": ("", "Namespace"), "secrets": ("", "Secret")}
_PROVIDER: Final = "kubernetes"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the names of what is there and return the exit code."""
    parser = argparse.ArgumentParser(prog="kubectl")
    parser.add_argument("--context")
    get = parser.add_subparsers(required=True).add_parser("get")
    get.add_argument("kind", choices=list(_KINDS))
    get.add_argument("--namespace", "-n", default="")
    options = parser.parse_args(arguments)
    file = Path.home() / ".kube" / "config"
    if not file.is_file():
        sys.stderr.write("The connection to the server localhost:8080 was refused: there is no kubeconfig\n")
        return 1
    kubeconfig = cast("JsonObject", yaml.safe_load(file.read_text()))
    if options.context:
        kubeconfig["current-context"] = options.context
    group, kind = _KINDS[options.kind]
    try:
        access = approach(kubeconfig)
        if access is not None:
            access.require("list", group, options.kind, namespace=options.namespace)
    except (UnreachableError, ForbiddenError) as error:
        sys.stderr.write(f"Error from server: {error}\n")
        return 1
    names = sorted(_names(Cloud.from_environment(), cluster_name(kubeconfig), kind, options.namespace))
    sys.stdout.write("\n".join(["NAME", *names]) + "\n" if names else "No resources found\n")
    # What the document promises to be there must be: kubectl itself would say the same and succeed.
    return 0 if names else 1


def _names(cloud: Cloud, cluster: str, kind: str, namespace: str) -> Iterator[str]:
    for thing in cloud.list(provider=_PROVIDER, location=cluster):
        manifests = thing.properties.get("manifest", [thing.properties])
        for manifest in cast("list[JsonObject]", manifests):
            about = manifest.get("metadata")
            if manifest.get("kind") == kind and isinstance(about, dict):
                inside = str(about.get("namespace") or thing.properties.get("namespace") or "")
                if kind == "Namespace" or inside == namespace:
                    yield str(about["name"])


if __name__ == "__main__":
    sys.exit(main())
