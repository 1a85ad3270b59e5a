"""What holds for every resource of every stack, whichever component made it."""

from __future__ import annotations

import importlib
import inspect
import json
import keyword
import pkgutil
import re
from functools import cache
from typing import Final

import pulumi
import pulumi_aws as aws
import pytest

import components
from model.settings.protection import today
from model.tags import REQUIRED_TAGS
from tests.unit.testkit import (
    AJP_SECRET_VALUE,
    ROOT,
    STACKS,
    Graph,
    Registration,
    plain_texts,
    run_main,
    stack_config,
    whole,
)

RULE: Final = r"(?:dev|stg|prod)-(?:user|item|pay|common)-[a-z0-9]+-[a-z][a-z0-9]*(?:-pub)?-\d{2}"
"""The naming rule, written a second time on purpose: the model must not judge itself."""

DOORWAY: Final = {"pulumi:providers:aws"}
"""What `__main__.py` makes itself."""

NAMES: Final = {
    "aws:cloudwatch/logGroup:LogGroup": rf"/aws/eks/{RULE}/cluster|/aws/containerinsights/{RULE}/[a-z]+"
    rf"|/aws/rds/cluster/{RULE}/[a-z-]+|/fastorder/(?:dev|stg|prod)/{RULE}|aws-waf-logs-{RULE}",
    "aws:guardduty/detectorFeature:DetectorFeature": r"[A-Z0-9_]+",
    "aws:kms/alias:Alias": rf"alias/{RULE}",
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": r"(?:stg|prod)_common_rtp_[a-z]+_\d{2}",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": r"(?:stg|prod)_common_rts_[a-z]+_\d{2}",
    "aws:route53/record:Record": r"[a-z-]+-proof|(?:origin\.)?(?:(?:dev|stg)\.)?fastorder\.example",
    "aws:route53/zone:Zone": r"(?:dev|stg|prod)\.fastorder\.internal",
    "aws:s3/bucket:Bucket": rf"{RULE}-\d{{12}}-ap-northeast-2",
}
"""Types whose physical name AWS forces to differ from the rule."""

NAME_ARGUMENTS: Final = {
    "aws:accessanalyzer/analyzer:Analyzer": ("analyzerName",),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": ("alarmName",),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName",),
    "aws:efs/fileSystem:FileSystem": ("creationToken",),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("replicationGroupId",),
    "aws:elasticache/user:User": ("userId",),
    "aws:elasticache/userGroup:UserGroup": ("userGroupId",),
    "aws:s3/bucket:Bucket": ("bucket",),
    "aws:rds/cluster:Cluster": ("clusterIdentifier",),
    "aws:rds/clusterInstance:ClusterInstance": ("identifier",),
}
"""Arguments that hold the physical name where it is not `name`."""

STATEFUL: Final = {
    "aws:rds/cluster:Cluster",
    "aws:rds/clusterInstance:ClusterInstance",
    "aws:s3/bucket:Bucket",
    "aws:kms/key:Key",
    "aws:route53/zone:Zone",
    "aws:efs/fileSystem:FileSystem",
    "aws:ecr/repository:Repository",
    "aws:backup/vault:Vault",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "eks:index:Cluster",
}

KEPT: Final = {"aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:ecr/repository:Repository", "aws:backup/vault:Vault"}
"""What stays in the account when the environment goes, unless that is disposable."""
BESIDE_KEPT: Final = {
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:kms/alias:Alias",
    "aws:kms/keyPolicy:KeyPolicy",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
}
"""What would open or change a kept resource if it went alone."""


@cache
def sdk_arguments(type_: str) -> frozenset[str]:
    """Return the arguments that the SDK's class of a resource type takes."""
    _, path, name = type_.split(":")
    package = path.partition("/")[0]
    # Python has a word of its own for it.
    module = importlib.import_module(f"{aws.__name__}.{package}{'_' if keyword.iskeyword(package) else ''}")
    return frozenset(inspect.signature(getattr(module, name)._internal_init).parameters)


def aws_resources(graph: Graph) -> list[Registration]:
    found = [one for one in graph if one.type.startswith("aws:")]
    assert len(found) > 100
    return found


def test_every_resource_belongs_to_a_component(graph: Graph):
    orphans = {
        one.type for one in graph if not one.component and not any(above.component for above in graph.ancestors(one))
    }
    assert orphans == DOORWAY


def test_no_two_resources_share_a_urn(graph: Graph):
    urns = [one.urn for one in graph]
    assert len(urns) == len(set(urns))


def test_every_component_class_is_in_use_and_has_its_token(graph: Graph):
    made = {one.type for one in graph if one.component}
    assert made, "no component was registered"
    for token in made:
        _, module, name = token.split(":")
        kind = getattr(importlib.import_module(f"components.{module}"), name)
        assert issubclass(kind, pulumi.ComponentResource)


def test_no_component_class_is_dead():
    """Prod has every area but serverless; what it does not use, nobody uses."""
    classes = {
        f"fastorder:{module.name}:{name}"
        for module in pkgutil.iter_modules(components.__path__)
        for name, kind in vars(importlib.import_module(f"components.{module.name}")).items()
        if inspect.isclass(kind)
        and issubclass(kind, pulumi.ComponentResource)
        and kind.__module__ == f"components.{module.name}"
    }
    assert classes == {one.type for stack in STACKS for one in whole(stack) if one.component}


def test_every_component_registers_its_outputs_once(graph: Graph):
    registered = [urn for urn in graph.outputs_registered if "pulumi:pulumi:Stack" not in urn]
    assert sorted(registered) == sorted(one.urn for one in graph if one.component)


def test_logical_names_begin_with_the_name_of_the_component_around_them(graph: Graph):
    strays = [
        f"{one.name} in {graph.at(one.parent).name}"
        for one in graph
        if graph.ancestors(one) and not one.name.startswith(graph.at(one.parent).name)
    ]
    assert not strays


def test_every_taggable_resource_carries_the_nine_tags(graph: Graph):
    wrong: list[str] = []
    for one in [*aws_resources(graph), *graph.of("eks:index:Cluster")]:
        if one.type.startswith("aws:") and "tags" not in sdk_arguments(one.type):
            continue
        tags: dict[str, str] = one.inputs.get("tags") or {}
        missing = [key for key in REQUIRED_TAGS if not tags.get(key)]
        if missing:
            wrong.append(f"{one.name}: no {', '.join(missing)}")
        elif not re.fullmatch(rf"{RULE}(?:-\d{{12}}-ap-northeast-2)?", tags["Name"]):
            wrong.append(f"{one.name}: Name is {tags['Name']}")
        elif tags["Environment"] != tags["Name"].partition("-")[0] or tags["System"] != tags["Name"].split("-")[1]:
            wrong.append(f"{one.name}: tags contradict {tags['Name']}")
    assert not wrong


def test_nodes_and_access_entries_carry_the_nine_tags(graph: Graph):
    for one in graph.of("kubernetes:eks.amazonaws.com/v1:NodeClass"):
        assert set(one.inputs["spec"]["tags"]) == set(REQUIRED_TAGS)
    for cluster in graph.of("eks:index:Cluster"):
        for entry in cluster.inputs["accessEntries"].values():
            assert set(entry["tags"]) == set(REQUIRED_TAGS)


def test_every_physical_name_follows_the_rule_or_a_documented_variant(graph: Graph):
    wrong: list[str] = []
    for one in [*aws_resources(graph), *graph.of("eks:index:Cluster")]:
        arguments = {"name"} if one.type == "eks:index:Cluster" else sdk_arguments(one.type)
        keys = NAME_ARGUMENTS.get(one.type, ("name",) if "name" in arguments else ())
        for key in keys:
            name = one.inputs.get(key)
            if name is None or not re.fullmatch(NAMES.get(one.type, RULE), name):
                wrong.append(f"{one.type} {one.name}: {key} is {name}")
    assert not wrong


def test_physical_names_are_unique_within_a_type_and_region(graph: Graph):
    for type_, keys in {**dict.fromkeys(_types_with_names(graph), ("name",)), **NAME_ARGUMENTS}.items():
        # An IPv4 and an IPv6 record of DNS share their name on purpose.
        kind = "type" if type_ == "aws:route53/record:Record" else ""
        names = [
            (one.inputs[key], one.inputs.get(kind), one.inputs.get("region"))
            for one in graph
            if one.type == type_
            for key in keys
        ]
        assert len(names) == len(set(names)), f"{type_}: {names}"


def _types_with_names(graph: Graph) -> set[str]:
    return {one.type for one in aws_resources(graph) if "name" in sdk_arguments(one.type) and "name" in one.inputs}


def test_name_tags_are_unique_within_a_type_and_region(graph: Graph):
    for type_ in {one.type for one in aws_resources(graph) if "tags" in one.inputs}:
        names = [(one.inputs["tags"]["Name"], one.inputs.get("region")) for one in graph if one.type == type_]
        assert len(names) == len(set(names)), f"{type_}: {names}"


@pytest.mark.parametrize("stack", STACKS)
def test_exactly_the_stateful_resources_are_protected_and_only_in_production(stack: str):
    graph = whole(stack)
    protected = {one.urn for one in graph if one.protect}
    retained = {one.urn for one in graph if one.retain}
    stateful = {one.urn for one in graph if one.type in STATEFUL}
    beside = {one.urn for one in graph if one.type in BESIDE_KEPT}
    assert stateful
    assert beside
    assert protected == (set[str]() if stack == "dev" else stateful)
    assert retained == (set[str]() if stack == "dev" else stateful | beside)


@pytest.mark.parametrize("stack", ["stg", "prod"])
def test_a_take_down_lifts_protection_and_makes_nothing_disposable(stack: str):
    day = today().isoformat()
    agreed = {"stack": stack, "day": day, "agreedBy": "operations, ticket 1042"}
    before = whole(stack)
    config = stack_config(stack) | {"fast-order:protection": {"takeDown": agreed}}
    graph = run_main(stack, config)
    assert {one.urn for one in graph} == {one.urn for one in before}
    assert not [one.name for one in graph if one.protect]
    assert {one.type for one in graph if one.retain} == KEPT | BESIDE_KEPT
    changed = {
        (one.type, key): one.inputs[key]
        for one in graph
        for key in one.inputs
        if _text(one.inputs[key]) != _text(before.at(one.urn).inputs.get(key))
    }
    assert changed == {
        ("aws:rds/cluster:Cluster", "deletionProtection"): False,
        ("aws:rds/cluster:Cluster", "finalSnapshotIdentifier"): (
            f"{stack}-common-snap-datafinal{day.replace('-', '')}-01"
        ),
        ("eks:index:Cluster", "deletionProtection"): False,
        ("aws:lb/loadBalancer:LoadBalancer", "enableDeletionProtection"): False,
        ("aws:ec2/instance:Instance", "disableApiTermination"): False,
    }


def test_the_runbook_of_a_take_down_names_what_is_there_to_be_taken_down():
    page = (ROOT / "docs" / "runbooks" / "take-a-protected-stack-down.md").read_text()
    named = {f"prod{rest}" for rest in re.findall(r"\$STACK(-common-[a-z0-9-]+-\d\d)", page)}
    assert len(named) > 2
    assert named - {"prod-common-s3-state-01"} <= {
        value for one in whole("prod") for value in one.inputs.values() if isinstance(value, str)
    }
    assert "`<stack>-common-snap-datafinal<day>-01`" in page


def _text(value: object) -> str:
    """Return a value for comparison; resources and assets are new objects in each run."""
    return json.dumps(value, sort_keys=True, default=lambda other: type(other).__name__)


@pytest.mark.parametrize("stack", STACKS)
def test_the_services_own_deletion_protection_follows_the_environment(stack: str):
    graph, on = whole(stack), stack != "dev"
    assert graph.one("aws:rds/cluster:Cluster").inputs["deletionProtection"] is on
    assert {one.inputs["deletionProtection"] for one in graph.of("eks:index:Cluster")} == {on}
    assert {one.inputs["enableDeletionProtection"] for one in graph.of("aws:lb/loadBalancer:LoadBalancer")} == {on}
    assert {one.inputs["forceDestroy"] for one in graph.of("aws:s3/bucket:Bucket")} == {not on}
    assert {one.inputs["deletionWindowInDays"] for one in graph.of("aws:kms/key:Key")} == {30 if on else 7}


def test_every_log_group_is_encrypted_and_forgets(graph: Graph):
    groups = graph.of("aws:cloudwatch/logGroup:LogGroup")
    # CloudWatch takes a key of its own region only.
    keys = {None: "arn:aws:mock:::keys-logs", "us-east-1": "arn:aws:mock:::keys-edge"}
    assert all(one.inputs["kmsKeyId"] == keys[one.inputs.get("region")] for one in groups)
    assert all(one.inputs["retentionInDays"] > 0 for one in groups)


def test_every_aws_resource_goes_through_the_provider_that_knows_the_account(graph: Graph):
    provider = graph.one("pulumi:providers:aws")
    assert {one.provider for one in aws_resources(graph)} == {f"{provider.urn}::{provider.name}-id"}
    account = provider.inputs["allowedAccountIds"]
    assert account in ('["111111111111"]', '["222222222222"]', '["333333333333"]')


def test_the_generated_secret_appears_nowhere_in_plain_text(graph: Graph):
    holders = graph.of("kubernetes:core/v1:Secret")
    assert {one.inputs["stringData"]["secret"] for one in holders} == {AJP_SECRET_VALUE}
    leaks = [one.name for one in graph if any(AJP_SECRET_VALUE in text for text in plain_texts(one.raw))]
    assert not leaks
    assert AJP_SECRET_VALUE not in str(graph.exports)
