"""Runs an unpacked image with runc under what the namespace's `restricted` profile and the charts allow.

Owns the translation of a chart's security context into an OCI configuration: user 10001, no capabilities, read-only
root, no new privileges, a memory limit, mounts. The network is the host's; the images are told by their environment to
listen on the loopback address. What each image must do is in web.py and was.py.
"""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

UID = 10001
_STOP_SECONDS = 40
_PLACES = ("/", "/etc", "/opt", "/tmp", "/usr", "/var", "/run")  # noqa: S108 - asked about, not written to


@dataclass(frozen=True)
class Limits:
    """What the chart gives the container beside the image.

    Attributes:
        environment: Further environment variables.
        memory: Limit in MiB.
        read_only: Folder inside to folder of this machine.
        writable: The same for the places that the container may write to.
    """

    environment: Mapping[str, str]
    memory: int
    read_only: Mapping[str, Path] = field(default_factory=dict["str", "Path"])
    writable: Mapping[str, Path] = field(default_factory=dict["str", "Path"])


class Container:
    """An image, running while its context is open.

    Args:
        bundle: Folder with config.json and rootfs, as umoci unpacks an image.
        name: Name of the container, unique on this machine.
        limits: What it is given.
        stop_signal: Name of the signal that ends it in its own way.
    """

    def __init__(self, bundle: Path, name: str, limits: Limits, stop_signal: str) -> None:
        self._bundle = bundle
        self._name = name
        self._stop_signal = stop_signal
        self._restrict(limits)
        self.exit_status = -1
        """How the process ended; -1 while it runs."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(["runc", "run", "--bundle", str(self._bundle), self._name])
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        # To the first process inside: runc itself takes WINCH for a resized terminal.
        subprocess.run(["runc", "kill", self._name, self._stop_signal], check=False)
        try:
            self.exit_status = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            subprocess.run(["runc", "delete", "--force", self._name], check=True)

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> float:
        """Wait until `ready` holds and return how many seconds that took.

        Raises:
            RuntimeError: The container ended first, or `seconds` passed.
        """
        began = time.monotonic()
        while not ready():
            if self._process.poll() is not None or time.monotonic() > began + seconds:
                raise RuntimeError(f"{self._name} was not ready within {seconds:g} s; its messages are above")
            time.sleep(0.05)
        return time.monotonic() - began

    def writable(self) -> list[str]:
        """Return which places that must not be writable are, as the container's own user finds them."""
        script = f"for f in {' '.join(_PLACES)}; do [ -w $f ] && echo $f; done; true"
        command = ["runc", "exec", self._name, "/bin/sh", "-c", script]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        return result.stdout.split()

    def _restrict(self, limits: Limits) -> None:
        path = self._bundle / "config.json"
        config: dict[str, Any] = json.loads(path.read_text())
        process = config["process"]
        if process["user"]["uid"] != UID:
            raise RuntimeError(f"the image runs as user {process['user']['uid']}, not as {UID}: correct its USER line")
        process["terminal"] = False
        process["noNewPrivileges"] = True
        process["capabilities"] = {
            kind: [] for kind in ("bounding", "effective", "permitted", "inheritable", "ambient")
        }
        process["env"] += [f"{name}={value}" for name, value in limits.environment.items()]
        config["root"]["readonly"] = True
        config["mounts"] += [_bind(inside, folder, "ro") for inside, folder in limits.read_only.items()]
        config["mounts"] += [_bind(inside, folder, "rw") for inside, folder in limits.writable.items()]
        linux = config["linux"]
        linux["namespaces"] = [space for space in linux["namespaces"] if space["type"] != "network"]
        memory = {"limit": limits.memory * 1024 * 1024}
        linux["resources"] = {"memory": memory, "devices": [{"allow": False, "access": "rwm"}]}
        path.write_text(json.dumps(config))


def _bind(inside: str, folder: Path, mode: str) -> dict[str, Any]:
    options = ["bind", mode, "nosuid", "nodev", *(["noexec"] if mode == "rw" else [])]
    return {"destination": inside, "type": "bind", "source": str(folder), "options": options}
