"""Enforcement levels and settings per stack: the files in `config/`.

Owns reading and checking them. The engine and the SDK accept unknown rule names silently, so a misspelt name would
leave a rule at its default without a word: here it is an error, wherever the configuration comes from. What is
configured nowhere has the level of the rule itself (`Rule.level`).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias, cast

from .rule import Rule

FOLDER: Final = Path(__file__).resolve().parent.parent / "config"
LEVELS: Final = ("advisory", "mandatory", "remediate", "disabled")
Levels: TypeAlias = dict[str, str | dict[str, object]]


class LevelError(ValueError):
    """A policy configuration cannot be used; the message names the key, the value and the fix."""


def load(stack: str, rules: Mapping[str, Rule], folder: Path = FOLDER) -> Levels:
    """Return the checked configuration of a stack; empty when the stack has no file.

    Raises:
        LevelError: The file names an unknown rule, level or setting.
    """
    path = folder / f"{stack}.json"
    return parse(path.read_text(encoding="utf-8"), rules, path.name) if path.is_file() else {}


def parse(text: str, rules: Mapping[str, Rule], source: str) -> Levels:
    """Check a configuration in the engine's `--policy-pack-config` format and return it.

    Raises:
        LevelError: It is no JSON object, or names an unknown rule, level or setting.
    """
    try:
        content: object = json.loads(text)
    except ValueError as error:
        msg = f"{source}: not valid JSON: {error}"
        raise LevelError(msg) from error
    if not isinstance(content, dict):
        msg = f"{source}: expected an object of rule names"
        raise LevelError(msg)
    levels = cast("Levels", content)
    check_names(levels, rules, source)
    for name, value in levels.items():
        level = value.get("enforcementLevel", LEVELS[0]) if isinstance(value, dict) else value
        if level not in LEVELS:
            msg = f"{source}: {name}: level {level!r} is none of {', '.join(LEVELS)}"
            raise LevelError(msg)
        known = list(rules[name].settings) if name in rules else list[str]()
        strange = sorted(set(value) - {"enforcementLevel", *known}) if isinstance(value, dict) else []
        if strange:
            msg = f"{source}: {name} has no setting {', '.join(strange)}; it has {', '.join(known) or 'none'}"
            raise LevelError(msg)
    return levels


def expand(levels: Levels, rules: Mapping[str, Rule]) -> dict[str, dict[str, object]]:
    """Return settings for each rule as the engine would pass them: `all` spread out, texts made objects."""
    result: dict[str, dict[str, object]] = {}
    for name in (*rules, "waivers"):
        own = rules[name].level if name in rules else "mandatory"
        result[name] = {"enforcementLevel": own, **_settings(levels.get("all")), **_settings(levels.get(name))}
    return result


def of_rule(rule: Rule, levels: Levels) -> str:
    """Return the level of one rule under a configuration."""
    return str(expand(levels, {rule.id: rule})[rule.id]["enforcementLevel"])


def _settings(value: str | dict[str, object] | None) -> dict[str, object]:
    return value if isinstance(value, dict) else {"enforcementLevel": value} if value else {}


def check_names(names: Iterable[str], rules: Mapping[str, Rule], source: str) -> None:
    """Refuse names that are no rule of the pack.

    Raises:
        LevelError: Naming each unknown one with the nearest known one.
    """
    unknown = sorted(set(names) - set(rules) - {"all", "waivers"})
    if unknown:
        hints = [f"{name!r} (did you mean {_nearest(name, rules)!r}?)" for name in unknown]
        msg = f"{source}: there is no rule {', '.join(hints)}; `python -m policy` lists them"
        raise LevelError(msg)


def _nearest(name: str, rules: Mapping[str, Rule]) -> str:
    return difflib.get_close_matches(name, list(rules), n=1, cutoff=0.0)[0]
