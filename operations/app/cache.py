"""Redis in the place of Valkey: the menu cache, with nothing kept on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operations.app.processes import Process, accepts, free_port, private_folder

if TYPE_CHECKING:
    from pathlib import Path

HOST = "127.0.0.1"
_START_SECONDS = 10


class Cache:
    """One cache node; may be killed and started again, empty."""

    def __init__(self, parent: Path) -> None:
        folder = private_folder(parent, "cache")
        self.port = free_port()
        # As the cluster's parameter group: bounded, the least recently used key goes first.
        limits = ["--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru"]
        command = [
            "redis-server",
            "--bind",
            HOST,
            "--port",
            str(self.port),
            "--save",
            "",
            "--appendonly",
            "no",
            *limits,
        ]
        self.process = Process("cache", command, {}, folder)

    def start(self) -> None:
        """Start the node and wait until it accepts connections."""
        self.process.start()
        self.process.wait_until(lambda: accepts(HOST, self.port), _START_SECONDS)
