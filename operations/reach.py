"""Whether this machine reaches what a deployment is about to change inside the clusters.

Owns two questions: are the clusters there at all, and do their API servers answer from here? A deployment that finds
out by itself does so half-way, after the eks component has waited five minutes for each public endpoint. It asks the
stack's outputs and calls each server; it changes nothing and needs no credentials of a cluster.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SECONDS: Final = 10
"""A server in reach answers within one."""
_GUIDE: Final = "docs/runbooks/reach-a-private-cluster.md"


def objections(project: Path, stack: str) -> Iterator[str]:
    """Yield each reason why a stack's clusters cannot be filled from here, with the fix; a first pass need not ask."""
    servers = _servers(project, stack)
    if not servers:
        yield (
            f"clusters: {stack} has none yet, and nothing can be put into them; deploy once with "
            f"`clusters: {{ contents: false }}`, then push the images ({_GUIDE})"
        )
        return
    curl = shutil.which("curl")
    if curl is None:
        yield "curl: not found on PATH, and tells whether the API servers answer here; install it"
        return
    for role, server in servers.items():
        # Its certificate is its own authority's; that it answers is all that is asked.
        asked = [curl, "--silent", "--insecure", "--max-time", str(_SECONDS), "--output", "/dev/null", server]
        if subprocess.run(asked, check=False).returncode != 0:
            yield (
                f"clusters: the API server of {role} does not answer here; deploy from an address in "
                "clusters.publicEndpointCidrs, or from inside: on the runner, or a client in clusters.apiClients "
                f"({_GUIDE})"
            )


def _servers(project: Path, stack: str) -> dict[str, str]:
    """URL of each API server by the cluster's role; none for a stack that was never deployed."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        return {}
    command = [pulumi, "stack", "output", "api_servers", "--json", "--non-interactive", "--stack", stack]
    asked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project)
    try:
        answer: object = json.loads(asked.stdout) if asked.returncode == 0 else {}
    except ValueError:
        return {}
    return cast("dict[str, str]", answer) if isinstance(answer, dict) else {}
