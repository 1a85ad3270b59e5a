"""The web application firewall in front of CloudFront.

Owns the web ACL, its rules and their log. Does not own the distribution that it guards. Everything is in us-east-1,
as CloudFront takes nothing from elsewhere.

The rules stop what the customer named (SQL injection, floods) and what every public site sees. Their order is that of
cost: what blocks by address alone comes before what reads the request. With all of them the ACL takes 1,377 of the
1,500 capacity units that its base price covers (AWS documents the units of each managed group).

The rules are part of the ACL. As resources of their own they would be lost with the next change of it: the provider
sends with each one the rules that it last saw in the ACL, which were none when it made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.log_group import log_group
from model import settings
from model.conventions import EDGE_REGION, Conventions

_MANAGED: Final = {
    "reputation": "AWSManagedRulesAmazonIpReputationList",
    "badinputs": "AWSManagedRulesKnownBadInputsRuleSet",
    "sqlinjection": "AWSManagedRulesSQLiRuleSet",
    "common": "AWSManagedRulesCommonRuleSet",
    "linux": "AWSManagedRulesLinuxRuleSet",
}
_FLOOD: Final = "flood"
_FLOOD_SECONDS: Final = 300
_ANTI_DDOS: Final = "antiddos"
_PRIORITIES: Final = {
    _ANTI_DDOS: 10,
    _FLOOD: 20,
    "reputation": 30,
    "badinputs": 40,
    "sqlinjection": 50,
    "common": 60,
    "linux": 70,
}
"""Each rule keeps its own, whichever others there are, and leaves room for more between any two."""


@dataclass(frozen=True, kw_only=True)
class WebAclArgs:
    """What the firewall needs.

    Attributes:
        conventions: Names, tags, log retention.
        settings: Rate limit and whether the paid rules against floods are on.
        key_arn: Key in us-east-1 that encrypts the log.
    """

    conventions: Conventions
    settings: settings.Edge
    key_arn: pulumi.Input[str]


class WebAcl(pulumi.ComponentResource):
    """One web ACL for CloudFront, with its log."""

    metric_name: str
    """Name under which it reports its metrics, known before anything exists."""
    log_group_name: str
    """What it blocked and let pass."""
    arn: pulumi.Output[str]
    """ARN, which CloudFront takes as the id."""

    def __init__(self, name: str, args: WebAclArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:web_acl:WebAcl", name, None, opts)
        physical = args.conventions.naming.name("waf", "site", public=True)
        acl = aws.wafv2.WebAcl(
            f"{name}-acl",
            name=physical,
            region=EDGE_REGION,
            scope="CLOUDFRONT",
            description="What may reach the site",
            default_action={"allow": {}},
            rules=list(_rules(args)),
            visibility_config=_measured(physical),
            tags=args.conventions.tagging.tags(physical, "site"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.metric_name, self.log_group_name = physical, args.conventions.naming.web_acl_log("site")
        self._log(name, acl, args)
        self.arn = acl.arn
        self.register_outputs({"arn": self.arn})

    def _log(self, name: str, acl: aws.wafv2.WebAcl, args: WebAclArgs) -> None:
        conventions, child = args.conventions, pulumi.ResourceOptions(parent=self)
        group = log_group(
            f"{name}-log",
            self.log_group_name,
            "site",
            conventions=conventions,
            key_arn=args.key_arn,
            opts=child,
            region=EDGE_REGION,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            f"{name}-logging",
            region=EDGE_REGION,
            resource_arn=acl.arn,
            log_destination_configs=[group.arn],
            # Whoever reads the log must not be able to act as the person who was logged in.
            redacted_fields=[{"single_header": {"name": header}} for header in ("authorization", "cookie")],
            opts=child,
        )


def _rules(args: WebAclArgs) -> Iterator[aws.wafv2.WebAclRuleArgsDict]:
    statements: dict[str, aws.wafv2.WebAclRuleStatementArgsDict] = {
        _FLOOD: {
            "rate_based_statement": {
                "limit": args.settings.requests_per_address,
                "aggregate_key_type": "IP",
                "evaluation_window_sec": _FLOOD_SECONDS,
            }
        },
        **{role: _managed(group) for role, group in _MANAGED.items()},
    }
    if args.settings.anti_ddos:
        statements[_ANTI_DDOS] = _anti_ddos()
    for role, priority in _PRIORITIES.items():
        if role in statements:
            physical = args.conventions.naming.name("wafrule", role)
            rule: aws.wafv2.WebAclRuleArgsDict = {
                "name": physical,
                "priority": priority,
                "statement": statements[role],
                "visibility_config": _measured(physical),
            }
            # A managed group brings its own actions: nothing is overridden.
            yield {**rule, "action": {"block": {}}} if role == _FLOOD else {**rule, "override_action": {"none": {}}}


def _measured(name: str) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    return {"cloudwatch_metrics_enabled": True, "sampled_requests_enabled": True, "metric_name": name}


def _managed(group: str) -> aws.wafv2.WebAclRuleStatementArgsDict:
    return {"managed_rule_group_statement": {"vendor_name": "AWS", "name": group}}


def _anti_ddos() -> aws.wafv2.WebAclRuleStatementArgsDict:
    return {
        "managed_rule_group_statement": {
            "vendor_name": "AWS",
            "name": "AWSManagedRulesAntiDDoSRuleSet",
            "managed_rule_group_configs": [
                {
                    "aws_managed_rules_anti_ddos_rule_set": {
                        # The services answer JSON to scripts, which cannot solve a challenge.
                        "client_side_action_config": {"challenge": {"usage_of_action": "DISABLED"}},
                        "sensitivity_to_block": "LOW",
                    }
                }
            ],
        }
    }
