"""Findings for other tools: JSON of our own, and SARIF 2.1.0 for code-scanning services.

Owns the two forms. In SARIF a mandatory finding is an error and an advisory one a note; how bad it is stands in
`security-severity`. A finding's place is its resource's URN, since a policy sees resources and not source lines.
GitHub's code scanning refuses a result without a file, so SARIF names the source of the component that made the
resource, by the convention of its type (`fastorder:<module>:<Class>` is in `components/<module>.py`), or else the
program's doorway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from policy.frame.rule import Rule
from policy.frame.runner import Outcome

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_COMPONENT: Final = re.compile(r"\bfastorder:(\w+):")
_LEVELS: Final = {"mandatory": "error", "advisory": "note"}
_SCORES: Final = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""`security-severity` as code scanning reads it: 9 and above is critical, 7 high, 4 medium."""


def rules_json(rules: Mapping[str, Rule]) -> list[dict[str, Any]]:
    """Return the rules' metadata."""
    return [
        {
            "id": rule.id,
            "area": rule.area,
            "severity": rule.severity,
            "level": rule.level,
            "title": rule.title,
            "cause": rule.cause,
            "remedy": rule.remedy,
            "controls": list(rule.controls),
            "types": list(rule.types),
            "scope": rule.scope,
            "settings": dict(rule.settings),
        }
        for rule in rules.values()
    ]


def findings_json(outcome: Outcome, rules: Mapping[str, Rule]) -> dict[str, Any]:
    """Return violations, what could not be decided yet, and waivers that were used."""
    return {
        "violations": [
            {
                "rule": item.rule,
                "severity": rules[item.rule].severity if item.rule in rules else "medium",
                "level": item.level,
                "urn": item.urn,
                "message": item.message,
            }
            for item in outcome.violations
        ],
        "undecided": outcome.waiting,
        "waived": outcome.waived,
    }


def sarif(outcome: Outcome, rules: Mapping[str, Rule], version: str) -> dict[str, Any]:
    """Return the violations as a SARIF log."""
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "fast-order-policy",
                        "version": version,
                        "rules": [_sarif_rule(rule) for rule in rules.values()],
                    }
                },
                "results": [
                    {
                        "ruleId": item.rule,
                        "level": _LEVELS.get(item.level, "warning"),
                        "message": {"text": item.message},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": _source(item.urn)},
                                    "region": {"startLine": 1},
                                },
                                "logicalLocations": [{"fullyQualifiedName": item.urn, "kind": "resource"}],
                            }
                        ],
                        # One resource's finding stays the same finding, although all of a file share its first line.
                        "partialFingerprints": {"primaryLocationLineHash": f"{item.rule}:{item.urn}"},
                    }
                    for item in outcome.violations
                ],
            }
        ],
    }


def _source(urn: str) -> str:
    modules = _COMPONENT.findall(urn)
    return f"components/{modules[-1]}.py" if modules else "__main__.py"


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.cause},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": [rule.area, *rule.controls], "security-severity": _SCORES[rule.severity]},
    }
