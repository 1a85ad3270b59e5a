"""Names: every name that the model gives out fits the service that takes it, judged by AWS's own API models."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final, cast, get_args

import pytest
from botocore.loaders import Loader  # pyright: ignore[reportMissingTypeStubs]
from hypothesis import given
from hypothesis import strategies as st

from model.naming import LIMITS, Environment, Naming, NamingError, System
from policy.conventions.names import violations

RULE: Final = re.compile(
    r"(?P<env>dev|stg|prod)-(?P<system>user|item|pay|common)-(?P<resource>[a-z0-9]+)"
    r"-(?P<role>[a-z][a-z0-9]*)(?P<public>-pub)?-(?P<sequence>\d\d)"
)

SOURCES: Final[dict[str, tuple[str, str, str, str]]] = {
    # our short name: API model, structure, member, where its documentation states the limit ("" means in the shape)
    "sg": ("ec2", "CreateSecurityGroupRequest", "GroupName", r"[Uu]p to (\d+) characters"),
    "eks": ("eks", "CreateClusterRequest", "name", ""),
    "alb": ("elbv2", "CreateLoadBalancerInput", "Name", r"maximum of (\d+) characters"),
    "nlb": ("elbv2", "CreateLoadBalancerInput", "Name", r"maximum of (\d+) characters"),
    "tg": ("elbv2", "CreateTargetGroupInput", "Name", r"maximum of (\d+) characters"),
    "rds": ("rds", "CreateDBClusterMessage", "DBClusterIdentifier", r"1 to (\d+) \(for Aurora"),
    "rdsi": ("rds", "CreateDBInstanceMessage", "DBInstanceIdentifier", r"1 to (\d+) letters"),
    "dbsg": ("rds", "CreateDBSubnetGroupMessage", "DBSubnetGroupName", r"no more than (\d+) letters"),
    "dbpg": ("rds", "CreateDBParameterGroupMessage", "DBParameterGroupName", r"1 to (\d+) letters"),
    "snap": ("rds", "CreateDBClusterSnapshotMessage", "DBClusterSnapshotIdentifier", r"1 to (\d+) letters"),
    "asp": ("application-autoscaling", "PutScalingPolicyRequest", "PolicyName", ""),
    "assa": ("application-autoscaling", "PutScheduledActionRequest", "ScheduledActionName", ""),
    "redis": ("elasticache", "CreateReplicationGroupMessage", "ReplicationGroupId", r"1 to (\d+) alphanumeric"),
    "redissn": (
        "elasticache",
        "CreateCacheSubnetGroupMessage",
        "CacheSubnetGroupName",
        r"no more than (\d+) alphanumeric",
    ),
    "efs": ("efs", "CreateFileSystemRequest", "CreationToken", ""),
    "ecr": ("ecr", "CreateRepositoryRequest", "repositoryName", ""),
    "role": ("iam", "CreateRoleRequest", "RoleName", ""),
    "pol": ("iam", "PutRolePolicyRequest", "PolicyName", ""),
    "kms": ("kms", "CreateAliasRequest", "AliasName", ""),
    "log": ("logs", "CreateLogGroupRequest", "logGroupName", ""),
    "sm": ("secretsmanager", "CreateSecretRequest", "Name", ""),
    "budget": ("budgets", "Budget", "BudgetName", ""),
    "costmon": ("ce", "AnomalyMonitor", "MonitorName", ""),
    "costsub": ("ce", "AnomalySubscription", "SubscriptionName", ""),
    "analyzer": ("accessanalyzer", "CreateAnalyzerRequest", "analyzerName", ""),
    "evr": ("events", "PutRuleRequest", "Name", ""),
    "sqs": ("sqs", "CreateQueueRequest", "QueueName", r"up to (\d+) characters"),
    "sns": ("sns", "CreateTopicInput", "Name", r"between 1 and (\d+) characters"),
    "bkv": ("backup", "CreateBackupVaultInput", "BackupVaultName", r"\{2,(\d+)\}"),
    "bkp": ("backup", "BackupPlanInput", "BackupPlanName", r"1 to (\d+) alphanumeric"),
    "bks": ("backup", "BackupSelection", "SelectionName", r"\{1,(\d+)\}"),
    "rts": ("backup", "RestoreTestingSelectionForCreate", "RestoreTestingSelectionName", r"length is (\d+)"),
    "alarm": ("cloudwatch", "PutMetricAlarmInput", "AlarmName", ""),
    "dash": ("cloudwatch", "PutDashboardInput", "DashboardName", r"maximum length is (\d+)"),
    "query": ("logs", "PutQueryDefinitionRequest", "name", ""),
    "waf": ("wafv2", "CreateWebACLRequest", "Name", ""),
    "wafrule": ("wafv2", "Rule", "Name", ""),
    "cdn": ("cloudfront", "DistributionConfig", "Comment", r"longer than (\d+) characters"),
    "oac": ("cloudfront", "OriginAccessControlConfig", "Name", r"up to (\d+) characters"),
    "lgs": ("logs", "PutDeliverySourceRequest", "name", ""),
    "lgd": ("logs", "PutDeliveryDestinationRequest", "name", ""),
    "prof": ("iam", "CreateInstanceProfileRequest", "InstanceProfileName", ""),
    "ssmdoc": ("ssm", "CreateDocumentRequest", "Name", r"\{3,(\d+)\}"),
    "ksk": ("route53", "CreateKeySigningKeyRequest", "Name", ""),
    "cb": ("codebuild", "CreateProjectInput", "name", ""),
    "fn": ("lambda", "CreateFunctionRequest", "FunctionName", r"limited to (\d+) characters"),
}

PREFIXES: Final = {"kms": "alias/", "log": "/fastorder/prod/"}
"""What stands before the rule's name in the physical one, and counts."""

UNMODELED: Final = {"s3"}
"""S3's model leaves the limit to the user guide; `test_bucket_names_are_at_most_63_characters` holds the number."""
GUARDED: Final = {
    "rdsev": "rds/eventSubscription",
    "rtp": "backup/restoreTestingPlan",
    "vpco": "cloudfront/vpcOrigin",
    "rhp": "cloudfront/responseHeadersPolicy",
    "redispg": "elasticache/parameterGroup",
    "redisusr": "elasticache/user",
    "redisgrp": "elasticache/userGroup",
}
"""Neither do these state one, or they state the first length that is too long: the policy pack's must be ours."""

namings = st.builds(
    Naming,
    st.sampled_from(get_args(Environment)),
    st.from_regex(r"[0-9]{12}", fullmatch=True).filter(str.isascii),
    st.sampled_from(["ap-northeast-2", "ap-northeast-1", "us-east-1", "ap-southeast-2"]),
)
resources = st.sampled_from(sorted(LIMITS))
systems = st.sampled_from(get_args(System))
roles = st.one_of(
    st.from_regex(r"[a-z][a-z0-9]{0,30}", fullmatch=True),
    st.from_regex(r"[a-z]{0,520}", fullmatch=True),
    st.text(max_size=12),
)


@cache
def model(service: str) -> dict[str, Any]:
    loader = cast("Any", Loader())
    return loader.load_service_model(service, "service-2")


def shape(short: str) -> dict[str, Any]:
    """Return what AWS says of the argument that takes the name: pattern, max, documentation."""
    service, structure, member, _ = SOURCES[short]
    shapes = model(service)["shapes"]
    reference = shapes[structure]["members"][member]
    return {**shapes[reference["shape"]], "documentation": reference.get("documentation", "")}


@given(namings, resources, systems, roles, st.integers(-2, 120), st.booleans())
def test_a_name_fits_its_service_or_is_refused(
    naming: Naming, resource: str, system: System, role: str, sequence: int, public: bool
):
    try:
        name = naming.name(resource, role, sequence, system=system, public=public)
    except NamingError:
        return
    assert len(name) <= LIMITS[resource].longest
    parts = RULE.fullmatch(name)
    assert parts is not None
    assert parts["env"] == naming.environment
    assert (parts["system"], parts["resource"], parts["role"]) == (system, resource, role)
    assert (int(parts["sequence"]), bool(parts["public"])) == (sequence, public)
    if resource in SOURCES and "pattern" in shape(resource):
        # Java's \\p{Print} is the printable part of ASCII, which Python has no name for.
        pattern = shape(resource)["pattern"].replace(r"\p{Print}", r"[\x20-\x7e]")
        assert re.fullmatch(pattern, PREFIXES.get(resource, "") + name)


@given(namings, resources, systems, st.from_regex(r"[a-z][a-z0-9]{1,5}", fullmatch=True), st.integers(1, 99))
def test_a_short_role_gets_a_name_from_every_service(
    naming: Naming, resource: str, system: System, role: str, sequence: int
):
    """Guards the test above, which a model that refuses everything would pass."""
    assert RULE.fullmatch(naming.name(resource, role, sequence, system=system, public=True))


@given(namings, st.text(max_size=8).filter(lambda short: short not in LIMITS))
def test_a_service_without_a_known_limit_gets_no_name(naming: Naming, resource: str):
    with pytest.raises(NamingError, match="add it to LIMITS"):
        naming.name(resource, "web")


@given(namings, roles, st.integers(1, 99))
def test_bucket_names_are_at_most_63_characters(naming: Naming, role: str, sequence: int):
    try:
        name = naming.bucket(role, sequence)
    except NamingError:
        return
    assert 3 <= len(name) <= 63
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*[a-z0-9]", name)
    assert name.endswith(f"-{naming.account_id}-{naming.region}")


@given(namings, st.from_regex(r"[a-z][a-z0-9]{0,20}", fullmatch=True), systems)
def test_variants_wrap_the_rules_name(naming: Naming, role: str, system: System):
    log_group = naming.log_group(role, system=system)
    assert log_group.startswith(f"/fastorder/{naming.environment}/")
    assert RULE.fullmatch(log_group.rpartition("/")[2])
    assert RULE.fullmatch(naming.key_alias(role).removeprefix("alias/"))
    assert RULE.fullmatch(naming.underscored("rtp", role).replace("_", "-"))
    assert "-" not in naming.underscored("rtp", role)


@pytest.mark.parametrize("short", sorted(SOURCES))
def test_a_limit_is_the_one_in_aws_own_model(short: str):
    source, stated = shape(short), SOURCES[short][3]
    if stated:
        text = re.sub(r"<[^>]+>", "", source["documentation"]) + source.get("pattern", "")
        found = re.search(stated, text)
        assert found is not None, f"the model no longer says {stated!r}: {text}"
        longest = int(found[1])
    else:
        longest = source["max"]
    ours = LIMITS[short].longest + len(PREFIXES.get(short, ""))
    # Log groups leave room for the longer prefixes that AWS services dictate; the others use all there is.
    assert ours <= longest if short == "log" else ours == longest


@pytest.mark.parametrize(("short", "kind"), sorted(GUARDED.items()))
def test_limits_that_aws_models_do_not_state_are_the_guards_too(short: str, kind: str):
    naming = Naming("prod", "123456789012", "ap-northeast-2")
    make = naming.underscored if short == "rtp" else naming.name
    name = make(short, "a" * (LIMITS[short].longest - len(naming.name(short, "a")) + 1))
    assert violations(kind, name) == []
    assert violations(kind, name.replace("aaa", "aaaa", 1)) != []


def test_every_limit_has_a_source():
    tag_only = {short for short, limit in LIMITS.items() if limit is LIMITS["vpc"]}
    assert set(LIMITS) == tag_only | set(SOURCES) | set(GUARDED) | UNMODELED
    tag_value = model("ec2")["shapes"]["Tag"]["members"]["Value"]["documentation"]
    found = re.search(r"[Mm]ay be up to (\d+)|[Mm]aximum of (\d+)", tag_value)
    assert found is not None
    assert LIMITS["vpc"].longest == int(found[1] or found[2])
