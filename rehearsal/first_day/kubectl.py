"""The `kubectl` command of the rehearsal: lists objects of a simulated cluster, as whoever calls from wherever he is.

Takes `kubectl [--context NAME] get KIND [--namespace NAME]` for a few kinds, by the kubeconfig that `aws eks
update-kubeconfig` wrote, and `kubectl config set-cluster`, by which a port that leads through the bastion comes into
it; refuses the rest. Whether the API server is reached and lets the caller in is `rehearsal.vantage`'s to say.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit

import yaml

from rehearsal.cloud import Cloud, JsonObject
from rehearsal.first_day.forwarding import forwarded_to
from rehearsal.kubernetes.cluster import UnreachableError
from rehearsal.kubernetes.connection import approach, cluster_name
from rehearsal.vantage.access import ForbiddenError
from rehearsal.vantage.places import VARIABLE, Place

_KINDS: Final = {"deployments": ("apps", "Deployment"), "namespaces": ("", "Namespace"), "secrets": ("", "Secret")}
_PROVIDER: Final = "kubernetes"
_HERE: Final = "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    parser = argparse.ArgumentParser(prog="kubectl")
    parser.add_argument("--context")
    verbs = parser.add_subparsers(dest="verb", required=True)
    get = verbs.add_parser("get")
    get.add_argument("kind", choices=list(_KINDS))
    get.add_argument("--namespace", "-n", default="")
    config = verbs.add_parser("config").add_subparsers(required=True).add_parser("set-cluster")
    config.add_argument("name")
    config.add_argument("--server", required=True)
    config.add_argument("--tls-server-name", required=True)
    options = parser.parse_args(arguments)
    file = Path.home() / ".kube" / "config"
    if not file.is_file():
        sys.stderr.write("The connection to the server localhost:8080 was refused: there is no kubeconfig\n")
        return 1
    kubeconfig = cast("JsonObject", yaml.safe_load(file.read_text()))
    if options.verb == "config":
        _cluster(kubeconfig, options.name).update(
            {"server": options.server, "tls-server-name": options.tls_server_name}
        )
        file.write_text(yaml.safe_dump(kubeconfig))
        return 0
    if options.context:
        kubeconfig["current-context"] = options.context
    return _get(kubeconfig, options.kind, options.namespace)


def _get(kubeconfig: JsonObject, plural: str, namespace: str) -> int:
    group, kind = _KINDS[plural]
    try:
        _follow_forwarding(kubeconfig)
        access = approach(kubeconfig)
        if access is not None:
            access.require("list", group, plural, namespace=namespace)
    except (UnreachableError, ForbiddenError) as error:
        sys.stderr.write(f"Error from server: {error}\n")
        return 1
    names = sorted(_names(Cloud.from_environment(), cluster_name(kubeconfig), kind, namespace))
    sys.stdout.write("\n".join(["NAME", *names]) + "\n" if names else "No resources found\n")
    # What the document promises to be there must be: kubectl itself would say the same and succeed.
    return 0 if names else 1


def _follow_forwarding(kubeconfig: JsonObject) -> None:
    """Call from the bastion where the server is a port of this machine that leads through it."""
    contexts = cast("list[JsonObject]", kubeconfig["contexts"])
    context = next(one["context"] for one in contexts if one["name"] == kubeconfig["current-context"])
    cluster = _cluster(kubeconfig, str(cast("JsonObject", context)["cluster"]))
    server = urlsplit(str(cluster["server"]))
    if server.hostname != _HERE:
        return
    leads_to = forwarded_to(server.port or 443)
    if leads_to is None:
        raise UnreachableError(f"dial tcp {server.netloc}: connect: connection refused")
    if leads_to != f"{cluster['tls-server-name']}:443":
        raise UnreachableError(f"x509: certificate is valid for {leads_to}, not {cluster['tls-server-name']}")
    os.environ[VARIABLE] = Place.BASTION.value


def _cluster(kubeconfig: JsonObject, name: str) -> JsonObject:
    clusters = cast("list[JsonObject]", kubeconfig["clusters"])
    return cast("JsonObject", next(one["cluster"] for one in clusters if one["name"] == name))


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
