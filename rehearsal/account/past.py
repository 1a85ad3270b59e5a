"""What the simulated account holds before a program makes anything: quotas, monitors, opt-ins, images.

Owns the two pasts of `pasts/` and the file of an account's own. An account gets its past when its folder is first
made and keeps it, as the real one does; people change it by editing that file. Does not own what AWS refuses for it
(`refusals.py`) nor what AWS offers to everybody (`offers.py`).
"""

from __future__ import annotations

import re
import shutil
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PREPARED: Final = "prepared"
NEW: Final = "new"
_FILE: Final = "past.toml"
_PASTS: Final = Path(__file__).parent / "pasts"


class PastError(Exception):
    """There is no such past, or its file is wrong; the message says what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Past:
    """The state of an account before any deployment.

    Attributes:
        images: `none`: only what was pushed exists; `any`: every tag that is asked for was pushed.
        default_vpc: Whether each region has the VPC that AWS makes.
        anomaly_monitors: Names of monitors of the dimension SERVICE.
        delegated: Whether the parents of its zones name their name servers, which people see to by hand.
        backup_types: Resource types that AWS Backup may protect, as its region settings name them.
        quotas: Applied quotas by `service/code`.
        refusals_before_entries: How often each cluster answers roles as if it knew no access entry, before it does.
    """

    images: str
    default_vpc: bool
    anomaly_monitors: tuple[str, ...]
    delegated: bool
    backup_types: tuple[str, ...]
    quotas: Mapping[str, float]
    refusals_before_entries: int


def give_past(account: Path, past: str) -> None:
    """Gives an account its past unless it has one: `new`, `prepared` or the path of a file.

    Raises:
        PastError: There is no such past.
    """
    target = account / _FILE
    if target.is_file():
        return
    source = _PASTS / f"{past}.toml" if past in {NEW, PREPARED} else Path(past)
    if not source.is_file():
        raise PastError(f"past {past!r}: write {NEW}, {PREPARED} or the path of a file such as {_PASTS / 'new.toml'}")
    _read(source)
    account.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def past_of(account: Path) -> Past:
    """The past of the account in a folder; one that got none is prepared."""
    own = account / _FILE
    return _read(own if own.is_file() else _PASTS / f"{PREPARED}.toml")


def grant(account: Path, quota: str, value: float) -> None:
    """Raises a quota, as AWS does some time after it was asked to; one that the account's past does not name stays out.

    Args:
        account: The folder of an account that has a past of its own.
        quota: Service and code, as `ec2/L-1216C47A`.
        value: The new value.
    """
    _rewrite(account, rf'^"{re.escape(quota)}" = .*$', f'"{quota}" = {value:g}')


def delegate(account: Path) -> None:
    """Lets the parent zone name the account's zone, as people do by hand in somebody else's account."""
    _rewrite(account, r"^delegated = .*$", "delegated = true")


def _rewrite(account: Path, line: str, new: str) -> None:
    file = account / _FILE
    file.write_text(re.sub(line, new, file.read_text(), flags=re.MULTILINE))


def _read(file: Path) -> Past:
    try:
        values: dict[str, Any] = tomllib.loads(file.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PastError(f"{file}: {error}") from error
    known = {one.name for one in fields(Past)}
    if values.keys() != known:
        odd = ", ".join(sorted(values.keys() ^ known))
        raise PastError(f"{file}: {odd}: a past has exactly {', '.join(sorted(known))}")
    if values["images"] not in {"none", "any"}:
        raise PastError(f"{file}: images is {values['images']!r}: write none or any")
    return Past(
        images=values["images"],
        default_vpc=values["default_vpc"],
        anomaly_monitors=tuple(values["anomaly_monitors"]),
        delegated=values["delegated"],
        backup_types=tuple(values["backup_types"]),
        quotas=values["quotas"],
        refusals_before_entries=values["refusals_before_entries"],
    )
