"""Waivers: agreed, dated exceptions from a rule for named resources.

Owns the file's format and the matching. A waiver without reason or owner, past its expiry, for an unknown rule, or
that matches nothing in a stack it names is an error: exceptions that nobody needs or remembers must not pile up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, cast

import yaml

from .resources import Finding

FILE: Final = Path(__file__).resolve().parent.parent / "waivers.yaml"
_REQUIRED: Final = ("rule", "resource", "reason", "owner", "expires")
_OPTIONAL: Final = ("finding", "stacks")
_SHORTEST_REASON: Final = 20
_URN_HEAD: Final = 2


class WaiverError(ValueError):
    """The waiver file cannot be used; the message names the entry, what is wrong and the fix."""


@dataclass(frozen=True)
class Waiver:
    """One exception: `rule` on resources whose URN matches `resource`, until `expires`, because of `reason`."""

    rule: str
    resource: str
    reason: str
    owner: str
    expires: date
    finding: str = "*"
    stacks: tuple[str, ...] = ()

    def covers(self, rule: str, finding: Finding) -> bool:
        """Tell whether this waiver is about the given finding of the given rule."""
        return (
            rule == self.rule and fnmatchcase(finding.urn, self.resource) and fnmatchcase(finding.message, self.finding)
        )

    def is_for(self, stack: str) -> bool:
        """Tell whether the waiver is meant for the stack; without a list it is for all."""
        return not self.stacks or stack in self.stacks

    def __str__(self) -> str:
        """One line for the list that every run prints."""
        return f"{self.rule} on {self.resource}: {self.reason} (owner {self.owner}, until {self.expires})"


@dataclass(frozen=True)
class WaiverFile:
    """The waivers of one project."""

    project: str
    waivers: tuple[Waiver, ...]

    def match(self, rule: str, finding: Finding) -> Waiver | None:
        """Return the waiver that covers a finding, if any; a waiver counts in its own project and stacks only."""
        stack, project = stack_and_project(finding.urn)
        mine = [waiver for waiver in self.waivers if project == self.project and waiver.is_for(stack)]
        return next((waiver for waiver in mine if waiver.covers(rule, finding)), None)

    def problems(self, used: Iterable[Waiver], project: str, stack: str, today: date) -> list[str]:
        """Say what is wrong with the waivers after a run over `stack`: expired ones, and ones that matched nothing."""
        if project != self.project:
            return []
        used = set(used)
        mine = [waiver for waiver in self.waivers if waiver.is_for(stack)]
        expired = [
            f"expired on {item.expires}: {item}. Fix the resource or renew" for item in mine if item.expires < today
        ]
        idle = [f"matches nothing in {stack}: {item}. Remove it" for item in mine if item not in used]
        return expired + idle


def stack_and_project(urn: str) -> tuple[str, str]:
    """Return the names of stack and project that a URN carries; empty ones for a text of another form."""
    parts = urn.split("::")
    return (parts[0].rpartition(":")[2], parts[1]) if len(parts) > _URN_HEAD else ("", "")


def load(known_rules: Iterable[str], path: Path = FILE) -> WaiverFile:
    """Read the waiver file.

    Raises:
        WaiverError: An entry is incomplete, names an unknown rule or key, or has a reason too short to be one.
    """
    content: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        msg = f"{path.name}: expected the keys project and waivers"
        raise WaiverError(msg)
    document = cast("dict[str, object]", content)
    entries = document.get("waivers") or list[object]()
    if not isinstance(document.get("project"), str) or not isinstance(entries, list):
        msg = f"{path.name}: project must be the project's name and waivers a list"
        raise WaiverError(msg)
    known = set(known_rules)
    parsed = tuple(_parse(entry, index, known) for index, entry in enumerate(cast("list[object]", entries), start=1))
    return WaiverFile(cast("str", document["project"]), parsed)


def _parse(entry: object, index: int, known: set[str]) -> Waiver:
    where = f"waivers.yaml, entry {index}"
    if not isinstance(entry, dict):
        msg = f"{where}: expected an object with {', '.join(_REQUIRED)}"
        raise WaiverError(msg)
    fields = cast("dict[str, object]", entry)
    missing = [key for key in _REQUIRED if not fields.get(key)]
    strange = sorted(set(fields) - {*_REQUIRED, *_OPTIONAL})
    if missing or strange:
        msg = f"{where}: missing {missing or 'nothing'}, unknown {strange or 'nothing'}"
        raise WaiverError(msg)
    if fields["rule"] not in known:
        msg = f"{where}: there is no rule {fields['rule']!r}; `python -m policy` lists them"
        raise WaiverError(msg)
    expires = fields["expires"]
    if not isinstance(expires, date):
        msg = f"{where}: expires must be a date (YYYY-MM-DD), got {expires!r}"
        raise WaiverError(msg)
    reason = str(fields["reason"]).strip()
    if len(reason) < _SHORTEST_REASON:
        msg = f"{where}: the reason {reason!r} has under {_SHORTEST_REASON} characters; say why the rule does not apply"
        raise WaiverError(msg)
    stacks = fields.get("stacks") or list[object]()
    if not isinstance(stacks, list):
        msg = f"{where}: stacks must be a list of stack names, got {stacks!r}"
        raise WaiverError(msg)
    return Waiver(
        rule=str(fields["rule"]),
        resource=str(fields["resource"]),
        reason=reason,
        owner=str(fields["owner"]),
        expires=expires,
        finding=str(fields.get("finding") or "*"),
        stacks=tuple(str(stack) for stack in cast("list[object]", stacks)),
    )
