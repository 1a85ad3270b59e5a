"""`python -m policy`: lists the rules, explains one, checks a configuration, makes the generated files.

Owns the commands; what they print is made by the modules beside it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from policy.conventions.tags import TAGGABLE_FILE
from policy.frame import levels
from policy.frame.rule import Rule
from policy.rules import load

from . import taggable


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns 0 when it did what was asked, 1 when a check failed, 2 for a wrong command."""
    parser = argparse.ArgumentParser(prog="python -m policy", description="Rules of the Fast Order policy pack.")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("list", help="list the rules (the default)")
    explain = commands.add_parser("explain", help="explain a rule: cause, remedy, controls, examples")
    explain.add_argument("rule")
    config = commands.add_parser("config", help="check policy configuration files for unknown rules and settings")
    config.add_argument("files", nargs="+", type=Path)
    commands.add_parser("taggable", help="regenerate the list of taggable types from the installed AWS SDK")
    chosen = parser.parse_args(arguments)
    rules = load()
    match chosen.command:
        case "explain":
            return _explain(rules, chosen.rule)
        case "config":
            return _config(rules, chosen.files)
        case "taggable":
            TAGGABLE_FILE.write_text(taggable.render(), encoding="utf-8")
        case _:
            _list(rules)
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _list(rules: dict[str, Rule]) -> None:
    for rule in sorted(rules.values(), key=lambda item: (item.area, item.id)):
        _say(f"{rule.area:<11} {rule.severity:<9} {rule.id:<40} {rule.title}")
    _say(f"{len(rules)} rules")


def _explain(rules: dict[str, Rule], name: str) -> int:
    rule = rules.get(name)
    if rule is None:
        try:
            levels.check_names([name], rules, "explain")
        except levels.LevelError as error:
            sys.stderr.write(f"{error}\n")
        return 1
    _say(f"{rule.id} ({rule.area}, {rule.severity})\n{rule.title}\n\nWhy: {rule.cause}\nFix: {rule.remedy}")
    _say(f"Controls: {', '.join(rule.controls) or 'of this project only'}")
    return 0


def _config(rules: dict[str, Rule], files: Sequence[Path]) -> int:
    failed = 0
    for file in files:
        try:
            levels.parse(file.read_text(encoding="utf-8"), rules, str(file))
        except (levels.LevelError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            failed = 1
    return failed
