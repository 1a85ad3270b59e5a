"""The command `curl` of a rehearsal's machine, for the one thing that is asked with it: does a cluster answer here?

Owns curl's exit codes for a host that is not known and one that does not answer in time. Fetches nothing: whatever
else is asked of it is refused, so that no rehearsal leaves this machine by it.
"""

from __future__ import annotations

import sys
from typing import Final

from rehearsal.cloud import Cloud
from rehearsal.vantage.network import obstacle
from rehearsal.vantage.places import current_place

_UNKNOWN_HOST: Final = 6
_TIMED_OUT: Final = 28


def main(arguments: list[str]) -> int:
    """Answer for the address, which is the last argument."""
    address = arguments[-1] if arguments else ""
    cloud = Cloud.from_environment()
    for cluster in cloud.list("aws:eks/cluster:Cluster"):
        endpoint = str(cluster.properties.get("endpoint"))
        if address == endpoint or address.startswith(f"{endpoint}/"):
            silence = obstacle(cloud, cluster, current_place())
            if silence is None:
                return 0
            sys.stderr.write(f"curl: ({_TIMED_OUT}) {silence}\n")
            return _TIMED_OUT
    sys.stderr.write(f"curl: ({_UNKNOWN_HOST}) no API server of the simulated account has the address {address}\n")
    return _UNKNOWN_HOST


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
