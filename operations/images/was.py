"""The WAS image: built with a stand-in for the RDS certificate authorities, run as its chart runs it, and asked.

The rehearsal has no way to the real bundle, so a self-made authority takes its place: it proves that the build verifies
and packs what it is given, and nothing about RDS. With no database the image must be ready all the same,
refuse a wrong secret and say in a problem that the database is away; profile `aws` is tested in tests/workloads/was.
"""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from operations.app.ajp import Connection
from operations.app.processes import free_port, status_of
from operations.images.run import UID, Container, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from operations.images.build import Builder

MOST_MEGABYTES = 330
"""Uncompressed: what a node pulls before its first pod starts."""

_BUNDLE = "rds-ca.pem"
_HOST = "127.0.0.1"
_SECRET = "only-for-this-run-of-the-image"  # noqa: S105
_START_SECONDS = 120
_READY, _REFUSED, _AWAY = 200, 403, 503


def build(builder: Builder, workload: Path, folder: Path) -> Path:
    """Build the image from a copy of its folder with the stand-in in it; returns the bundle.

    Raises:
        subprocess.CalledProcessError: A step of the Dockerfile failed.
    """
    context = folder / "was-context"
    shutil.copytree(workload, context, ignore=shutil.ignore_patterns("target"))
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(folder / "rds-ca.key")]
    subject = ["-subj", "/CN=Stand-in for the authorities of RDS", "-days", "2", "-out", str(context / _BUNDLE)]
    subprocess.run([*key, *subject], check=True, capture_output=True)
    checksum = hashlib.sha256((context / _BUNDLE).read_bytes()).hexdigest()
    return builder.build(context, "was", {"RDS_CA_BUNDLE": _BUNDLE, "RDS_CA_BUNDLE_SHA256": checksum})


def failures(bundle: Path, folder: Path) -> Iterator[str]:
    """Run the image as `item` and say, one line each, what it does not do as it must.

    Args:
        bundle: The unpacked image.
        folder: Private folder for the writable mount.
    """
    ajp, management = free_port(), free_port()
    temporary = folder / "was-tmp"
    temporary.mkdir()
    shutil.chown(temporary, UID, UID)
    environment = {
        "FASTORDER_SERVICE": "item",
        "FASTORDER_AJP_ADDRESS": _HOST,
        "FASTORDER_AJP_PORT": str(ajp),
        "MANAGEMENT_ADDRESS": _HOST,
        "MANAGEMENT_PORT": str(management),
        "AJP_SECRET": _SECRET,
        "DB_PORT": "1",
        # The JVM goes on without an archive that does not fit, only slower; here that is a failure.
        "JDK_JAVA_OPTIONS": "-XX:AOTMode=on",
    }
    # As the chart's default; a JVM that needs more is killed.
    limits = Limits(environment, 768, writable={"/tmp": temporary})  # noqa: S108
    container = Container(bundle, f"fastorder-was-{ajp}", limits, "TERM")
    with container:
        container.wait_until(
            lambda: status_of(_HOST, management, "/actuator/health/readiness", seconds=5) == _READY, _START_SECONDS
        )
        for secret, expected in ((_SECRET, _AWAY), ("another-secret-of-good-length", _REFUSED), (None, _REFUSED)):
            with Connection(_HOST, ajp, secret) as connection:
                status = connection.request("GET", "/item/theatres").status
            if status != expected:
                yield f"GET /item/theatres with secret {secret}: {status}, must be {expected}"
        yield from (f"{place} is writable" for place in container.writable() if place != "/tmp")  # noqa: S108
    if container.exit_status != 128 + signal.SIGTERM:
        yield f"ended with status {container.exit_status} after SIGTERM, must be {128 + signal.SIGTERM}"
