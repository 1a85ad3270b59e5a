"""The command line of the first day: `python -m rehearsal.first_day --stack dev|prod`.

Exit code 0 means that every step of the day succeeded, 1 that one failed, which is told last. stdout gets a table of
the steps with their seconds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from rehearsal.first_day.day import Day, Done, FirstDayError
from rehearsal.first_day.documents import DocumentError
from rehearsal.first_day.plan import DAY, SETTINGS
from rehearsal.pulumi_engine import ToolchainError
from rehearsal.toolchain import prepare_toolchain

_CHECKOUT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Let the day pass and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.first_day", description="Rehearse the first day.")
    parser.add_argument("--stack", choices=list(SETTINGS), default="dev")
    parser.add_argument("--home", type=Path, help="folder of the day (default: .rehearsal/first-day-<stack>)")
    ends = {chapter: number for number, (chapter, _, _) in enumerate(DAY, start=1)}
    parser.add_argument("--until", choices=list(ends), help="the last chapter to follow")
    options = parser.parse_args(arguments)
    day = Day(
        stack=options.stack,
        home=options.home or _CHECKOUT / ".rehearsal" / f"first-day-{options.stack}",
        checkout=_CHECKOUT,
        toolchain=prepare_toolchain(),
        on_step=_tell,
    )
    failure = ""
    try:
        day.pass_by(DAY[: ends.get(options.until)])
    except (FirstDayError, DocumentError, ToolchainError) as error:
        failure = str(error)
    _show(day)
    if failure:
        sys.stderr.write(f"\nthe first day of {options.stack} ended early: {failure}\n")
    return 1 if failure else 0


def _tell(done: Done) -> None:
    sys.stderr.write(f"{done.seconds:6.1f} s  {done.who} from {done.where}: {done.source}: {done.title}\n")


def _show(day: Day) -> None:
    table = Table(title=f"the first day of {day.stack}", title_justify="left")
    for column in ("chapter", "source", "step", "as", "from"):
        table.add_column(column, overflow="fold")
    table.add_column("seconds", justify="right")
    for done in day.steps:
        table.add_row(done.chapter, done.source, done.title, done.who, done.where, f"{done.seconds:.1f}")
    Console(width=None if sys.stdout.isatty() else 160).print(table)


if __name__ == "__main__":
    sys.exit(main())
