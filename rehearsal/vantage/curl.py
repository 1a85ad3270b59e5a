"""The command `curl` of a rehearsal's machine, for the one thing that is asked with it: does a cluster let us in here?

Owns curl's exit codes for a host that is not known and one that does not answer in time, and the status of an API
server that is asked for its namespaces. Fetches nothing: whatever else is asked of it is refused, so that no rehearsal
leaves this machine by it.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, Final

from rehearsal.cloud import Cloud
from rehearsal.vantage.access import ForbiddenError, UnknownCallerError, current_access
from rehearsal.vantage.network import obstacle
from rehearsal.vantage.places import current_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.cloud import CloudObject

_UNKNOWN_HOST: Final = 6
_TIMED_OUT: Final = 28
_LIST: Final = "/api/v1/namespaces?limit=1"
_TOKEN: Final = re.compile(r'^header = "Authorization: Bearer k8s-aws-v1\.[\w-]+"$', re.MULTILINE)
"""What `aws eks get-token` gives out; whom it stands for is the caller of this process."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer for the address, with the token that comes on stdin."""
    parser = argparse.ArgumentParser(prog="curl")
    for flag in ("--silent", "--show-error"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--max-time", type=int, required=True)
    parser.add_argument("--cacert", required=True)
    parser.add_argument("--config", choices=["-"], required=True)
    parser.add_argument("--output", choices=["/dev/null"], required=True)
    parser.add_argument("--write-out", choices=["%{http_code}"], required=True)
    parser.add_argument("address")
    options = parser.parse_args(arguments)
    cloud = Cloud.from_environment()
    for cluster in cloud.list("aws:eks/cluster:Cluster"):
        if options.address == f"{cluster.properties.get('endpoint')}{_LIST}":
            silence = obstacle(cloud, cluster, current_place())
            if silence is None:
                sys.stdout.write(_status(cloud, cluster, sys.stdin.read()))
                return 0
            sys.stderr.write(f"curl: ({_TIMED_OUT}) {silence}\n")
            return _TIMED_OUT
    sys.stderr.write(f"curl: ({_UNKNOWN_HOST}) no API server of the simulated account is asked by {options.address}\n")
    return _UNKNOWN_HOST


def _status(cloud: Cloud, cluster: CloudObject, given: str) -> str:
    if not _TOKEN.search(given):
        return "401"
    try:
        access = current_access(cloud, str(cluster.properties["name"]))
        if access is not None:
            access.require("list", "", "namespaces")
    except UnknownCallerError:
        return "401"
    except ForbiddenError:
        return "403"
    return "200"


if __name__ == "__main__":
    sys.exit(main())
