"""The `dig` command of a rehearsal, for one question: which name servers the world sees for a zone.

The world sees those of a hosted zone once its parent names them, which people do by hand: an account's past says
whether they did.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from rehearsal.account.past import past_of
from rehearsal.cloud import Cloud

if TYPE_CHECKING:
    from collections.abc import Sequence

_ZONE: Final = "aws:route53/zone:Zone"
_QUESTION: Final = ("+short", "NS")


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer `dig +short NS <zone>` and return the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if len(words) != 1 + len(_QUESTION) or tuple(words[:-1]) != _QUESTION:
        sys.stderr.write(f"the rehearsal's dig answers `dig +short NS <zone>` only, not: {' '.join(words)}\n")
        return 1
    cloud = Cloud.from_environment()
    for zone in cloud.list(_ZONE):
        servers = zone.properties.get("nameServers")
        if past_of(cloud.folder).delegated and str(zone.properties["name"]).rstrip(".") == words[-1].rstrip("."):
            for server in servers if isinstance(servers, list) else []:
                sys.stdout.write(f"{server}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
