"""Preview, create, read, update and delete behave as the official provider over AWS does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.aws.checking import UNKNOWN
from rehearsal.aws.refusals import RefusedError
from rehearsal.cloud import CloudObject

if TYPE_CHECKING:
    from conftest import Engine, Made

    from rehearsal.cloud import Json, JsonObject

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
ROLE = "aws:iam/role:Role"
CLUSTER = "aws:rds/cluster:Cluster"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
ADDRESSES = "10.0.0.0/16"


def vpc(engine: Engine) -> Made:
    return engine.create(VPC, "net", {"cidrBlock": ADDRESSES})


def subnet(engine: Engine, network: Made, name: str = "a") -> Made:
    return engine.create(
        SUBNET, name, {"vpcId": network.id, "cidrBlock": "10.0.1.0/24", "availabilityZone": f"ap-northeast-2{name}"}
    )


def database(**more: Json) -> JsonObject:
    return {"clusterIdentifier": "dev-db", "engine": "aurora-mysql", "masterUsername": "admin", **more}


def test_a_preview_knows_the_inputs_and_nothing_computed(engine: Engine) -> None:
    seen = engine.preview(VPC, "net", {"cidrBlock": ADDRESSES})
    assert seen["cidrBlock"] == ADDRESSES
    assert seen["region"] == "ap-northeast-2"
    assert seen["arn"] == seen["defaultSecurityGroupId"] == seen["enableDnsHostnames"] == UNKNOWN
    assert "ipv4IpamPoolId" not in seen
    assert engine.cloud.is_empty()


def test_a_preview_leaves_computed_parts_of_a_given_block_unknown(engine: Engine) -> None:
    seen = engine.preview(
        "aws:eks/cluster:Cluster",
        "c",
        {"name": "c", "roleArn": "arn:aws:iam::123456789012:role/r", "vpcConfig": {"subnetIds": ["s"]}},
    )
    assert seen["vpcConfig"] == {"subnetIds": ["s"], "clusterSecurityGroupId": UNKNOWN, "vpcId": UNKNOWN}


def test_outputs_have_the_forms_that_aws_gives_them(engine: Engine) -> None:
    network = vpc(engine)
    zones = [subnet(engine, network, letter) for letter in "ab"]
    assert network.id.startswith("vpc-")
    assert len(network.id) == len("vpc-") + 17
    assert network.state["arn"] == f"arn:aws:ec2:ap-northeast-2:123456789012:vpc/{network.id}"
    assert zones[1].state["availabilityZoneId"] == "apne2-az2"
    balancer = engine.create(
        BALANCER,
        "lb",
        {
            "name": "dev-alb",
            "internal": True,
            "loadBalancerType": "application",
            "subnets": [zone.id for zone in zones],
        },
    )
    assert balancer.id == balancer.state["arn"]
    assert balancer.id.startswith("arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:loadbalancer/app/dev-alb/")
    assert balancer.state["vpcId"] == network.id
    assert str(balancer.state["dnsName"]).startswith("internal-dev-alb-")
    cluster = engine.create(CLUSTER, "db", database(manageMasterUserPassword=True))
    assert cluster.id == "dev-db"
    assert str(cluster.state["readerEndpoint"]).startswith("dev-db.cluster-ro-")
    secrets = cluster.state["masterUserSecrets"]
    assert isinstance(secrets, list)
    assert isinstance(secrets[0], dict)
    assert str(secrets[0]["secretArn"]).startswith(
        "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:rds!cluster-"
    )


def test_the_same_program_gets_the_same_values_after_a_fresh_start(engine: Engine) -> None:
    first = vpc(engine)
    engine.delete(first)
    assert vpc(engine).state == first.state


def test_certificate_validation_options_cover_all_names(engine: Engine) -> None:
    made = engine.create(
        "aws:acm/certificate:Certificate",
        "c",
        {
            "domainName": "example.com",
            "subjectAlternativeNames": ["*.example.com", "b.example.com"],
            "validationMethod": "DNS",
        },
    )
    options = made.state["domainValidationOptions"]
    assert isinstance(options, list)
    names = {
        str(option["domainName"]): str(option["resourceRecordName"]) for option in options if isinstance(option, dict)
    }
    assert set(names) == {"example.com", "*.example.com", "b.example.com"}
    assert names["example.com"] == names["*.example.com"] != names["b.example.com"]


def test_a_type_without_an_entry_of_its_own_works_too(engine: Engine) -> None:
    made = engine.create("aws:glue/catalogDatabase:CatalogDatabase", "g", {"name": "sales"})
    assert made.id
    assert str(made.state["arn"]).startswith("arn:aws:glue:ap-northeast-2:123456789012:")


def test_nothing_changed_is_no_difference_even_in_another_order(engine: Engine) -> None:
    network = vpc(engine)
    groups = [engine.create(GROUP, name, {"name": name, "vpcId": network.id}) for name in ("a", "b")]
    arguments = database(vpcSecurityGroupIds=[group.id for group in groups])
    made = engine.create(CLUSTER, "db", arguments)
    answer = engine.diff(made, database(vpcSecurityGroupIds=[group.id for group in reversed(groups)]))
    assert answer.changes == answer.DIFF_NONE


def test_a_change_in_place_keeps_what_aws_computed(engine: Engine) -> None:
    made = vpc(engine)
    answer = engine.diff(made, {"cidrBlock": ADDRESSES, "enableDnsHostnames": True})
    assert list(answer.replaces) == []
    assert list(answer.diffs) == ["enableDnsHostnames"]
    after = engine.update(made, {"cidrBlock": ADDRESSES, "enableDnsHostnames": True})
    assert after.state == made.state | {"enableDnsHostnames": True}


@pytest.mark.parametrize(
    ("token", "before", "after", "replaces"),
    [
        (VPC, {"cidrBlock": ADDRESSES}, {"cidrBlock": "10.1.0.0/16"}, "cidrBlock"),  # CloudFormation
        (
            "aws:eks/cluster:Cluster",
            {
                "name": "c",
                "roleArn": "arn:aws:iam::123456789012:role/r",
                "vpcConfig": {"subnetIds": ["s"]},
                "bootstrapSelfManagedAddons": True,
            },
            {
                "name": "c",
                "roleArn": "arn:aws:iam::123456789012:role/r",
                "vpcConfig": {"subnetIds": ["s"]},
                "bootstrapSelfManagedAddons": False,
            },
            "bootstrapSelfManagedAddons",  # the docstring
        ),
        (GROUP, {"name": "g", "description": "a"}, {"name": "g", "description": "b"}, "description"),  # the table
        (
            "aws:s3/bucketPolicy:BucketPolicy",
            {"bucket": "aaa", "policy": "{}"},
            {"bucket": "bbb", "policy": "{}"},
            "bucket",
        ),
    ],
)
def test_what_cannot_change_in_place_is_replaced(
    engine: Engine, token: str, before: JsonObject, after: JsonObject, replaces: str
) -> None:
    answer = engine.diff(engine.create(token, "thing", before), after)
    assert list(answer.replaces) == [replaces]


def test_a_fixed_name_is_deleted_before_it_is_replaced_and_an_invented_one_after(engine: Engine) -> None:
    fixed = engine.create(GROUP, "fixed", {"name": "dev-sg", "description": "a"})
    assert engine.diff(fixed, {"name": "dev-sg", "description": "b"}).deleteBeforeReplace
    free = engine.create(GROUP, "free", {"description": "a"})
    assert not engine.diff(free, {"description": "b"}).deleteBeforeReplace


def test_a_replacement_beside_its_original_gets_an_id_of_its_own(engine: Engine) -> None:
    first, second = vpc(engine), vpc(engine)
    assert first.id != second.id
    assert first.state["defaultSecurityGroupId"] != second.state["defaultSecurityGroupId"]
    after = engine.update(second, {"cidrBlock": ADDRESSES, "enableDnsHostnames": True})
    assert after.state == second.state | {"enableDnsHostnames": True}


def test_a_read_sees_what_was_changed_outside(engine: Engine) -> None:
    made = engine.create(ROLE, "r", {"name": "app", "assumeRolePolicy": "{}"})
    engine.cloud.change(ROLE, "app", "maxSessionDuration", 7200)
    engine.cloud.change(ROLE, "app", "tags", {"Owner": "someone"})
    identifier, state, inputs = engine.read(made)
    assert identifier == "app"
    assert state["maxSessionDuration"] == 7200
    assert inputs["tags"] == {"Owner": "someone"}


def test_a_read_of_what_is_gone_says_so(engine: Engine) -> None:
    made = engine.create(ROLE, "r", {"name": "app", "assumeRolePolicy": "{}"})
    engine.cloud.delete(ROLE, "app")
    assert engine.read(made)[0] == ""
    engine.delete(made)


def test_a_taken_name_is_refused(engine: Engine) -> None:
    engine.create(ROLE, "one", {"name": "app", "assumeRolePolicy": "{}"})
    with pytest.raises(RefusedError, match="EntityAlreadyExists"):
        engine.create(ROLE, "two", {"name": "app", "assumeRolePolicy": "{}"})


def test_a_bucket_name_is_taken_in_all_regions(engine: Engine) -> None:
    engine.create("aws:s3/bucket:Bucket", "one", {"bucket": "logs-1"})
    with pytest.raises(RefusedError, match="BucketAlreadyExists"):
        engine.create("aws:s3/bucket:Bucket", "two", {"bucket": "logs-1", "region": "ap-northeast-1"})


def test_a_reference_to_nothing_is_refused(engine: Engine) -> None:
    with pytest.raises(RefusedError, match="vpcId points to vpc-0123456789abcdef0, which does not exist"):
        engine.create(GROUP, "g", {"name": "g", "vpcId": "vpc-0123456789abcdef0"})


def test_a_reference_to_an_implied_part_is_accepted(engine: Engine) -> None:
    network = vpc(engine)
    default = str(network.state["defaultSecurityGroupId"])
    made = engine.create(CLUSTER, "db", database(vpcSecurityGroupIds=[default]))
    assert made.state["vpcSecurityGroupIds"] == [default]
    adopted = engine.create("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "d", {"vpcId": network.id})
    assert adopted.id == default


def test_deletion_protection_holds_until_it_is_lifted(engine: Engine) -> None:
    made = engine.create(CLUSTER, "db", database(deletionProtection=True))
    with pytest.raises(RefusedError, match="dev-db is protected: set deletionProtection to false"):
        engine.delete(made)
    engine.delete(engine.update(made, database(deletionProtection=False, skipFinalSnapshot=True)))
    assert engine.cloud.is_empty()


def test_what_others_depend_on_cannot_be_deleted(engine: Engine) -> None:
    network = vpc(engine)
    part = subnet(engine, network)
    with pytest.raises(RefusedError, match=f"DependencyViolation: {network.id}.*{part.id}"):
        engine.delete(network)
    engine.delete(part)
    engine.delete(network)
    assert engine.cloud.is_empty()


def test_a_group_goes_with_its_own_rules_but_not_while_others_name_it(engine: Engine) -> None:
    network = vpc(engine)
    one, two = (engine.create(GROUP, name, {"name": name, "vpcId": network.id}) for name in ("one", "two"))
    rule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    common: JsonObject = {"ipProtocol": "tcp", "fromPort": 80, "toPort": 80}
    engine.create(rule, "own", common | {"securityGroupId": one.id, "cidrIpv4": ADDRESSES})
    engine.delete(one)
    other = engine.create(GROUP, "three", {"name": "three", "vpcId": network.id})
    engine.create(rule, "other", common | {"securityGroupId": two.id, "referencedSecurityGroupId": other.id})
    with pytest.raises(RefusedError, match="DependencyViolation"):
        engine.delete(other)


def test_what_a_region_does_not_have_cannot_be_made_there(engine: Engine) -> None:
    network = vpc(engine)
    control: JsonObject = {"vpcId": network.id, "mode": "monitor"}
    with pytest.raises(RefusedError, match="ap-northeast-2 does not have AWS::EC2::VPCEncryptionControl"):
        engine.create("aws:ec2/vpcEncryptionControl:VpcEncryptionControl", "control", control)
    engine.create("aws:ec2/vpcEncryptionControl:VpcEncryptionControl", "control", control | {"region": "us-east-1"})


def test_a_region_has_what_cloudformation_lists_in_a_few_regions_only(engine: Engine) -> None:
    network = vpc(engine)
    reserved: JsonObject = {"subnetId": subnet(engine, network).id, "cidrBlock": "10.0.1.0/28"}
    engine.create(
        "aws:ec2/subnetCidrReservation:SubnetCidrReservation", "kept", reserved | {"reservationType": "prefix"}
    )


ACL = "aws:wafv2/webAcl:WebAcl"
ACL_RULE = "aws:wafv2/webAclRule:WebAclRule"
MEASURED: JsonObject = {"cloudwatchMetricsEnabled": True, "sampledRequestsEnabled": True, "metricName": "m"}
FIREWALL: JsonObject = {
    "name": "dev-waf",
    "scope": "CLOUDFRONT",
    "region": "us-east-1",
    "defaultAction": {"allow": {}},
    "visibilityConfig": MEASURED,
}


def firewall_rule(name: str, priority: int) -> JsonObject:
    return {
        "name": name,
        "priority": priority,
        "action": {"block": {}},
        "statement": {"geoMatchStatement": {"countryCodes": ["KP"]}},
        "visibilityConfig": MEASURED,
    }


def firewall(*rules: Json) -> JsonObject:
    return {**FIREWALL, "rules": list(rules)}


def firewall_with_a_separate_rule(engine: Engine) -> tuple[Made, Made]:
    acl = engine.create(ACL, "acl", FIREWALL)
    arn: JsonObject = {"webAclArn": acl.state["arn"], "region": "us-east-1"}
    return acl, engine.create(ACL_RULE, "rule", firewall_rule("one", 10) | arn)


def test_a_change_of_a_firewall_loses_the_separate_rules_that_its_state_never_saw(engine: Engine) -> None:
    acl, rule = firewall_with_a_separate_rule(engine)
    changed = engine.update(acl, {**FIREWALL, "tags": {"Owner": "us"}}, ignored=("rules",))
    assert engine.read(rule)[0] == rule.id, "tags are not the firewall's own"
    engine.update(changed, FIREWALL | {"description": "what may reach the site"}, ignored=("rules",))
    assert engine.read(rule)[0] == ""


def test_a_change_of_a_firewall_keeps_the_separate_rules_that_a_refresh_has_seen(engine: Engine) -> None:
    acl, rule = firewall_with_a_separate_rule(engine)
    refreshed = engine.read(acl)[1]
    assert str(refreshed["rules"]).count("'name': 'one'") == 1
    seen = replace(acl, state=refreshed)
    engine.update(seen, FIREWALL | {"description": "what may reach the site"}, ignored=("rules",))
    assert engine.read(rule)[0] == rule.id


def test_a_firewalls_own_rules_are_what_its_change_says(engine: Engine) -> None:
    one, two = firewall_rule("one", 10), firewall_rule("two", 20)
    acl = engine.create(ACL, "acl", firewall(one))
    changed = engine.update(acl, firewall(one, two))
    assert engine.read(changed)[1]["rules"] == [one, two]
    engine.update(changed, firewall(one, two) | {"description": "what may reach the site"})
    assert engine.read(changed)[1]["rules"] == [one, two]


def test_a_firewall_has_no_two_rules_of_one_priority(engine: Engine) -> None:
    acl, rule = firewall_with_a_separate_rule(engine)
    arn: JsonObject = {"webAclArn": acl.state["arn"], "region": "us-east-1"}
    with pytest.raises(RefusedError, match="already exists"):
        engine.create(ACL_RULE, "other", firewall_rule("two", 10) | arn)
    other = engine.create(ACL_RULE, "other", firewall_rule("two", 20) | arn)
    with pytest.raises(RefusedError, match="already exists"):
        engine.update(other, firewall_rule("two", 10) | arn)
    engine.delete(rule)
    engine.update(other, firewall_rule("two", 10) | arn)


def test_a_way_to_the_load_balancer_is_not_changed_while_a_distribution_uses_it(engine: Engine) -> None:
    config: JsonObject = {
        "name": "origin",
        "arn": "arn:aws:elasticloadbalancing:ap-northeast-1:999999999999:loadbalancer/app/x/1",
        "httpPort": 80,
        "httpsPort": 443,
        "originProtocolPolicy": "https-only",
        "originSslProtocols": {"items": ["TLSv1.2"], "quantity": 1},
    }
    origin = engine.create("aws:cloudfront/vpcOrigin:VpcOrigin", "origin", {"vpcOriginEndpointConfig": config})
    engine.cloud.create(
        CloudObject(
            provider="aws",
            type="aws:cloudfront/distribution:Distribution",
            location="",
            id="E1",
            properties={"origins": [{"vpcOriginConfig": {"vpcOriginId": origin.id}}]},
        )
    )
    engine.update(origin, {"vpcOriginEndpointConfig": config, "tags": {"Owner": "us"}})
    changed: JsonObject = {"vpcOriginEndpointConfig": config | {"httpsPort": 8443}}
    with pytest.raises(RefusedError, match="CannotUpdateEntityWhileInUse"):
        engine.update(origin, changed)
    engine.cloud.delete("aws:cloudfront/distribution:Distribution", "E1")
    engine.update(origin, changed)


def test_all_certificates_of_a_domain_are_proven_by_one_record(engine: Engine) -> None:
    def proof(name: str, domain: str, algorithm: str, region: str) -> Json:
        asked: JsonObject = {"domainName": domain, "keyAlgorithm": algorithm, "region": region}
        made = engine.create("aws:acm/certificate:Certificate", name, asked | {"validationMethod": "DNS"})
        options = made.state["domainValidationOptions"]
        assert isinstance(options, list)
        return options[0]

    first = proof("a", "www.example.com", "RSA_2048", "ap-northeast-2")
    assert proof("b", "www.example.com", "EC_prime256v1", "us-east-1") == first
    assert proof("c", "example.com", "RSA_2048", "ap-northeast-2") != first
