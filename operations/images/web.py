"""The WEB image: built, run as its chart runs it, and asked.

With no WAS behind it the image must still be ready, serve its page and say in a problem that a service is away.
"""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING

from operations.app.processes import accepts, free_port, status_of
from operations.app.web import rendered
from operations.images.run import UID, Container, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_MEGABYTES = 130
"""Uncompressed: what a node pulls before its first pod starts."""

_EXPECTED = {"/health/live": 200, "/health/ready": 200, "/": 200, "/app.js": 200, "/item/theatres": 503}
_HOST = "127.0.0.1"
_START_SECONDS = 20


def failures(bundle: Path, folder: Path, helm: Path) -> Iterator[str]:
    """Run the image and say, one line each, what it does not do as it must.

    Args:
        bundle: The unpacked image.
        folder: Private folder for configuration and the writable mount.
        helm: Path of Helm, which renders the configuration.
    """
    port = free_port()
    config, run = folder / "web-config", folder / "web-run"
    config.mkdir()
    run.mkdir()
    shutil.chown(run, UID, UID)
    nowhere = {service: (free_port(), [_HOST]) for service in ("user", "item", "pay")}
    for name, text in rendered(helm, nowhere).items():
        (config / name).write_text(text)
    environment = {
        "HTTPD_LISTEN": f"{_HOST}:{port}",
        "HTTPD_STATUS": f"{_HOST}:{free_port()}",
        "AJP_SECRET": "only-for-this-run-of-the-image",
    }
    limits = Limits(environment, 256, {"/etc/fastorder": config}, {"/run/httpd": run})
    container = Container(bundle, f"fastorder-web-{port}", limits, "WINCH")
    with container:
        container.wait_until(lambda: accepts(_HOST, port), _START_SECONDS)
        for path, expected in _EXPECTED.items():
            if (status := status_of(_HOST, port, path, seconds=20)) != expected:
                yield f"GET {path}: {status}, must be {expected}"
        yield from (f"{place} is writable" for place in container.writable())
    if container.exit_status != 0:
        yield f"ended with status {container.exit_status} after {signal.SIGWINCH.name}, must be 0"
