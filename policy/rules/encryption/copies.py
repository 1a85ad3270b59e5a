"""Keys that a type or a switch chooses, and copies in other regions.

Owns the rules that need two properties: who owns the key, and which.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from policy.frame.demands import demand, never, on, one_of, own_key
from policy.frame.resources import Resource
from policy.frame.rule import ExampleValue, Findings, sample
from policy.frame.values import Block

from . import AREA
from .keys import KEY_ARN, lacks_customer_key

_SHARED: Final = "A key that AWS owns has no policy of ours and cannot be disabled when its data must be shut off."
_SHELL: Final = "configuration.executeCommandConfiguration"

for _id, _type, _what, _kind, _ours, _theirs, _key in (
    (
        "code-review-customer-key",
        "codegurureviewer/repositoryAssociation",
        "Code reviews",
        "kmsKeyDetails.encryptionOption",
        "CUSTOMER_MANAGED_CMK",
        "AWS_OWNED_CMK",
        "kmsKeyDetails.kmsKeyId",
    ),
    (
        "keyspaces-customer-key",
        "keyspaces/table",
        "Keyspaces tables",
        "encryptionSpecification.type",
        "CUSTOMER_MANAGED_KMS_KEY",
        "AWS_OWNED_KMS_KEY",
        "encryptionSpecification.kmsKeyIdentifier",
    ),
):
    demand(
        AREA,
        _id,
        _type,
        f"{_what} use a customer-managed key",
        wants=[one_of(_kind, _ours, wrong=_theirs), own_key(_key)],
        cause=_SHARED,
        remedy=f"Set {_kind} to {_ours} and {_key}.",
    )

_Place: TypeAlias = Mapping[str, ExampleValue]
_OBJECTS: Final[_Place] = {"bucketName": "calls", "bucketPrefix": "transcripts"}
_MEDIA: Final[_Place] = {"prefix": "calls", "retentionPeriodHours": 24}

for _id, _resource, _what, _config, _place in (
    ("connect-objects-customer-key", "CHAT_TRANSCRIPTS", "Transcripts and recordings of calls", "s3Config", _OBJECTS),
    ("connect-media-customer-key", "MEDIA_STREAMS", "Live media of calls", "kinesisVideoStreamConfig", _MEDIA),
):
    demand(
        AREA,
        _id,
        "connect/instanceStorageConfig",
        f"{_what} use a customer-managed key",
        wants=[own_key(f"storageConfig.{_config}.encryptionConfig.keyId")],
        cause="They are customers' voices and words.",
        remedy=f"Set storage_config.{_config} with encryption_config.key_id.",
        base={"resourceType": _resource, "storageConfig": {_config: _place}},
        when=lambda storage, config=_config: not storage.lacks(f"storageConfig.{config}"),
    )

demand(
    AREA,
    "image-distribution-customer-key",
    "imagebuilder/distributionConfiguration",
    "Distributed images use a customer-managed key",
    wants=[own_key("distributions[].amiDistributionConfiguration.kmsKeyId")],
    cause=_SHARED,
    remedy="Set distributions[].ami_distribution_configuration.kms_key_id.",
    severity="low",
    base={"distributions": [{"amiDistributionConfiguration": {"name": "was-{{ imagebuilder:buildDate }}"}}]},
    when=lambda images: any(not item.lacks("amiDistributionConfiguration") for item in images.blocks("distributions")),
)
demand(
    AREA,
    "sagemaker-quality-traffic-encrypted",
    "sagemaker/dataQualityJobDefinition",
    "Instances of quality jobs speak encrypted",
    wants=[on("networkConfig.enableInterContainerTrafficEncryption")],
    cause="The instances pass samples of the data to each other.",
    remedy="Set network_config.enable_inter_container_traffic_encryption=True.",
)
demand(
    AREA,
    "shell-into-containers-logged",
    "ecs/cluster",
    "Shells into containers are logged",
    wants=[never(f"{_SHELL}.logging", "NONE", good="DEFAULT")],
    cause="What operators do in a running container is in no other record.",
    remedy="Leave execute_command_configuration.logging at DEFAULT, or set OVERRIDE.",
)


@AREA.rule(
    "shell-logs-encrypted",
    title="Logs of shells into containers are encrypted",
    cause="The log shows what operators type and read, secrets included.",
    remedy="Set log_configuration with cloud_watch_encryption_enabled or s3_bucket_encryption_enabled.",
    types=["ecs/cluster"],
    good=[
        sample(
            "ecs/cluster",
            configuration={
                "executeCommandConfiguration": {
                    "logging": "OVERRIDE",
                    "logConfiguration": {"cloudWatchEncryptionEnabled": True, "cloudWatchLogGroupName": "shells"},
                }
            },
        ),
        sample("ecs/cluster", name="prod-common-ecs-jobs-01"),
    ],
    bad=[
        sample("ecs/cluster", configuration={"executeCommandConfiguration": {"logging": "OVERRIDE"}}),
        sample(
            "ecs/cluster",
            configuration={
                "executeCommandConfiguration": {"logConfiguration": {"cloudWatchLogGroupName": "shells"}},
            },
        ),
    ],
)
def shell_logs_encrypted(cluster: Resource) -> Findings:
    """Look for either place of logs being encrypted."""
    switches = ("cloudWatchEncryptionEnabled", "s3BucketEncryptionEnabled")
    logged = not cluster.lacks(_SHELL) and cluster.text(f"{_SHELL}.logging") != "NONE"
    if logged and all(cluster.not_true(f"{_SHELL}.logConfiguration.{switch}") for switch in switches):
        yield cluster.finding(f"{cluster.label}: logs of shells are written in clear")


def _copies(policy: Resource) -> list[tuple[Block, str, str]]:
    """Return every copy to another region with the paths of its switch and its key: on schedules and on events."""
    scheduled = [
        (rule, "encrypted", "cmkArn")
        for details in policy.blocks("policyDetails")
        for schedule in details.blocks("schedules")
        for rule in schedule.blocks("crossRegionCopyRules")
    ]
    on_events = [
        (copy, "encryptionConfiguration.encrypted", "encryptionConfiguration.cmkArn")
        for details in policy.blocks("policyDetails")
        for action in details.blocks("action")
        for copy in action.blocks("crossRegionCopies")
    ]
    return scheduled + on_events


def _scheduled(**rule: bool | str) -> ExampleValue:
    return {"schedules": [{"name": "daily", "crossRegionCopyRules": [{"target": "ap-northeast-1", **rule}]}]}


def _on_event(**encryption: bool | str) -> ExampleValue:
    return {"action": {"name": "shared", "crossRegionCopies": [{"encryptionConfiguration": encryption}]}}


@AREA.rule(
    "snapshot-copies-encrypted",
    title="Copies of snapshots in other regions are encrypted",
    cause="A copy in another region is as good as the disk, and nobody looks there.",
    remedy="Set encrypted=True in every cross_region_copy_rules and cross_region_copies entry.",
    types=["dlm/lifecyclePolicy"],
    severity="high",
    good=[
        sample("dlm/lifecyclePolicy", policyDetails=_scheduled(encrypted=True)),
        sample("dlm/lifecyclePolicy", policyDetails=_on_event(encrypted=True)),
    ],
    bad=[
        sample("dlm/lifecyclePolicy", policyDetails=_scheduled(encrypted=False)),
        sample("dlm/lifecyclePolicy", policyDetails=_on_event(encrypted=False)),
    ],
)
def snapshot_copies_encrypted(policy: Resource) -> Findings:
    """Look at every copy."""
    if any(copy.not_true(switch) for copy, switch, _ in _copies(policy)):
        yield policy.finding(f"{policy.label} copies snapshots unencrypted")


@AREA.rule(
    "snapshot-copies-customer-key",
    title="Copies of snapshots in other regions use a customer-managed key",
    cause=_SHARED,
    remedy="Set cmk_arn to a key of the region that is copied to.",
    types=["dlm/lifecyclePolicy"],
    good=[
        sample("dlm/lifecyclePolicy", policyDetails=_scheduled(encrypted=True, cmkArn=KEY_ARN)),
        sample("dlm/lifecyclePolicy", policyDetails=_on_event(encrypted=True, cmkArn=KEY_ARN)),
    ],
    bad=[
        sample("dlm/lifecyclePolicy", policyDetails=_scheduled(encrypted=True)),
        sample("dlm/lifecyclePolicy", policyDetails=_on_event(encrypted=True)),
    ],
)
def snapshot_copies_customer_key(policy: Resource) -> Findings:
    """Look at every copy."""
    if any(lacks_customer_key(copy, key) for copy, _, key in _copies(policy)):
        yield policy.finding(f"{policy.label} copies snapshots without a key of ours")
