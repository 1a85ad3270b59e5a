"""Web ACLs, and classic ones for whoever has not moved to WAFv2 yet.

Owns the rules that they do something.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import Want, demand
from policy.frame.resources import Resource
from policy.frame.rule import Findings, Run, sample
from policy.frame.values import Block

from . import AREA

_BAD_INPUTS: Final = "AWSManagedRulesKnownBadInputsRuleSet"


def _none(block: Block, rest: str) -> bool:
    return block.lacks(rest)


demand(
    AREA,
    "classic-waf-has-rules",
    ["waf/webAcl", "wafregional/webAcl"],
    "Classic web ACLs have rules",
    wants=[
        Want("rules", _none, good=[{"priority": 1, "ruleId": "r-1", "type": "REGULAR"}], bad=(None,), says="is empty")
    ],
    cause="An ACL without rules lets everything through.",
    remedy="Add rules, or move to WAFv2.",
    controls=["WAF.4", "WAF.8"],
)


def _groups(acl: Resource, run: Run) -> list[Block]:
    separate: list[Block] = [*run.stack.sides(acl, "wafv2/webAclRule", "webAclArn")]
    associated: list[Block] = [*run.stack.sides(acl, "wafv2/webAclRuleGroupAssociation", "webAclArn")]
    return [*acl.blocks("rules"), *separate, *associated]


@AREA.rule(
    "waf-has-rules",
    title="Web ACLs have rules",
    cause="An ACL without rules lets everything through.",
    remedy="Add managed rule groups, a rate rule and rules of our own.",
    types=["wafv2/webAcl"],
    scope="stack",
    controls=["WAF.10"],
    good=[sample("wafv2/webAcl", rules=[{"name": "rate", "statement": {"rateBasedStatement": {"limit": 2000}}}])],
    bad=[sample("wafv2/webAcl", scope="REGIONAL")],
)
def waf_has_rules(acl: Resource, run: Run) -> Findings:
    """Look at inline and separate rules."""
    if acl.is_known("rules") and not any(rule.raw for rule in _groups(acl, run)):
        yield acl.finding(f"{acl.label} has no rules")


@AREA.rule(
    "waf-blocks-bad-inputs",
    title="Web ACLs block known bad inputs",
    cause="The group stops Log4j-like requests that Java would obey; a group that only counts stops nothing.",
    remedy=f"Add the managed rule group {_BAD_INPUTS} beside the core and SQL rules.",
    types=["wafv2/webAcl"],
    severity="high",
    scope="stack",
    controls=["FSBP WAF.10"],
    good=[
        sample(
            "wafv2/webAcl",
            rules=[{"name": "bad", "statement": {"managedRuleGroupStatement": {"name": _BAD_INPUTS}}}],
        )
    ],
    bad=[
        sample("wafv2/webAcl", name="prod-common-waf-edge-01"),
        sample(
            "wafv2/webAcl",
            rules=[
                {
                    "name": "bad",
                    "overrideAction": {"count": {}},
                    "statement": {"managedRuleGroupStatement": {"name": _BAD_INPUTS}},
                }
            ],
        ),
        sample("wafv2/webAcl", rules=[{"name": "rate", "statement": {"rateBasedStatement": {"limit": 2000}}}]),
    ],
)
def waf_blocks_bad_inputs(acl: Resource, run: Run) -> Findings:
    """Look at inline and separate rules."""
    rules = _groups(acl, run)
    if not acl.is_known("rules") or not all(rule.is_known("statement") for rule in rules):
        return
    acting = [rule for rule in rules if rule.get("overrideAction.count") is None]
    names = [rule.text("statement.managedRuleGroupStatement.name") for rule in acting]
    names += [rule.text("managedRuleGroup.ruleGroupName") for rule in acting]
    if _BAD_INPUTS not in names:
        yield acl.finding(f"{acl.label} does not use {_BAD_INPUTS}")
