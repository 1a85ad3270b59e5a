"""The `dig` command of a rehearsal, for two questions: which name servers and which signer the world sees for a zone.

The world sees those of a hosted zone once its parent has them, which people do by hand: an account's past says whether
they did.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from rehearsal.account.past import past_of
from rehearsal.cloud import Cloud

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.cloud import CloudObject

_ZONE: Final = "aws:route53/zone:Zone"
_SIGNING_KEY: Final = "aws:route53/keySigningKey:KeySigningKey"
_UNBROKEN: Final = 55
"""Characters after which dig breaks a record here; how it does is of no matter, that it does is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer `dig +short NS|DS <zone>` and return the exit code."""
    match list(sys.argv[1:] if arguments is None else arguments):
        case ["+short", "NS" | "DS" as record, name]:
            pass
        case words:
            sys.stderr.write(f"the rehearsal's dig answers `dig +short NS|DS <zone>` only, not: {' '.join(words)}\n")
            return 1
    cloud = Cloud.from_environment()
    for zone in cloud.list(_ZONE):
        if past_of(cloud.folder).delegated and str(zone.properties["name"]).rstrip(".") == name.rstrip("."):
            for line in _servers(zone) if record == "NS" else _signers(cloud, zone):
                sys.stdout.write(f"{line}\n")
    return 0


def _servers(zone: CloudObject) -> list[str]:
    servers = zone.properties.get("nameServers")
    return [f"{server}." for server in servers] if isinstance(servers, list) else []


def _signers(cloud: Cloud, zone: CloudObject) -> list[str]:
    keys = (one.properties for one in cloud.list(_SIGNING_KEY))
    records = [str(one["dsRecord"]) for one in keys if one.get("hostedZoneId") == zone.properties["zoneId"]]
    return [f"{one[:_UNBROKEN]} {one[_UNBROKEN:]}" for one in records]


if __name__ == "__main__":
    sys.exit(main())
