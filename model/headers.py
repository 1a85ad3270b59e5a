"""The security headers of every answer, read from httpd's own configuration.

Owns what CloudFront can be told of `workloads/web/httpd/headers.conf`, so that a file from the bucket and an answer of
a service carry the same headers from one source. Does not own which headers there are: that file does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HEADER: Final = re.compile(r'^Header always set (?P<name>[A-Za-z-]+) "(?P<value>[^"%]+)"$', re.MULTILINE)
_TRANSPORT_SECURITY: Final = re.compile(r"max-age=(\d+); includeSubDomains")


class HeadersError(ValueError):
    """A header that CloudFront must repeat is missing or has another form; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityHeaders:
    """Fixed headers; those with a value per request (`%{...}`) stay httpd's.

    Attributes:
        content_security_policy: What the page may load.
        transport_security_seconds: How long browsers insist on TLS, subdomains included.
        referrer_policy: What other sites learn of ours.
        others: Headers that CloudFront has no setting for, by name.
    """

    content_security_policy: str
    transport_security_seconds: int
    referrer_policy: str
    others: Mapping[str, str]

    @classmethod
    def read(cls, file: Path) -> SecurityHeaders:
        """Read the `Header always set` lines of a configuration file of httpd.

        Raises:
            HeadersError: A header that has a setting of its own in CloudFront is not there, or not in that form.
        """
        found = {match["name"]: match["value"] for match in _HEADER.finditer(file.read_text(encoding="utf-8"))}
        settings = ("Content-Security-Policy", "Strict-Transport-Security", "Referrer-Policy", "X-Content-Type-Options")
        missing = [name for name in settings if name not in found]
        if missing:
            raise HeadersError(f"{file.name} sets no {', '.join(missing)}: add a line `Header always set ...`")
        policy, transport, referrer, sniffing = (found.pop(name) for name in settings)
        age = _TRANSPORT_SECURITY.fullmatch(transport)
        if age is None or sniffing != "nosniff":
            raise HeadersError(
                f"{file.name}: CloudFront sends `max-age=...; includeSubDomains` and `nosniff` only, "
                f"not {transport!r} and {sniffing!r}: change components/edge.py with them"
            )
        return cls(
            content_security_policy=policy,
            transport_security_seconds=int(age[1]),
            referrer_policy=referrer,
            others=found,
        )
