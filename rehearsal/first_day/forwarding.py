"""Ports of a machine that lead through the bastion: the `session-manager-plugin` of the rehearsal, and who asks.

The real AWS CLI starts the plugin once it has a session, and the plugin holds the port until it is ended. This one
listens nowhere: it keeps a locked file per port in the machine's home, by which `kubectl` finds where the port leads.
"""

from __future__ import annotations

import fcntl
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

_DOCUMENT: Final = "AWS-StartPortForwardingSessionToRemoteHost"
_VERSION: Final = "1.2.707.0"
"""One that takes the session by the environment, as the CLI does for newer ones."""


def forwarded_to(port: int) -> str | None:
    """Return the host that a port of this machine leads to, or None when nobody forwards it."""
    file = _file(port)
    if not file.is_file():
        return None
    with file.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return held.read()
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Hold a port as the CLI asks, until somebody ends this process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        sys.stdout.write(f"{_VERSION}\n")
        return 0
    asked: dict[str, Any] = json.loads(given[4])
    if asked["DocumentName"] != _DOCUMENT:
        sys.stderr.write(f"the rehearsal's session-manager-plugin knows {_DOCUMENT} only\n")
        return 1
    parameters: dict[str, list[str]] = asked["Parameters"]
    (host,), (port,), (local,) = (parameters[name] for name in ("host", "portNumber", "localPortNumber"))
    file = _file(int(local))
    file.parent.mkdir(exist_ok=True)
    with file.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write(f"listen tcp 127.0.0.1:{local}: bind: address already in use\n")
            return 1
        held.write(f"{host}:{port}")
        held.flush()
        sys.stdout.write(f"Port {local} opened for sessionId rehearsal.\nWaiting for connections...\n")
        sys.stdout.flush()
        signal.pause()
    return 0


def _file(port: int) -> Path:
    return Path.home() / ".forwards" / str(port)


if __name__ == "__main__":
    sys.exit(main())
