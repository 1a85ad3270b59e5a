"""Whether this machine reaches what a deployment is about to change inside the clusters, and is let in there.

Owns two questions: are the clusters there at all, and does each API server let the caller of this process in? A
deployment that finds out by itself does so half-way: the eks component waits five minutes for each public endpoint, and
the Kubernetes provider asks once and gives the run up. Access entries are eventually consistent, so a server that
refuses is asked again for a while. It reads the stack's outputs and one list of namespaces, and changes nothing.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from operations.aws_cli import Aws, NotAskedError, RefusedError

_SECONDS: Final = 10
"""A server in reach answers within one."""
_PAUSES: Final = (1, 2, 4, 8, 15, 30, 60)
"""Seconds between questions to a server that refuses. The EKS user guide ("Create access entries") speaks of several
seconds until an entry is effective; others have waited for minutes."""
_ALLOWED, _UNKNOWN, _FORBIDDEN = "200", "401", "403"
_ABSENT: Final = "ResourceNotFoundException"
_LIST: Final = "/api/v1/namespaces?limit=1"
"""What everybody who fills a cluster may read, and nobody by being known alone."""
_GUIDE: Final = "docs/runbooks/reach-a-private-cluster.md"


@dataclass(frozen=True)
class _Cluster:
    """One cluster: the role that it plays, its name, and what asks AWS about it."""

    role: str
    name: str
    aws: Aws

    def status(self) -> str:
        """Return the HTTP status that the server answers the caller with, or the reason why there is none."""
        about = self.aws("eks", "describe-cluster", "--name", self.name)["cluster"]
        token = self.aws("eks", "get-token", "--cluster-name", self.name)["status"]["token"]
        with tempfile.NamedTemporaryFile() as authority:
            # The token goes to nobody but the cluster that AWS describes, and not into the list of processes.
            authority.write(base64.b64decode(about["certificateAuthority"]["data"]))
            authority.flush()
            asked = subprocess.run(
                ["curl", "--silent", "--show-error", "--max-time", str(_SECONDS), "--cacert", authority.name,
                 "--config", "-", "--output", "/dev/null", "--write-out", "%{http_code}", about["endpoint"] + _LIST],
                input=f'header = "Authorization: Bearer {token}"\n',
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        return asked.stdout.strip() if asked.returncode == 0 else asked.stderr.strip() or f"curl: {asked.returncode}"


def objections(project: Path, stack: str, aws: Aws, sleep: Callable[[float], None] = time.sleep) -> Iterator[str]:
    """Yield each reason why a stack's clusters cannot be filled from here, with the fix; a first pass need not ask.

    Args:
        project: Folder of the program.
        stack: Its stack.
        aws: Asks AWS, in the stack's region, as whoever is about to deploy.
        sleep: Waits for so many seconds.
    """
    names = _names(project, stack)
    if not names:
        yield _none(f"a cluster of {stack}")
        return
    if shutil.which("curl") is None:
        yield "curl: not found on PATH, and tells whether the API servers answer here; install it"
        return
    for role, name in names.items():
        try:
            yield from _refusals(_Cluster(role, name, aws), sleep)
        except (NotAskedError, RefusedError) as error:
            absent = isinstance(error, RefusedError) and error.code == _ABSENT
            yield _none(name) if absent else f"clusters: AWS could not be asked about {name}: {error}"


def _none(where: str) -> str:
    return (
        f"clusters: {where} is not there yet, and nothing can be put into it; deploy once with "
        f"`clusters: {{ contents: false }}`, then push the images ({_GUIDE})"
    )


def _refusals(cluster: _Cluster, sleep: Callable[[float], None]) -> Iterator[str]:
    status = cluster.status()
    for pause in _PAUSES:
        if status not in {_UNKNOWN, _FORBIDDEN}:
            break
        sleep(pause)
        status = cluster.status()
    if status in {_UNKNOWN, _FORBIDDEN}:
        caller = cluster.aws("sts", "get-caller-identity")["Arn"]
        lacks = "access entry" if status == _UNKNOWN else "access policy that lets it list namespaces"
        yield (
            f"clusters: the API server of {cluster.role} ({cluster.name}) answers {status} to {caller}, still after "
            f"{sum(_PAUSES)} seconds: it has no {lacks}; deploy as account.deployerRoleArn or a role of "
            f"clusters.adminRoleArns, which a pass with `clusters: {{ contents: false }}` lets in ({_GUIDE})"
        )
    elif status != _ALLOWED:
        yield (
            f"clusters: the API server of {cluster.role} ({cluster.name}) does not answer here ({status}); deploy from "
            "an address in clusters.publicEndpointCidrs, or from inside: on the runner, or a client in "
            f"clusters.apiClients ({_GUIDE})"
        )


def _names(project: Path, stack: str) -> dict[str, str]:
    """Name of each cluster by its role; none for a stack that was never deployed."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        return {}
    command = [pulumi, "stack", "output", "clusters", "--json", "--non-interactive", "--stack", stack]
    asked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)
    try:
        answer: object = json.loads(asked.stdout) if asked.returncode == 0 else {}
    except ValueError:
        return {}
    return cast("dict[str, str]", answer) if isinstance(answer, dict) else {}
