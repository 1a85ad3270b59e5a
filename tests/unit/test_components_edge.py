"""What faces the internet: the distribution, its ways to the origins, the firewall and the names."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import pytest

from model.headers import SecurityHeaders
from tests.unit.testkit import ROOT, STACKS, Graph, whole

DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
ACL: Final = "aws:wafv2/webAcl:WebAcl"
CAPACITY: Final = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesAntiDDoSRuleSet": 50,
}
"""Units that AWS's documentation gives for each managed group."""


def behaviors(graph: Graph) -> dict[str, dict[str, Any]]:
    inputs = graph.one(DISTRIBUTION).inputs
    return {"": inputs["defaultCacheBehavior"]} | {one["pathPattern"]: one for one in inputs["orderedCacheBehaviors"]}


def rules(graph: Graph) -> list[dict[str, Any]]:
    """The firewall's rules in their order."""
    return sorted(graph.one(ACL).inputs["rules"], key=lambda one: one["priority"])


def groups(graph: Graph) -> list[str]:
    """Managed groups of the firewall in their order, the rate rule among them as `rate`."""
    return [one["statement"].get("managedRuleGroupStatement", {"name": "rate"})["name"] for one in rules(graph)]


def test_orders_go_to_the_web_tier_uncached_and_files_to_the_bucket(graph: Graph):
    found = behaviors(graph)
    assert {path: one["targetOriginId"] for path, one in found.items()} == {
        "": "files",
        "/user/*": "web",
        "/item/*": "web",
        "/pay/*": "web",
    }
    for path, one in found.items():
        assert ("POST" in one["allowedMethods"]) is (path != "")
        # Managed-CachingDisabled and Managed-AllViewerExceptHostHeader
        assert (one["cachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad") is (path != "")
        assert (one.get("originRequestPolicyId") == "b689b0a8-53d0-40ab-baf2-68738e2966ac") is (path != "")


def test_no_answer_goes_out_in_plain_text_or_without_security_headers(graph: Graph):
    policy = graph.one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    for path, one in behaviors(graph).items():
        assert one["viewerProtocolPolicy"] == ("https-only" if path else "redirect-to-https")
        assert one["responseHeadersPolicyId"] == f"{policy.name}-id"
    certificate = graph.one(DISTRIBUTION).inputs["viewerCertificate"]
    assert certificate["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert graph.one("aws:acm/certificate:Certificate", "edge-site-certificate").inputs["region"] == "us-east-1"


def test_files_come_from_the_web_tier_when_the_bucket_has_no_answer(graph: Graph):
    (group,) = graph.one(DISTRIBUTION).inputs["originGroups"]
    assert [one["originId"] for one in group["members"]] == ["static", "web"]
    # S3 says 403 for a file that was not published yet.
    assert {403, 404, 500, 503} <= set(group["failoverCriteria"]["statusCodes"])


def test_both_origins_are_private(graph: Graph):
    static, web = graph.one(DISTRIBUTION).inputs["origins"]
    assert static["originAccessControlId"] == "edge-bucket-access-id"
    assert "customOriginConfig" not in web
    assert web["vpcOriginConfig"]["vpcOriginId"] == "edge-alb-access-id"
    assert web["domainName"] == graph.one("aws:route53/record:Record", "web-origin-record").inputs["name"]
    inside = graph.one("aws:cloudfront/vpcOrigin:VpcOrigin").inputs["vpcOriginEndpointConfig"]
    assert inside["arn"] == "arn:aws:mock:::web-alb-alb"
    assert (inside["originProtocolPolicy"], inside["originSslProtocols"]["items"]) == ("https-only", ["TLSv1.2"])


def test_headers_of_cloudfront_are_those_of_httpd(graph: Graph):
    policy = graph.one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").inputs
    httpd = (ROOT / "workloads/web/httpd/headers.conf").read_text()
    security = policy["securityHeadersConfig"]
    assert f'"{security["contentSecurityPolicy"]["contentSecurityPolicy"]}"' in httpd
    assert f"max-age={security['strictTransportSecurity']['accessControlMaxAgeSec']:.0f}; includeSubDomains" in httpd
    for item in policy["customHeadersConfig"]["items"]:
        assert f'Header always set {item["header"]} "{item["value"]}"' in httpd
    read = SecurityHeaders.read(ROOT / "workloads/web/httpd/headers.conf")
    assert len(policy["customHeadersConfig"]["items"]) == len(read.others) == 3


def test_the_firewall_guards_the_distribution_from_us_east_1_and_keeps_within_its_base_price(graph: Graph):
    acl = graph.one(ACL)
    assert (acl.inputs["scope"], acl.inputs["region"]) == ("CLOUDFRONT", "us-east-1")
    assert graph.one(DISTRIBUTION).inputs["webAclId"] == f"arn:aws:mock:::{acl.name}"
    found = groups(graph)
    assert {"AWSManagedRulesSQLiRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "rate"} <= set(found)
    assert sum(CAPACITY[name] for name in found if name != "rate") + 2 <= 1500
    for one in rules(graph):
        assert one.get("action", one.get("overrideAction")) in ({"block": {}}, {"none": {}})


def test_the_firewalls_rules_are_its_own_so_that_no_change_of_it_loses_them(graph: Graph):
    assert not [one for one in graph if one.type == "aws:wafv2/webAclRule:WebAclRule"]
    assert graph.one(ACL).ignore_changes == ()


def test_a_rule_keeps_its_priority_whichever_others_there_are(graph: Graph):
    def priorities(stack: Graph) -> dict[str, int]:
        return {one["name"].split("-", 1)[1]: int(one["priority"]) for one in rules(stack)}

    most = priorities(whole("prod"))
    assert priorities(graph).items() <= most.items()
    ordered = sorted(most.values())
    assert min(after - before for before, after in pairwise(ordered)) >= 10


@pytest.mark.parametrize("stack", STACKS)
def test_paid_rules_against_floods_come_first_and_in_production_only(stack: str):
    found = groups(whole(stack))
    assert ("AWSManagedRulesAntiDDoSRuleSet" in found) is (stack != "dev")
    if stack != "dev":
        assert found[0] == "AWSManagedRulesAntiDDoSRuleSet"


def test_access_is_logged_by_the_firewall_and_by_cloudfront(graph: Graph):
    log = graph.one("aws:cloudwatch/logGroup:LogGroup", "edge-firewall-log").inputs
    assert log["name"].startswith("aws-waf-logs-")
    kept = graph.one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration").inputs
    assert kept["logDestinationConfigs"] == ["arn:aws:mock:::edge-firewall-log"]
    assert {one["singleHeader"]["name"] for one in kept["redactedFields"]} == {"authorization", "cookie"}
    source = graph.one("aws:cloudwatch/logDeliverySource:LogDeliverySource").inputs
    assert source["resourceArn"] == "arn:aws:mock:::edge-distribution"
    target = graph.one("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination").inputs
    assert target["deliveryDestinationConfiguration"]["destinationResourceArn"].endswith("storage-log-archive-bucket")
    delivery = graph.one("aws:cloudwatch/logDelivery:LogDelivery").inputs
    assert delivery["deliverySourceName"] == source["name"]
    assert {one["region"] for one in (source, target, delivery)} == {"us-east-1"}


def test_the_site_has_the_zones_own_name_on_both_kinds_of_addresses(graph: Graph):
    (name,) = graph.one(DISTRIBUTION).inputs["aliases"]
    records = [one.inputs for one in graph.under("edge") if one.name in ("edge-a-record", "edge-aaaa-record")]
    assert {(one["name"], one["type"]) for one in records} == {(name, "A"), (name, "AAAA")}
    assert graph.exports["address"] == f"https://{name}/"
