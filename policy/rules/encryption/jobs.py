"""Encryption in jobs, indexes, firewalls, desktops and shells into containers: a table of demanded values.

Owns keys of services that process or copy data rather than store it.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, not_off, on, one_of, own_key

from . import AREA
from .keys import KEY_ARN

_SHARED: Final = (
    "An AWS-managed key has a policy that nobody can narrow, cannot be used from another account or region, and "
    "cannot be disabled when its data must be shut off."
)

_QUALITY: Final = "dataQualityJobOutputConfig.kmsKeyId"
_QUALITY_DISK: Final = "jobResources.clusterConfig.volumeKmsKeyId"

for _id, _types, _what, _path in (
    ("memorydb-snapshot-customer-key", "memorydb/snapshot", "MemoryDB snapshots", "kmsKeyArn"),
    ("dms-endpoint-customer-key", "dms/endpoint", "Migration endpoints", "kmsKeyArn"),
    ("dms-s3-customer-key", "dms/s3Endpoint", "Migration endpoints on S3", "kmsKeyArn"),
    ("dms-s3-objects-customer-key", "dms/s3Endpoint", "Objects of migrations", "serverSideEncryptionKmsKeyId"),
    ("rds-replicated-backups-customer-key", "rds/instanceAutomatedBackupsReplication", "Copied backups", "kmsKeyId"),
    ("snapshot-copy-customer-key", "ebs/snapshotCopy", "Copied snapshots", "kmsKeyId"),
    ("image-copy-customer-key", "ec2/amiCopy", "Copied images", "kmsKeyId"),
    ("object-copy-customer-key", "s3/objectCopy", "Copied objects", "kmsKeyId"),
    ("bedrock-agent-customer-key", "bedrock/agentAgent", "Agents", "customerEncryptionKeyArn"),
    ("appflow-profile-customer-key", "appflow/connectorProfile", "Connector profiles", "kmsArn"),
    ("comprehend-model-customer-key", "comprehend/entityRecognizer", "Language models", "modelKmsKeyId"),
    ("comprehend-volume-customer-key", "comprehend/entityRecognizer", "Disks of training jobs", "volumeKmsKeyId"),
    ("human-review-customer-key", "sagemaker/flowDefinition", "Results of human reviews", "outputConfig.kmsKeyId"),
    ("sagemaker-quality-customer-key", "sagemaker/dataQualityJobDefinition", "Results of quality jobs", _QUALITY),
    ("sagemaker-quality-volume-key", "sagemaker/dataQualityJobDefinition", "Disks of quality jobs", _QUALITY_DISK),
    ("kendra-customer-key", "kendra/index", "Search indexes", "serverSideEncryptionConfiguration.kmsKeyId"),
    ("appflow-customer-key", "appflow/flow", "Data flows", "kmsArn"),
    ("dynamodb-replica-customer-key", "dynamodb/tableReplica", "Replicas of tables", "kmsKeyArn"),
    ("docdb-elastic-customer-key", "docdb/elasticCluster", "Elastic DocumentDB clusters", "kmsKeyId"),
    ("redshift-copy-customer-key", "redshift/snapshotCopyGrant", "Copies of Redshift snapshots", "kmsKeyId"),
):
    demand(
        AREA,
        _id,
        _types,
        f"{_what} use a customer-managed key",
        wants=[own_key(_path)],
        cause=_SHARED,
        remedy=f"Set {_path} to the key of the data's purpose.",
    )

demand(
    AREA,
    "firehose-customer-key",
    "kinesis/firehoseDeliveryStream",
    "Delivery streams use a customer-managed key",
    wants=[own_key("serverSideEncryption.keyArn")],
    cause=_SHARED,
    remedy="Set server_side_encryption with key_type CUSTOMER_MANAGED_CMK and key_arn.",
    base={"serverSideEncryption": {"enabled": True}},
    when=lambda stream: stream.is_true("serverSideEncryption.enabled"),
)
demand(
    AREA,
    "firewall-customer-key",
    ["networkfirewall/firewall", "networkfirewall/firewallPolicy", "networkfirewall/ruleGroup"],
    "Network firewalls use a customer-managed key",
    wants=[one_of("encryptionConfiguration.type", "CUSTOMER_KMS", wrong="AWS_OWNED_KMS_KEY")],
    cause=_SHARED,
    remedy="Set encryption_configuration with type CUSTOMER_KMS and key_id.",
    severity="low",
)
demand(
    AREA,
    "athena-settings-enforced",
    "athena/workgroup",
    "Clients of Athena cannot turn encryption off",
    wants=[not_off("configuration.enforceWorkgroupConfiguration")],
    cause="A client's own settings otherwise win over the workgroup's, encryption of results included.",
    remedy="Leave configuration.enforce_workgroup_configuration on.",
    controls=["Athena.1"],
)
demand(
    AREA,
    "shell-into-containers-encrypted",
    "ecs/cluster",
    "Shells into containers are encrypted",
    wants=[own_key("configuration.executeCommandConfiguration.kmsKeyId", KEY_ARN)],
    cause="A session shows what operators type and read in a running container.",
    remedy="Set execute_command_configuration with kms_key_id.",
    when=lambda cluster: not cluster.lacks("configuration.executeCommandConfiguration"),
    base={"configuration": {"executeCommandConfiguration": {"logging": "DEFAULT"}}},
)
for _volume in ("root", "user"):
    demand(
        AREA,
        f"workspace-{_volume}-encrypted",
        "workspaces/workspace",
        f"{_volume.capitalize()} volumes of WorkSpaces are encrypted",
        wants=[on(f"{_volume}VolumeEncryptionEnabled")],
        cause="A desktop's disk holds what its user downloaded.",
        remedy=f"Set {_volume}_volume_encryption_enabled=True with volume_encryption_key.",
        severity="high",
        controls=["WorkSpaces.1", "WorkSpaces.2"],
    )
