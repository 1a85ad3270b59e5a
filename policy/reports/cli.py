"""`python -m policy`: lists and explains the rules, checks an exported stack, makes the generated files.

Owns the commands; what they print is made by the modules beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from policy.conventions.tags import TAGGABLE_FILE
from policy.frame import levels, waivers
from policy.frame.rule import Rule
from policy.frame.runner import Outcome, Runner
from policy.frame.session import Session
from policy.rules import load

from . import awsguard_pack, benchmark, examples, explain, machine, state, taggable

_PACK: Final = Path(__file__).resolve().parent.parent
EXAMPLES: Final = _PACK.parent / "tests" / "policy" / "examples"
_STACKS: Final = ("dev", "stg", "prod")


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns 0 when all is well, 1 when something mandatory was found or a file cannot be used."""
    options = _parser().parse_args(arguments)
    rules = load()
    try:
        return int(_COMMANDS[options.command or "list"](rules, options) or 0)
    except (levels.LevelError, waivers.WaiverError, state.StateError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m policy", description="The policy pack of Fast Order.")
    parser.set_defaults(format="text")
    commands = parser.add_subparsers(dest="command")
    listing = commands.add_parser("list", help="list the rules (the default)")
    listing.add_argument("--format", choices=["text", "json"], default="text")
    one = commands.add_parser("explain", help="explain a rule: cause, remedy, controls, examples")
    one.add_argument("rule")
    check = commands.add_parser("check", help="check an exported stack (`pulumi stack export --file`)")
    check.add_argument("file", type=Path)
    check.add_argument("--format", choices=["text", "json", "sarif"], default="text")
    config = commands.add_parser("config", help="check policy configuration files for unknown rules and settings")
    config.add_argument("files", nargs="+", type=Path)
    commands.add_parser("bench", help="measure the pack's CPU time on 300 and 3,000 resources beside AWSGuard")
    commands.add_parser("docs", help="regenerate docs/reference/policy-rules.md")
    commands.add_parser("examples", help="regenerate tests/policy/examples, one file per area")
    commands.add_parser("taggable", help="regenerate the list of taggable types from the installed AWS SDK")
    return parser


def _say(value: object) -> None:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    sys.stdout.write(f"{text}\n")


def _list(rules: dict[str, Rule], options: argparse.Namespace) -> None:
    _say(machine.rules_json(rules) if options.format == "json" else explain.listing(rules.values()))


def stack_levels(rules: Mapping[str, Rule]) -> dict[str, levels.Levels]:
    """Return the levels of every stack that has a file."""
    return {stack: levels.load(stack, rules) for stack in _STACKS}


def _explain(rules: dict[str, Rule], options: argparse.Namespace) -> None:
    levels.check_names([options.rule], rules, "explain")
    _say(explain.explanation(rules[options.rule], stack_levels(rules)))


def _check(rules: dict[str, Rule], options: argparse.Namespace) -> int:
    resources = state.records(options.file.read_text(encoding="utf-8"))
    file = waivers.load(rules)
    stack, project = waivers.stack_and_project(str(resources[0]["urn"])) if resources else ("", "")
    configuration = levels.expand(Session(file).levels(project, stack, rules), rules)
    outcome = Runner(rules.values(), file, previewing=False, configuration=configuration).run(resources)
    match options.format:
        case "json":
            _say(machine.findings_json(outcome, rules))
        case "sarif":
            _say(machine.sarif(outcome, rules, _version()))
        case _:
            _say(_text(outcome, len(resources), len(rules)))
    return 1 if outcome.mandatory else 0


def _text(outcome: Outcome, resources: int, rules: int) -> str:
    lines = [f"{item.rule} ({item.level})  {item.urn}\n  {item.message}" for item in outcome.violations]
    lines += [f"waived: {line}" for line in outcome.waived]
    advisory = len(outcome.violations) - len(outcome.mandatory)
    counts = f"{len(outcome.mandatory)} mandatory and {advisory} advisory findings"
    return "\n".join([*lines, f"{counts}; {rules} rules over {resources} resources"])


def _version() -> str:
    project: Any = yaml.safe_load((_PACK / "PulumiPolicy.yaml").read_text(encoding="utf-8"))
    return str(project["version"])


def _config(rules: dict[str, Rule], options: argparse.Namespace) -> None:
    for file in options.files:
        levels.parse(file.read_text(encoding="utf-8"), rules, str(file))


def _docs(rules: dict[str, Rule], _options: argparse.Namespace) -> None:
    explain.PAGE.write_text(explain.page(rules.values(), stack_levels(rules)), encoding="utf-8")


def _bench(rules: dict[str, Rule], _options: argparse.Namespace) -> None:
    try:
        for line in benchmark.table(benchmark.measure(rules)):
            _say(line)
    except awsguard_pack.UnavailableError as error:
        _say(str(error))


def _examples(rules: dict[str, Rule], _options: argparse.Namespace) -> None:
    EXAMPLES.mkdir(exist_ok=True)
    for area, text in examples.files(rules.values()).items():
        (EXAMPLES / f"{area}.json").write_text(text, encoding="utf-8")


def _taggable(_rules: dict[str, Rule], _options: argparse.Namespace) -> None:
    TAGGABLE_FILE.write_text(taggable.render(), encoding="utf-8")


_COMMANDS: Final = {
    "list": _list,
    "explain": _explain,
    "check": _check,
    "config": _config,
    "bench": _bench,
    "docs": _docs,
    "examples": _examples,
    "taggable": _taggable,
}
