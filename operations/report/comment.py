"""The comment on a pull request: verdict, counts, what would be lost, policies, cost, and all changes.

Owns the wording and the order: what a reviewer must not miss comes first and is cut last. Takes a finished preview and
a cost difference; decides nothing but whether they let the change pass.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from operations.cost.difference import CostDifference
from operations.markdown import LIMIT, Section, code, page
from operations.report.changes import Change, Difference, changes
from rehearsal.outcome import Outcome, Violation

RULES_PAGE: Final = "docs/reference/policy-rules.md"
_STACK: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]*(-[A-Za-z0-9_.]+)*")
_RULE: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SEVERITIES: Final = ("critical", "high", "medium", "low")
_COLUMNS: Final = ("create", "update", "replace", "delete")
_OTHER_COLUMN: Final = ("import", "other")


def check_stack(stack: str) -> str:
    """Return the stack's name if it can stand in a page as it is.

    Raises:
        ValueError: It could end an HTML comment or a code span.
    """
    if not _STACK.fullmatch(stack):
        raise ValueError(f"stack {stack!r}: expected letters, digits, dots, underscores and single hyphens")
    return stack


def marker(stack: str) -> str:
    """Return the hidden line by which a workflow finds the stack's comment again."""
    return f"<!-- fast-order preview of {check_stack(stack)} -->"


def comment(
    outcome: Outcome, stack: str, cost: CostDifference, *, link_base: str = "", note: str = "", limit: int = LIMIT
) -> str:
    """Return the comment.

    Args:
        outcome: The finished preview.
        stack: The stack's name.
        cost: What the preview changes in the monthly cost.
        link_base: Address of the repository at the previewed commit, ending in a slash; empty for relative links.
        note: A last line of trusted Markdown, such as a link to the run.
        limit: The most characters that the comment may have.
    """
    found = changes(outcome.steps)
    lost = [change for change in found if change.stateful and change.destroys]
    gone = [change for change in found if not change.stateful and change.destroys]
    mandatory = outcome.mandatory_violations
    advisory = [one for one in outcome.violations if one not in mandatory]
    errors = [error for error in outcome.errors if not _told_by(error, mandatory)]
    sections = [
        Section(title="❌ Errors", lines=[f"- {code(error, 2000)}" for error in errors]),
        Section(title="🚨 State would be lost", lines=[_change(change) for change in lost]),
        Section(title="❌ Policy violations", lines=_violations(mandatory, link_base)),
        Section(title="⚠️ Replaced or deleted", lines=[_change(change) for change in gone]),
        Section(title="⚠️ Advice of policies", lines=_violations(advisory, link_base)),
        Section(title="💰 Cost a month", lines=cost.lines(), folded=not cost.changed),
        Section(title="🔧 Repaired by policies", lines=_remediations(outcome, link_base)),
        Section(title="Waived findings", lines=_waivers(outcome, link_base), folded=True),
        Section(title="Not yet known, decided at up", lines=_undecided(outcome, link_base), folded=True),
        *(
            Section(title=title, lines=[_change(change) for change in found if change.kind in kinds], folded=True)
            for title, kinds in (
                ("Updated", ("update",)),
                ("Created", ("create",)),
                ("Imported and other", _OTHER_COLUMN),
            )
        ),
    ]
    head = "\n".join(
        [marker(stack), f"### {_verdict(outcome, stack, found, lost)}", "", *_counts(outcome, found, cost)]
    )
    return page(head, sections, note or "Read what is replaced or deleted before anything else.", limit)


def _verdict(outcome: Outcome, stack: str, found: Sequence[Change], lost: Sequence[Change]) -> str:
    where = f"Preview of `{stack}`"
    if outcome.mandatory_violations:
        return f"❌ {where}: {_count(len(outcome.mandatory_violations), 'policy violation')}"
    if not outcome.succeeded:
        return f"❌ {where} failed"
    if lost:
        return f"🚨 {where}: {_count(len(lost), 'resource')} with state would be replaced or deleted"
    return f"✅ {where}: {_count(len(found), 'change')}" if found else f"✅ {where}: no change"


def _counts(outcome: Outcome, found: Sequence[Change], cost: CostDifference) -> list[str]:
    count: Counter[str] = Counter(change.kind for change in found)
    cells = [str(count[kind]) for kind in _COLUMNS] + [str(sum(count[kind] for kind in _OTHER_COLUMN))]
    cells += [str(outcome.changes["same"]), str(len(outcome.policies)), cost.summary]
    titles = [*_COLUMNS, "other", "unchanged", "policies run", "cost a month"]
    return [f"| {' | '.join(titles)} |", "|" + " ---: |" * len(titles), f"| {' | '.join(cells)} |"]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _told_by(error: str, violations: Iterable[Violation]) -> bool:
    return any(error == f"{one.policy}: {one.message.strip()}" for one in violations)


def _change(change: Change) -> str:
    words = [f"- **{change.kind}** {code(change.name)} {code(change.type)}"]
    if change.kind == "other":
        words.append(f"({code(change.op)})")
    if change.protected:
        words.append("— protected: Pulumi refuses")
    elif change.retained and change.destroys:
        words.append("— kept in the cloud")
    forcing = [one for one in change.differences if one.forces]
    rest = [one for one in change.differences if not one.forces]
    if forcing:
        words.append("— forced by " + ", ".join(_difference(one) for one in forcing))
    if rest:
        words.append("— " + ", ".join(_difference(one) for one in rest))
    return " ".join(words)


def _difference(one: Difference) -> str:
    if one.before is None or one.after is None:
        return code(one.path, 120)
    return f"{code(one.path, 120)}: {code(one.before, 60)} → {code(one.after, 60)}"


def _violations(violations: Iterable[Violation], link_base: str) -> list[str]:
    def weight(one: Violation) -> tuple[int, str, str, str]:
        rank = _SEVERITIES.index(one.severity) if one.severity in _SEVERITIES else len(_SEVERITIES)
        return rank, one.policy, one.urn, one.message

    lines: list[str] = []
    told: set[tuple[str, str]] = set()
    for one in sorted(violations, key=weight):
        # The pack says: the rule's title, the finding, the remedy. The remedy is the rule's, so once is enough.
        said, _, remedy = one.message.strip().partition("\nFix: ")
        finding = said.split("\n", 1)[-1]
        line = f"- {_rule(one.policy, link_base)} {code(one.severity or 'unrated')} on {_resource(one.urn)}: "
        line += code(finding, 600)
        if remedy and (one.policy, remedy) not in told:
            told.add((one.policy, remedy))
            line += f"<br>Fix: {code(remedy, 600)}"
        lines.append(line)
    return lines


def _remediations(outcome: Outcome, link_base: str) -> list[str]:
    return sorted(
        f"- {_rule(one.policy, link_base)} set {', '.join(code(name, 80) for name in one.changed) or 'nothing'} "
        f"of {_resource(one.urn)}"
        for one in outcome.remediations
    )


def _waivers(outcome: Outcome, link_base: str) -> list[str]:
    parts = [waiver.partition(" on ") for waiver in outcome.waived]
    return [f"- {_rule(rule, link_base)} {code(rest, 800)}" for rule, _, rest in parts]


def _undecided(outcome: Outcome, link_base: str) -> list[str]:
    by_rule: dict[str, list[str]] = {}
    for rule, urn in outcome.undecided:
        by_rule.setdefault(rule, []).append(_resource(urn))
    return [f"- {_rule(rule, link_base)}: {', '.join(sorted(names))}" for rule, names in sorted(by_rule.items())]


def _resource(urn: str) -> str:
    return code(urn.rsplit("::", 1)[-1]) if urn else "the stack"


def _rule(rule: str, link_base: str) -> str:
    return f"[{rule}]({link_base}{RULES_PAGE}#{rule})" if _RULE.fullmatch(rule) else code(rule)
