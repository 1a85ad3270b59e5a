"""Where one cluster keeps what, and what it is: `<cloud folder>/clusters/<name>/`."""

from __future__ import annotations

import base64
import json
import secrets
import socket
import zlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from rehearsal.controlplane.certificates import Keys, make_keys

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.cloud import JsonObject

# Below the range that the kernel hands out by itself, so that a stopped cluster finds its port free again.
_FIRST_PORT, _LAST_PORT = 21000, 31999


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a cluster is: written when it is made, kept over stops and starts."""

    name: str
    version: str
    """Kubernetes version, like 1.36."""
    port: int
    """TCP port of the API server on 127.0.0.1."""
    region: str
    """AWS region, whose zones the nodes are in."""
    service_range: str
    """Addresses of Services."""


@dataclass(frozen=True)
class Place:
    """The folder of one cluster."""

    folder: Path

    @property
    def keys(self) -> Keys:
        """Keys and certificates, made on first use."""
        return make_keys(self.folder / "keys")

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig for people and for Helm: administrator by client certificate."""
        return self.folder / "kubeconfig"

    @property
    def tokens(self) -> Path:
        """The server's file of static tokens, with the one that stands for what `aws eks get-token` answers."""
        return self.folder / "tokens.csv"

    @property
    def token(self) -> str:
        """The token of whoever deploys, an administrator."""
        return self.tokens.read_text(encoding="utf-8").split(",")[0]

    @property
    def logs(self) -> Path:
        """What the programs wrote, one file each."""
        return self.folder / "logs"

    @property
    def faults(self) -> Path:
        """Orders to the node simulator; see `rehearsal.nodes.faults`."""
        return self.folder / "faults.json"

    @property
    def supervisor(self) -> Path:
        """Process id of the supervisor that runs this cluster."""
        return self.folder / "supervisor.pid"

    @property
    def ready(self) -> Path:
        """Exists while the API server answers and the nodes' simulator runs."""
        return self.folder / "ready"

    @property
    def endpoint(self) -> str:
        """URL of the API server."""
        return f"https://127.0.0.1:{self.describe().port}"

    def describe(self) -> Description:
        """What the cluster is; raises `FileNotFoundError` when there is none here."""
        return Description(**json.loads((self.folder / "cluster.json").read_text(encoding="utf-8")))

    def create(self, *, name: str, version: str, region: str, service_range: str) -> None:
        """Describes the cluster and makes its keys; a changed version (an upgrade) keeps everything else."""
        self.logs.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        try:
            port = self.describe().port
        except FileNotFoundError:
            port = _free_port(self.folder)
        self._write(Description(name=name, version=version, port=port, region=region, service_range=service_range))

    def claim_port(self) -> None:
        """Before a start: moves the cluster to another port when somebody else has taken its own."""
        described = self.describe()
        if not _is_free(described.port):
            self._write(replace(described, port=_free_port(self.folder)))

    def _write(self, described: Description) -> None:
        make_keys(self.folder / "keys")  # before the description: who sees that may start the cluster at once
        if not self.tokens.exists():
            self.tokens.touch(mode=0o600)
            self.tokens.write_text(f'{secrets.token_urlsafe()},deployer,deployer,"system:masters"\n', encoding="utf-8")
        new = self.folder / "cluster.json.new"
        new.write_text(json.dumps(asdict(described)), encoding="utf-8")
        new.replace(self.folder / "cluster.json")
        self.kubeconfig.touch(mode=0o600)
        self.kubeconfig.write_text(json.dumps(self.configuration("admin")), encoding="utf-8")

    def configuration(self, client: str) -> JsonObject:
        """A kubeconfig for one of the clients in `certificates.CLIENTS`."""
        keys, name = self.keys, self.describe().name

        def encoded(path: Path) -> str:
            return base64.b64encode(path.read_bytes()).decode()

        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": name,
                    "cluster": {"server": self.endpoint, "certificate-authority-data": encoded(keys.certificate("ca"))},
                }
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": client}}],
            "current-context": name,
            "users": [
                {
                    "name": client,
                    "user": {
                        "client-certificate-data": encoded(keys.certificate(client)),
                        "client-key-data": encoded(keys.key(client)),
                    },
                }
            ],
        }


def _free_port(folder: Path) -> int:
    """A port that is free now and probably stays so: each cluster begins to look at a place of its own."""
    count = _LAST_PORT - _FIRST_PORT + 1
    begin = zlib.crc32(str(folder).encode())
    for offset in range(count):
        port = _FIRST_PORT + (begin + offset) % count
        if _is_free(port):
            return port
    message = f"no free TCP port on 127.0.0.1 from {_FIRST_PORT} to {_LAST_PORT}"
    raise OSError(message)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: a port that only waits out old connections is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
