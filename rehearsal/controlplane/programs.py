"""The command lines of one cluster's four programs.

Owns flags. They aim at a small footprint on one machine and at what EKS enforces: RBAC, Pod Security Admission (on by
default), tokens of service accounts. etcd listens on a socket file in a private folder: nobody else can reach it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.controlplane.place import Place

# Go's collector would let each heap double; these servers hold little, so trade some CPU for memory.
_GO_ENVIRONMENT = {"GOGC": "50", "GOMAXPROCS": "2"}
_SHORT_LIVED_EVENTS = "15m"


@dataclass(frozen=True, kw_only=True)
class Program:
    """One program: its name (also that of the link to call it by), arguments and environment."""

    name: str
    arguments: list[str]
    environment: dict[str, str]


def programs(place: Place, sockets: Path) -> list[Program]:
    """The programs in the order in which they must start.

    Args:
        place: The cluster.
        sockets: A private folder with a short path (a socket's path is limited to 107 bytes); the programs must run in
            it.
    """
    return [_etcd(place), _api_server(place, sockets), _controllers(place), _scheduler(place)]


def _etcd(place: Place) -> Program:
    # Addresses must look like host and port: these are files named `client:0` and `peer:0` in the working folder.
    client, peer = "unix://client:0", "unix://peer:0"
    return _program(
        "etcd",
        f"--data-dir={place.folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        # A rehearsal may be lost with the machine, so no write waits for the disk.
        "--unsafe-no-fsync",
        "--auto-compaction-retention=10m",
        "--snapshot-count=5000",
        "--log-level=warn",
    )


def _api_server(place: Place, sockets: Path) -> Program:
    keys, described = place.keys, place.describe()
    return _program(
        "kube-apiserver",
        f"--etcd-servers=unix://{sockets}/client:0",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={described.port}",
        f"--tls-cert-file={keys.certificate('server')}",
        f"--tls-private-key-file={keys.key('server')}",
        f"--client-ca-file={keys.certificate('ca')}",
        f"--token-auth-file={place.tokens}",
        "--authorization-mode=Node,RBAC",
        f"--service-account-key-file={keys.key('service-accounts')}",
        f"--service-account-signing-key-file={keys.key('service-accounts')}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-cluster-ip-range={described.service_range}",
        f"--event-ttl={_SHORT_LIVED_EVENTS}",
        # As on EKS: privileged pods are a matter of Pod Security Admission, namespace by namespace.
        "--allow-privileged=true",
        "--profiling=false",
        "--min-request-timeout=300",
        "--shutdown-delay-duration=0s",
    )


def _controllers(place: Place) -> Program:
    keys = place.keys
    return _program(
        "kube-controller-manager",
        f"--kubeconfig={_configuration(place, 'kube-controller-manager')}",
        f"--service-account-private-key-file={keys.key('service-accounts')}",
        f"--root-ca-file={keys.certificate('ca')}",
        "--use-service-account-credentials=true",
        "--leader-elect=false",
        "--secure-port=0",
        # The nodes' simulator says itself when a node is lost; waiting for missed heartbeats would only cost time.
        "--controllers=*,-node-lifecycle-controller",
        "--profiling=false",
    )


def _scheduler(place: Place) -> Program:
    return _program(
        "kube-scheduler",
        f"--kubeconfig={_configuration(place, 'kube-scheduler')}",
        "--leader-elect=false",
        "--secure-port=0",
        "--profiling=false",
    )


def _configuration(place: Place, client: str) -> Path:
    file = place.keys.folder / f"{client}.kubeconfig"
    file.touch(mode=0o600)
    file.write_text(json.dumps(place.configuration(client)), encoding="utf-8")
    return file


def _program(name: str, *arguments: str) -> Program:
    return Program(name=name, arguments=list(arguments), environment=_GO_ENVIRONMENT)
