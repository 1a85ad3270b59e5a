"""Classic web ACLs, for whoever has not moved to WAFv2 yet.

Owns the rule that they do something.
"""

from __future__ import annotations

from policy.frame.demands import Want, demand
from policy.frame.values import Block

from . import AREA


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
