"""How an operation of the rehearsal looks on the terminal: progress while it runs, a short table when it ends.

Owns presentation only. Areas are the modules of the program's components (`fastorder:<module>:<Class>`), read from the
URNs. Without a terminal the same text comes without color and at a fixed width, for logs.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, cast

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.outcome import Event, Json, Outcome, Step
    from rehearsal.progress import Progress

_COMPONENT_PREFIX = "fastorder:"
_LOG_WIDTH = 120
_OUTPUT_WIDTH = 90
_OPERATIONS = ("create", "update", "replace", "delete", "same")
_MAX_FINDINGS = 20


class EventProgress:
    """Follows an operation's events and says what it does now; the total is known once a preview went before."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._planned: set[str] = set()
        self._done: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Take one event of the engine in."""
        if "policyLoadEvent" in event:
            self._progress.update("loading the policy pack")
        for kind in ("resourcePreEvent", "resOutputsEvent"):
            if kind in event:
                payload = cast("Mapping[str, Json]", event[kind])
                self._follow(
                    cast("Mapping[str, Json]", payload["metadata"]), kind, planning=bool(payload.get("planning"))
                )

    def _follow(self, metadata: Mapping[str, Json], kind: str, *, planning: bool) -> None:
        urn, op = str(metadata["urn"]), str(metadata["op"])
        name = urn.rsplit("::", 1)[1]
        if planning:
            self._planned.add(urn)
            self._progress.update(f"planning, {len(self._planned)} resources, {op} {name}")
            return
        if kind == "resOutputsEvent":
            self._done.add(urn)
        total = f" of {len(self._planned)}" if self._planned else ""
        self._progress.update(f"{len(self._done)}{total} resources, {op} {name}")


def area(step: Step) -> str:
    """Return the component module that a resource belongs to, or its provider's name at the top level."""
    qualified_type = step.urn.split("::")[2]
    for token in qualified_type.split("$"):
        if token.startswith(_COMPONENT_PREFIX):
            return token.split(":")[1].replace("_", " ")
    return "providers" if step.type.startswith("pulumi:providers:") else step.type.split(":", maxsplit=1)[0]


def show(outcome: Outcome, stack: str, outputs: Mapping[str, Json], console: Console | None = None) -> None:
    """Print the end of an operation: what changed by area, the policies, the outputs, and the reason if it failed."""
    console = console or terminal()
    if outcome.steps:
        console.print(_areas(outcome, stack))
    _show_policies(outcome, console)
    if outputs:
        console.print(_outputs(outputs))
    verdict = "succeeded" if outcome.succeeded else "FAILED"
    console.print(f"{outcome.operation} of {stack} {verdict} in {outcome.seconds:.0f} s")
    for error in outcome.errors[:_MAX_FINDINGS]:
        console.print(f"  {escape(error)}", style="red", soft_wrap=True)
    if len(outcome.errors) > _MAX_FINDINGS:
        console.print(f"  and {len(outcome.errors) - _MAX_FINDINGS} more reasons")


def terminal() -> Console:
    """Return the console for results, at a fixed width where there is no terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_LOG_WIDTH)


def _areas(outcome: Outcome, stack: str) -> Table:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for step in outcome.steps:
        if step.type != "pulumi:pulumi:Stack":
            counts[area(step)][step.op] += 1
    used = [op for op in _OPERATIONS if any(count[op] for count in counts.values())]
    table = Table(show_footer=True)
    table.add_column(f"area of {stack}", footer="all")
    for op in used:
        table.add_column(op, justify="right", footer=str(sum(count[op] for count in counts.values())))
    for name in sorted(counts):
        table.add_row(name, *(str(counts[name][op] or "") for op in used))
    return table


def _show_policies(outcome: Outcome, console: Console) -> None:
    if not outcome.policies:
        return
    violated = {violation.policy for violation in outcome.violations}
    console.print(
        f"policies: {len(outcome.policies)} run, {len(violated)} violated, {len(outcome.waived)} findings waived; "
        f"pack loaded in {outcome.policy_load_seconds:.1f} s"
    )
    advisory = [violation for violation in outcome.violations if violation not in outcome.mandatory_violations]
    for violation in advisory[:_MAX_FINDINGS]:
        where = violation.urn.rsplit("::", 1)[-1]
        console.print(
            f"  advisory {escape(violation.policy)} on {escape(where)}: {escape(violation.message.strip())}",
            soft_wrap=True,
        )
    if len(advisory) > _MAX_FINDINGS:
        console.print(f"  and {len(advisory) - _MAX_FINDINGS} more advisory findings")


def _outputs(outputs: Mapping[str, Json]) -> Table:
    table = Table()
    table.add_column("output")
    table.add_column("value", overflow="fold")
    for name, value in sorted(outputs.items()):
        text = value if isinstance(value, str) else json.dumps(value)
        table.add_row(name, escape(text if len(text) <= _OUTPUT_WIDTH else text[: _OUTPUT_WIDTH - 1] + "…"))
    return table
