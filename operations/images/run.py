"""Runs an unpacked image with runc under what the namespace's `restricted` profile and the chart allow.

Owns the translation of the chart's security context into an OCI configuration: user 10001, no capabilities, read-only
root, no new privileges, a memory limit, the chart's own configuration mounted, one writable folder. The network is
the host's, with httpd told to listen on the loopback address.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from operations.app.processes import accepts, free_port
from operations.app.web import rendered

if TYPE_CHECKING:
    from types import TracebackType

_MEMORY_BYTES = 256 * 1024 * 1024
_START_SECONDS = 20
_STOP_SECONDS = 30
_UID = 10001


class Container:
    """The WEB image, running while its context is open.

    Args:
        bundle: Folder with config.json and rootfs, as umoci unpacks an image.
        folder: Private folder for the rendered configuration.
        helm: Path of Helm.
    """

    def __init__(self, bundle: Path, folder: Path, helm: Path) -> None:
        self._bundle = bundle
        self._name = f"fastorder-web-{free_port()}"
        self._port = free_port()
        self._config, self._run = folder / "config", folder / "run-httpd"
        self._config.mkdir()
        self._run.mkdir()
        shutil.chown(self._run, _UID, _UID)
        nowhere = {service: (free_port(), ["127.0.0.1"]) for service in ("user", "item", "pay")}
        for name, text in rendered(helm, nowhere).items():
            (self._config / name).write_text(text)
        self._restrict()
        self.exit_status = -1
        """How the process ended; -1 while it runs."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(["runc", "run", "--bundle", str(self._bundle), self._name])  # noqa: S603, S607
        deadline = time.monotonic() + _START_SECONDS
        while not accepts("127.0.0.1", self._port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the image did not listen within {_START_SECONDS} s; its messages are above")
            time.sleep(0.1)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        # To the first process inside: runc itself takes this signal for a resized terminal.
        subprocess.run(["runc", "kill", self._name, "WINCH"], check=True)  # noqa: S603, S607
        try:
            self.exit_status = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            subprocess.run(["runc", "delete", "--force", self._name], check=True)  # noqa: S603, S607

    def get(self, path: str) -> int:
        """Return the status that httpd answers with."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        connection.request("GET", path)
        return connection.getresponse().status

    def writable(self) -> str:
        """Return which of the places that must not be writable are, as the container's own user finds them."""
        script = (
            "for f in / /etc /etc/fastorder /usr/share/fastorder/static /tmp /var; do [ -w $f ] && echo $f; done; true"
        )
        command = ["runc", "exec", self._name, "/bin/sh", "-c", script]
        result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        return result.stdout.strip().replace("\n", " ")

    def _restrict(self) -> None:
        path = self._bundle / "config.json"
        config: dict[str, Any] = json.loads(path.read_text())
        process = config["process"]
        if process["user"]["uid"] != _UID:
            raise RuntimeError(f"the image runs as user {process['user']['uid']}, not as {_UID}: correct its USER line")
        process["terminal"] = False
        process["noNewPrivileges"] = True
        process["capabilities"] = {
            kind: [] for kind in ("bounding", "effective", "permitted", "inheritable", "ambient")
        }
        process["env"] += [f"HTTPD_LISTEN=127.0.0.1:{self._port}", f"HTTPD_STATUS=127.0.0.1:{free_port()}"]
        process["env"].append("AJP_SECRET=only-for-this-run-of-the-image")
        config["root"]["readonly"] = True
        config["mounts"] += [
            {
                "destination": "/etc/fastorder",
                "type": "bind",
                "source": str(self._config),
                "options": ["bind", "ro"],
            },
            {
                "destination": "/run/httpd",
                "type": "bind",
                "source": str(self._run),
                "options": ["bind", "rw", "nosuid", "nodev", "noexec"],
            },
        ]
        linux = config["linux"]
        linux["namespaces"] = [space for space in linux["namespaces"] if space["type"] != "network"]
        linux["resources"] = {"memory": {"limit": _MEMORY_BYTES}, "devices": [{"allow": False, "access": "rwm"}]}
        path.write_text(json.dumps(config))
