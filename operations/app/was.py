"""WAS nodes: the Maven project's jar as user, item or pay, any number of each.

Owns how the JVM is started here: from the unpacked jar with a class data archive, which more than halves its start. A
node has an address of its own (127.0.0.1, 127.0.0.2, ...) and the service's port, as pods behind one port do. Building
the jar is Maven's business.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from operations.app.processes import AppError, Process, own, private_folder, run, status_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICES = ("user", "item", "pay")
_JAR = Path(__file__).parents[2] / "workloads" / "was" / "target" / "fastorder-was.jar"
_ARCHIVE = "classes.jsa"
_START_SECONDS = 120
# One compiler tier and the serial collector: fast starts and small heaps, for a machine that runs six of them.
_JVM = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx192m", "-Xss512k"]
# As all three services at once, so that one archive fits each of them.
_TRAINING = {
    "FASTORDER_SERVICE": "pay",
    "SPRING_PROFILES_ACTIVE": "user,item",
    "AJP_SECRET": "only-to-train-the-archive",
    "FASTORDER_AJP_PORT": "0",
    "MANAGEMENT_PORT": "0",
    # No database listens there; the least that the pools accept to find that out.
    "DB_PORT": "1",
    "DB_CONNECTION_TIMEOUT_MS": "250",
}


class Node:
    """One JVM: a process, the address it listens on, its ports."""

    def __init__(self, process: Process, host: str, ajp_port: int, management_port: int) -> None:
        self.process = process
        self.host = host
        self.ajp_port = ajp_port
        self.management_port = management_port

    def start(self) -> None:
        """Start the JVM without waiting."""
        self.process.start()

    def wait_until_ready(self) -> None:
        """Wait until the node says that it takes traffic, as the load balancer's health check asks it."""
        self.process.wait_until(self.ready, _START_SECONDS)

    def ready(self) -> bool:
        """Whether the readiness endpoint answers 200."""
        return status_of(self.host, self.management_port, "/actuator/health/readiness") == HTTPStatus.OK


def node(
    parent: Path, classes: Path, service: str, number: int, ports: tuple[int, int], settings: Mapping[str, str]
) -> Node:
    """Describe a node; nothing is started.

    Args:
        parent: Private folder of the stack.
        classes: What `unpack` returned.
        service: user, item or pay.
        number: From 1; also the last part of the address.
        ports: AJP and management port, the same for all nodes of a service.
        settings: Further environment variables, see workloads/was/README.md.
    """
    name = f"was-{service}-{number}"
    folder = private_folder(parent, name)
    host = f"127.0.0.{number}"
    environment = {
        "FASTORDER_SERVICE": service,
        "FASTORDER_AJP_ADDRESS": host,
        "FASTORDER_AJP_PORT": str(ports[0]),
        "MANAGEMENT_ADDRESS": host,
        "MANAGEMENT_PORT": str(ports[1]),
        **settings,
    }
    command = [*_java(classes), f"-XX:SharedArchiveFile={_ARCHIVE}", f"-Djava.io.tmpdir={folder}", "-jar", _JAR.name]
    return Node(Process(name, command, environment, folder), host, *ports)


def migrate(classes: Path, service: str, settings: Mapping[str, str]) -> None:
    """Make a service's schema, user and tables, as the chart's hook job does.

    Raises:
        AppError: The command failed.
    """
    command = [*_java(classes), f"-XX:SharedArchiveFile={_ARCHIVE}", "-jar", _JAR.name, "migrate"]
    run(f"migrate {service}", command, {"FASTORDER_SERVICE": service, **settings}, classes)


def unpack(parent: Path) -> Path:
    """Unpack the jar and make its class data archive, or take both from the cache, into a folder of the stack.

    Raises:
        AppError: There is no jar yet.
    """
    if not _JAR.is_file():
        raise AppError(f"{_JAR} is missing: build it with `mvn -f workloads/was package`")
    # Of all that goes into the archive: one that does not fit is ignored by the JVM without a word.
    made_of = _JAR.read_bytes() + repr((_java(Path()), _TRAINING)).encode()
    digest = hashlib.sha256(made_of).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fastorder"
    cached = base / f"was-{digest}"
    classes = parent / "classes"
    if not cached.is_dir():
        base.mkdir(parents=True, exist_ok=True)
        _extract(classes)
        scratch = base / f".was-{digest}-{os.getpid()}"
        shutil.copytree(classes, scratch, copy_function=shutil.copy2)
        try:
            scratch.rename(cached)
        except OSError:
            # Another process was faster.
            shutil.rmtree(scratch)
    else:
        # Times are kept: the JVM compares them with those in its archive.
        shutil.copytree(cached, classes, copy_function=shutil.copy2)
    own(classes)
    return classes


def _extract(classes: Path) -> None:
    classes.mkdir()
    _run([*_java(classes), "-Djarmode=tools", "-jar", str(_JAR), "extract", "--force", "--destination", "."], {})
    _run([*_java(classes), f"-XX:ArchiveClassesAtExit={_ARCHIVE}", "-jar", _JAR.name, "train"], _TRAINING)


def _java(classes: Path) -> list[str]:
    """Return the JVM's command line; everything is named from its folder, since the archive holds the names given."""
    return ["env", f"--chdir={classes}", "java", *_JVM]


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    result = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise AppError(f"{' '.join(command)} failed:\n{(result.stdout + result.stderr)[-2000:]}")
