"""A stand-in for the network load balancer between httpd and WAS: one address per zone, cross-zone on, TCP only.

Owns what matters for connections that stay: a target is chosen once per connection, among the healthy targets of all
zones; a connection stays with its target for as long as both want; an unhealthy target gets no new connection. Left
out is what AWS does beyond that (security groups, idle time-outs, health check thresholds).
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from types import TracebackType

_CHUNK = 65536


class Target(Protocol):
    """What the load balancer needs to know of a pod."""

    @property
    def host(self) -> str:
        """Its address; the port is the listener's."""
        ...

    def ready(self) -> bool:
        """What its health check says."""
        ...


class NetworkLoadBalancer:
    """Runs in a thread of its own while its context is open.

    Args:
        zones: One loopback address per zone.
        port: Listener port, on each of them; also the targets' port.
        targets: The WAS nodes; which of them are healthy is asked regularly, as the target group does.
        chooser: Source of chance; a seeded one makes a run repeatable as far as the processes are.
        health_seconds: Time between two health checks.
    """

    def __init__(
        self,
        zones: Sequence[str],
        port: int,
        targets: Sequence[Target],
        *,
        chooser: random.Random | None = None,
        health_seconds: float = 0.5,
    ) -> None:
        self.connections: Counter[str] = Counter()
        """How often each target was chosen so far, by its address."""
        self._zones = zones
        self._port = port
        self._targets = targets
        self._health_seconds = health_seconds
        self._chooser = chooser or random.Random()  # noqa: S311
        self._healthy: list[Target] = []
        self._leaving: set[str] = set()
        self._lost: set[str] = set()
        self._checked = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)
        self._ended = asyncio.Event()
        # One for all and kept here: what waits for an event that nobody holds may be collected as garbage.
        self._never = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        self._checked.wait()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()

    def deregister(self, target: Target) -> None:
        """From now on no new connection goes there; those it has stay."""
        self._leaving.add(target.host)
        self._healthy = [other for other in self._healthy if other.host not in self._leaving]

    def register(self, target: Target) -> None:
        """Take a target that was deregistered back; it gets connections once it has passed a health check."""
        self._leaving.discard(target.host)

    def lose_zone(self, zone: str) -> None:
        """From now on nothing that goes through this zone's address arrives, and nothing says so."""
        self._lost.add(zone)

    def regain_zone(self, zone: str) -> None:
        """The zone's address works again, for new connections."""
        self._lost.discard(zone)

    async def _run(self) -> None:
        servers = [await asyncio.start_server(self._handler(zone), zone, self._port) for zone in self._zones]
        checks = asyncio.create_task(self._check())
        await self._ended.wait()
        checks.cancel()
        for server in servers:
            server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _check(self) -> None:
        while True:
            answers = await asyncio.gather(*(asyncio.to_thread(target.ready) for target in self._targets))
            passed = [target for target, ready in zip(self._targets, answers, strict=True) if ready]
            self._healthy = [target for target in passed if target.host not in self._leaving]
            if self._healthy:
                self._checked.set()
            await asyncio.sleep(self._health_seconds)

    def _handler(
        self, zone: str
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError, asyncio.CancelledError):
                await self._connect(zone, reader, writer)
            writer.close()

        return serve

    async def _connect(self, zone: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = self._chooser.choice(self._healthy or list(self._targets))
        self.connections[target.host] += 1
        target_reader, target_writer = await asyncio.open_connection(target.host, self._port)
        for end in (writer, target_writer):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ways = (self._copy(zone, reader, target_writer), self._copy(zone, target_reader, writer))
        copies = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for copy in copies:
                copy.cancel()
            # An end that was cut off shows as an error here, and as the end of the connection to both sides.
            await asyncio.gather(*copies, return_exceptions=True)
            target_writer.close()

    async def _copy(self, zone: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            if zone in self._lost:
                # Packets into a lost zone vanish: the sender sees no end of the connection, only silence.
                await self._never.wait()
            writer.write(data)
            await writer.drain()
