"""Every resource with a name of ours that others hold fast says how it can be replaced, if it ever must.

AWS deletes nothing that is in use, and gives no name twice: whatever is replaced under its old name, while something
that is not replaced with it points to it, ends a deployment half-way. The way out is tried in test_dev_stack.
"""

from __future__ import annotations

from typing import Final

from rehearsal.aws.catalog import describe
from rehearsal.aws.knowledge import knowledge
from rehearsal.aws.naming import named_property
from tests.unit.testkit import Graph, Registration

NEVER: Final = "replaced with what it stands in, or with the data in it: then everything is"
WAYS: Final = {
    "aws:ec2/securityGroup:SecurityGroup": "other words are ignored, and the VPC is the stack",
    "aws:elasticache/parameterGroup:ParameterGroup": "its name carries the family, other words are ignored",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": "its format is fixed, its bucket changes in place",
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": "a distribution is never replaced",
    "aws:lb/targetGroup:TargetGroup": "its name carries the port; the other arguments belong to its kind",
    "aws:rds/cluster:Cluster": NEVER,
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": "its name carries the family, other words are ignored",
    "aws:wafv2/webAcl:WebAcl": "its scope is CloudFront",
}
"""By type that can be replaced under a name of ours while others hold it."""


def holders(token: str) -> set[str]:
    """The types that forbid the end of a type's resources."""
    known = describe(token).facts
    return {one.type for one in known.ending.dependents} if known else set()


def holds_a_fixed_name(one: Registration) -> bool:
    entry, resource = knowledge(one.type), describe(one.type)
    name = (entry.name.property if entry.name else None) or named_property(resource) or "name"
    known = resource.facts.arguments if resource.facts else {}
    forcing = {path.split(".")[0] for path, argument in known.items() if argument.replaces}
    forcing -= {name, "namePrefix", "region"}
    return bool(one.inputs.get(name)) and any(one.inputs.get(argument) is not None for argument in forcing)


def test_whatever_others_hold_fast_has_a_way_to_be_replaced(graph: Graph):
    types = {one.type for one in graph}
    aws = [one for one in graph if one.type.startswith("aws:")]
    held = {one.type for one in aws if types & holders(one.type) and holds_a_fixed_name(one)}
    assert held <= WAYS.keys(), "say in WAYS how it can be replaced, and try it"
    assert graph.exports["environment"] == "dev" or held == WAYS.keys()


def test_names_carry_what_forces_a_replacement(graph: Graph):
    for one in graph.of("aws:lb/targetGroup:TargetGroup"):
        assert f"{one.inputs['port']:.0f}-01" in one.inputs["name"]
        assert not one.delete_before_replace
    for one in graph.of(
        "aws:elasticache/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup"
    ):
        version = "".join(filter(str.isdigit, one.inputs["family"]))
        assert f"{version}-01" in one.inputs["name"]
        assert one.ignore_changes == ("description",)
    for one in graph.of("aws:ec2/securityGroup:SecurityGroup"):
        assert one.ignore_changes == ("description",)


def test_a_vpc_origin_that_says_something_else_has_another_number(graph: Graph):
    """CloudFront refuses to change one that a distribution uses: raise `VPC_ORIGIN` when this test fails."""
    config = graph.one("aws:cloudfront/vpcOrigin:VpcOrigin").inputs["vpcOriginEndpointConfig"]
    said = {name: value for name, value in config.items() if name not in ("name", "arn")}
    versions = {
        "01": {
            "httpPort": 80,
            "httpsPort": 443,
            "originProtocolPolicy": "https-only",
            "originSslProtocols": {"items": ["TLSv1.2"], "quantity": 1},
        }
    }
    assert said == versions[config["name"].rpartition("-")[2]]


def test_a_delivery_that_writes_elsewhere_is_made_anew_with_the_folder_that_aws_puts_first(graph: Graph):
    delivery = graph.one("aws:cloudwatch/logDelivery:LogDelivery")
    assert delivery.replace_on_changes == ("s3DeliveryConfigurations",)
    assert delivery.delete_before_replace
