"""Rules as text for people: the list, one rule in full, and the reference page.

Owns the wording around the metadata; the metadata itself is beside each check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from policy.frame import levels
from policy.frame.rule import ALL_TYPES, Example, Ref, Rule

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "policy-rules.md"
_STACKS: Final = ("dev", "stg", "prod")
_AREAS: Final = {
    "encryption": "Encryption at rest",
    "transit": "Encryption in transit",
    "iam": "Least privilege and trust",
    "exposure": "Exposure",
    "logging": "Logging and detection",
    "resilience": "Backup and resilience",
    "naming": "Names and tags",
}


class _Dumper(yaml.SafeDumper):
    """Writes references of examples as `${name.output}` and never an anchor."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is the library's
        """Repeat values instead of naming them."""
        return True


_Dumper.add_representer(Ref, lambda dumper, ref: dumper.represent_str(f"${{{ref.name}.{ref.output}}}"))
_Dumper.add_multi_representer(tuple, lambda dumper, items: dumper.represent_list(items))


def listing(rules: Iterable[Rule]) -> str:
    """Return one line per rule, by area."""
    ordered = sorted(rules, key=lambda item: (list(_AREAS).index(item.area), item.id))
    lines = [f"{rule.area:<11} {rule.severity:<9} {rule.level:<10} {rule.id:<38} {rule.title}" for rule in ordered]
    return "\n".join([*lines, f"{len(ordered)} rules"])


def explanation(rule: Rule, by_stack: Mapping[str, levels.Levels]) -> str:
    """Return all that is known of a rule, examples included."""
    parts = [
        f"{rule.id} ({rule.severity}, {_AREAS[rule.area].lower()})",
        rule.title,
        f"Why:      {rule.cause}",
        f"Fix:      {rule.remedy}",
        f"Looks at: {_types(rule)}" + (", with the resources around them" if rule.scope == "stack" else ""),
        f"Controls: {', '.join(rule.controls) or 'of this project only'}",
    ]
    if rule.settings:
        parts.append(f"Settings: {_settings(rule)}")
    deviations = _deviations(rule, by_stack)
    parts.append(f"Level:    {rule.level}" + (f"; {deviations}" if deviations else ""))
    for word, examples in (("Found", rule.bad), ("Passes", rule.good)):
        parts += [f"\n{word}:\n{_indented(example_text(example))}" for example in examples]
    return "\n".join(parts)


def page(rules: Iterable[Rule], by_stack: Mapping[str, levels.Levels]) -> str:
    """Return the reference page."""
    ordered = list(rules)
    lines = [
        "# Policy rules",
        "",
        "Generated from the rules' metadata by `python -m policy docs`; a test checks that it is current.",
        "`python -m policy explain RULE` shows a rule with all of its examples. A rule of low severity is good",
        "practice and advisory by itself; all others are mandatory. In our own stacks `policy/config/<stack>.json`",
        "makes all of them mandatory, but for what a stack's column says. Agreed exceptions for single resources",
        "stand in `policy/waivers.yaml`.",
        "",
        f"{len(ordered)} rules, {sum(_is_deep(rule) for rule in ordered)} of them across resources or on IAM policies.",
    ]
    for area, heading in _AREAS.items():
        chosen = [rule for rule in ordered if rule.area == area]
        lines += ["", f"## {heading}", "", "| rule | severity | " + " | ".join(_STACKS) + " | controls |"]
        lines.append("|---|---|" + "---|" * len(_STACKS) + "---|")
        for rule in chosen:
            shown = " | ".join(_level(rule, by_stack.get(stack, {})) for stack in _STACKS)
            lines.append(f"| [{rule.id}](#{rule.id}) | {rule.severity} | {shown} | {', '.join(rule.controls)} |")
        for rule in chosen:
            lines += _section(rule)
    return "\n".join(lines) + "\n"


def example_text(example: Example) -> str:
    """Return an example as YAML: logical name, type and properties of each resource."""
    document: dict[str, Any] = {
        item.name: {
            "type": item.type,
            **({"parent": item.parent} if item.parent else {}),
            **({"protect": True} if item.protect else {}),
            **({"properties": dict(item.properties)} if item.properties else {}),
        }
        for item in example
    }
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=110)


def _section(rule: Rule) -> list[str]:
    return [
        "",
        f"### {rule.id}",
        "",
        f"**{rule.title}.** {rule.cause}",
        "",
        f"Fix: {rule.remedy}",
        *(["", f"Settings: {_settings(rule)}"] if rule.settings else []),
        "",
        f"Looks at {_types(rule)}. Found, and passing:",
        "",
        "```yaml",
        example_text(rule.bad[0]).rstrip(),
        "---",
        example_text(rule.good[0]).rstrip(),
        "```",
    ]


def _is_deep(rule: Rule) -> bool:
    return rule.scope == "stack" or rule.area == "iam"


def _types(rule: Rule) -> str:
    return "every resource" if rule.types == ALL_TYPES else ", ".join(f"`{kind}`" for kind in rule.types)


def _settings(rule: Rule) -> str:
    return ", ".join(f"`{name}` = {value!r}" for name, value in rule.settings.items())


def _level(rule: Rule, stack: levels.Levels) -> str:
    settings = levels.expand(stack, {rule.id: rule})[rule.id]
    level = str(settings.pop("enforcementLevel"))
    changed = [f"{key} {item}" for key, item in settings.items()]
    return ", ".join([*([] if level == "mandatory" else [level]), *changed])


def _deviations(rule: Rule, by_stack: Mapping[str, levels.Levels]) -> str:
    shown = {stack: _level(rule, by_stack.get(stack, {})) for stack in _STACKS}
    return "; ".join(f"{stack}: {level}" for stack, level in shown.items() if level)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())
