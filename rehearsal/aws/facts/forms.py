"""What a text must look like to be an ARN, a range of addresses, a window of time, and so on.

Owns the forms that facts name, as the provider's own checks judge them. Judges one text; wording is `checking.py`.
"""

from __future__ import annotations

import ipaddress
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlparse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:[^:]+:(?:[a-z]{2}(?:-[a-z]+)+-\d{1,2})?:"
    r"(?:aws|aws-managed|third-party|aws-marketplace|\d{12}|cw.{10})?:.+",
    re.DOTALL,
)
_TIME: Final = r"(?:[01]\d|2[0-3]):[0-5]\d"
_DAY: Final = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_DAILY: Final = re.compile(rf"{_TIME}-{_TIME}")
_WEEKLY: Final = re.compile(rf"{_DAY}:{_TIME}-{_DAY}:{_TIME}", re.IGNORECASE)
_LARGEST_PORT: Final = 65535


def fits(form: str, text: str) -> bool:
    """Whether a text has a form of `rehearsal.aws.facts.grammar.Form`."""
    return _FORMS[form](text)


def _network(text: str, version: int | None = None) -> bool:
    try:
        # The provider wants the network's own address where it names a version, any address of it where it does not.
        found = ipaddress.ip_network(text, strict=version is not None)
    except ValueError:
        return False
    return "/" in text and version in {None, found.version}


def _address(text: str, version: int | None = None) -> bool:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return version in {None, found.version}


def _readable(text: str, read: Callable[[str], object]) -> bool:
    try:
        read(text)
    except (ValueError, re.error):
        return False
    return True


_FORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    "arn": lambda text: _ARN.fullmatch(text) is not None,
    "cidr": _network,
    "cidr4": lambda text: _network(text, 4),
    "cidr6": lambda text: _network(text, 6),
    "daily window": lambda text: _DAILY.fullmatch(text) is not None,
    "date-time": lambda text: "T" in text and _readable(text, datetime.fromisoformat),
    "ip": _address,
    "ip4": lambda text: _address(text, 4),
    "json": lambda text: _readable(text, json.loads),
    "number": lambda text: _readable(text, float),
    "port": lambda text: text.isdecimal() and int(text) <= _LARGEST_PORT,
    "regex": lambda text: _readable(text, re.compile),
    "url": lambda text: urlparse(text).scheme in {"http", "https"} and bool(urlparse(text).netloc),
    "weekly window": lambda text: _WEEKLY.fullmatch(text) is not None,
}
