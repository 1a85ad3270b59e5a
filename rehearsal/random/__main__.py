"""Runs the random stand-in as a Pulumi plugin: prints its port and serves on the loopback until the engine ends it."""

import sys
from concurrent import futures
from contextlib import suppress

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from rehearsal.random.plugin import RandomPlugin


def main() -> None:
    """Serve until interrupted."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(RandomPlugin(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.wait_for_termination()


if __name__ == "__main__":
    main()
