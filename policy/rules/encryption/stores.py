"""Encryption at rest of data stores and services beside the platform's own: a table of demanded values.

Owns the switches and keys of services that a team may add to the platform.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import Want, demand, given, in_text, off, on, one_of, own_key
from policy.frame.rule import Severity

from . import AREA

_STORED: Final = (
    "Whoever gets hold of the storage, a snapshot or a discarded disk reads the data, and the switch cannot be turned "
    "on later without a copy."
)
_SHARED: Final = (
    "An AWS-managed key has a policy that nobody can narrow, cannot be used from another account or region, and "
    "cannot be disabled when its data must be shut off."
)


def _encrypted(id_: str, type_: str, what: str, *wants: Want, controls: tuple[str, ...] = ()) -> None:
    paths = " and ".join(want.path for want in wants)
    demand(
        AREA,
        id_,
        type_,
        f"{what} are encrypted",
        wants=wants,
        cause=_STORED,
        remedy=f"Set {paths}, and name the key of the data's purpose.",
        severity="high",
        controls=controls,
    )


def _keyed(
    id_: str, type_: str | list[str], what: str, path: str, *, severity: Severity = "medium", example: str = ""
) -> None:
    demand(
        AREA,
        id_,
        type_,
        f"{what} use a customer-managed key",
        wants=[own_key(path, example) if example else own_key(path)],
        cause=_SHARED,
        remedy=f"Set {path} to the key of the data's purpose.",
        severity=severity,
    )


_encrypted(
    "docdb-encrypted", "docdb/cluster", "DocumentDB clusters", on("storageEncrypted"), controls=("DocumentDB.1",)
)
_encrypted("docdb-global-encrypted", "docdb/globalCluster", "Global DocumentDB clusters", on("storageEncrypted"))
_encrypted("neptune-encrypted", "neptune/cluster", "Neptune clusters", on("storageEncrypted"), controls=("Neptune.1",))
_encrypted(
    "redshift-encrypted", "redshift/cluster", "Redshift clusters", in_text(on("encrypted")), controls=("Redshift.10",)
)
_encrypted("dax-encrypted", "dax/cluster", "DAX clusters", on("serverSideEncryption.enabled"), controls=("DynamoDB.3",))
_encrypted(
    "opensearch-encrypted",
    "opensearch/domain",
    "OpenSearch domains",
    on("encryptAtRest.enabled"),
    controls=("Opensearch.1", "cdk-nag OS8"),
)
_encrypted(
    "elasticsearch-encrypted",
    "elasticsearch/domain",
    "Elasticsearch domains",
    on("encryptAtRest.enabled"),
    controls=("ES.1",),
)
_encrypted(
    "kinesis-encrypted",
    "kinesis/stream",
    "Kinesis streams",
    one_of("encryptionType", "KMS", wrong="NONE"),
    controls=("Kinesis.1", "cdk-nag KDS1"),
)
_encrypted(
    "athena-results-encrypted",
    "athena/workgroup",
    "Athena results",
    given("configuration.resultConfiguration.encryptionConfiguration.encryptionOption", "SSE_KMS"),
    controls=("Athena.1", "cdk-nag ATH1"),
)
_encrypted(
    "athena-database-encrypted",
    "athena/database",
    "Athena databases",
    given("encryptionConfiguration.encryptionOption", "SSE_KMS"),
)
_encrypted(
    "glue-security-complete",
    "glue/securityConfiguration",
    "Logs, bookmarks and results of Glue jobs",
    one_of("encryptionConfiguration.cloudwatchEncryption.cloudwatchEncryptionMode", "SSE-KMS", wrong="DISABLED"),
    one_of("encryptionConfiguration.jobBookmarksEncryption.jobBookmarksEncryptionMode", "CSE-KMS", wrong="DISABLED"),
    one_of("encryptionConfiguration.s3Encryption.s3EncryptionMode", "SSE-KMS", "SSE-S3", wrong="DISABLED"),
    controls=("cdk-nag GL1", "cdk-nag GL3"),
)
_encrypted(
    "glue-catalog-encrypted",
    "glue/dataCatalogEncryptionSettings",
    "The Glue catalog and its passwords",
    one_of(
        "dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionMode",
        "SSE-KMS",
        "SSE-KMS-WITH-SERVICE-ROLE",
        wrong="DISABLED",
    ),
    on("dataCatalogEncryptionSettings.connectionPasswordEncryption.returnConnectionPasswordEncrypted"),
)
_encrypted(
    "appsync-cache-encrypted",
    "appsync/apiCache",
    "AppSync caches",
    on("atRestEncryptionEnabled"),
    controls=("AppSync.1",),
)
_encrypted(
    "codebuild-artifacts-encrypted",
    "codebuild/project",
    "Build artifacts",
    off("artifacts.encryptionDisabled"),
    off("secondaryArtifacts[].encryptionDisabled"),
    off("logsConfig.s3Logs.encryptionDisabled"),
    controls=("CodeBuild.3",),
)

for _id, _type, _what in (
    ("glue-job-secured", "glue/job", "Glue jobs"),
    ("glue-endpoint-secured", "glue/devEndpoint", "Glue endpoints"),
    ("glue-crawler-secured", "glue/crawler", "Glue crawlers"),
    ("emr-secured", "emr/cluster", "EMR clusters"),
):
    demand(
        AREA,
        _id,
        _type,
        f"{_what} run with a security configuration",
        wants=[given("securityConfiguration", "prod-common-sec-etl-01")],
        cause="Without one, results, logs and local disks of the job are written unencrypted.",
        remedy="Set security_configuration to one that encrypts everything.",
    )

demand(
    AREA,
    "api-cache-encrypted",
    "apigateway/methodSettings",
    "Cached API responses are encrypted",
    wants=[on("settings.cacheDataEncrypted")],
    cause="A cache keeps answers with customers' data on disk.",
    remedy="Set settings.cache_data_encrypted=True wherever caching_enabled is true.",
    controls=["APIGateway.5"],
    base={"settings": {"cachingEnabled": True}},
    when=lambda settings: settings.is_true("settings.cachingEnabled"),
)
demand(
    AREA,
    "firehose-encrypted",
    "kinesis/firehoseDeliveryStream",
    "Delivery streams are encrypted",
    wants=[on("serverSideEncryption.enabled")],
    cause="A delivery stream buffers logs and events before they reach the bucket.",
    remedy="Set server_side_encryption.enabled=True; a stream that reads from Kinesis is encrypted there.",
    severity="high",
    controls=["DataFirehose.1", "cdk-nag KDF1"],
    base={"destination": "extended_s3"},
    when=lambda stream: stream.lacks("kinesisSourceConfiguration") and stream.lacks("mskSourceConfiguration"),
)
demand(
    AREA,
    "sagemaker-endpoint-customer-key",
    "sagemaker/endpointConfiguration",
    "Storage of model endpoints uses a customer-managed key",
    wants=[own_key("kmsKeyArn")],
    cause=_SHARED,
    remedy="Set kms_key_arn to the key of the data's purpose.",
)
demand(
    AREA,
    "mq-customer-key",
    "mq/broker",
    "Message brokers use a customer-managed key",
    wants=[
        own_key("encryptionOptions.kmsKeyId"),
    ],
    cause=_SHARED,
    remedy="Set encryption_options with kms_key_id and use_aws_owned_key=False.",
)
demand(
    AREA,
    "xray-customer-key",
    "xray/encryptionConfig",
    "Traces use a customer-managed key",
    wants=[one_of("type", "KMS", wrong="NONE")],
    cause="Traces show which customer asked for what.",
    remedy="Set type=KMS with the logs key.",
    severity="low",
)
demand(
    AREA,
    "dynamodb-customer-key",
    "dynamodb/table",
    "Tables use a customer-managed key",
    wants=[on("serverSideEncryption.enabled"), own_key("serverSideEncryption.kmsKeyArn")],
    cause=_SHARED,
    remedy="Set server_side_encryption with enabled=True and kms_key_arn.",
)

_keyed("docdb-customer-key", "docdb/cluster", "DocumentDB clusters", "kmsKeyId")
_keyed("neptune-customer-key", "neptune/cluster", "Neptune clusters", "kmsKeyArn")
_keyed("redshift-customer-key", "redshift/cluster", "Redshift clusters", "kmsKeyId")
_keyed("redshift-serverless-customer-key", "redshiftserverless/namespace", "Redshift namespaces", "kmsKeyId")
_keyed("kinesis-customer-key", "kinesis/stream", "Kinesis streams", "kmsKeyId")
_keyed("kinesis-video-customer-key", "kinesis/videoStream", "Video streams", "kmsKeyId")
_keyed("sagemaker-notebook-customer-key", "sagemaker/notebookInstance", "Notebooks", "kmsKeyId")
_keyed("sagemaker-domain-customer-key", "sagemaker/domain", "SageMaker domains", "kmsKeyId")
_keyed(
    "fsx-customer-key",
    ["fsx/windowsFileSystem", "fsx/lustreFileSystem", "fsx/ontapFileSystem", "fsx/openZfsFileSystem"],
    "FSx file systems",
    "kmsKeyId",
)
_keyed("memorydb-customer-key", "memorydb/cluster", "MemoryDB clusters", "kmsKeyArn")
_keyed("timestream-customer-key", "timestreamwrite/database", "Timestream databases", "kmsKeyId")
_keyed("dms-customer-key", "dms/replicationInstance", "Replication instances", "kmsKeyArn")
_keyed("msk-customer-key", "msk/cluster", "Kafka clusters", "encryptionInfo.encryptionAtRestKmsKeyArn")
_keyed("opensearch-customer-key", "opensearch/domain", "OpenSearch domains", "encryptAtRest.kmsKeyId")
_keyed("elasticsearch-customer-key", "elasticsearch/domain", "Elasticsearch domains", "encryptAtRest.kmsKeyId")
_keyed("image-component-customer-key", "imagebuilder/component", "Image components", "kmsKeyId", severity="low")
_keyed("codebuild-customer-key", "codebuild/project", "Build projects", "encryptionKey", severity="low")
_keyed("codeartifact-customer-key", "codeartifact/domain", "Package domains", "encryptionKey", severity="low")
_keyed("mwaa-customer-key", "mwaa/environment", "Airflow environments", "kmsKey")
_keyed("event-data-store-customer-key", "cloudtrail/eventDataStore", "Event data stores", "kmsKeyId")
_keyed("cache-serverless-customer-key", "elasticache/serverlessCache", "Serverless caches", "kmsKeyId")
_keyed("workspace-customer-key", "workspaces/workspace", "WorkSpaces", "volumeEncryptionKey", severity="low")
_keyed("scheduler-customer-key", "scheduler/schedule", "Schedules", "kmsKeyArn", severity="low")
_keyed("pipeline-customer-key", "codepipeline/pipeline", "Pipeline artifacts", "artifactStores[].encryptionKey.id")
_keyed("image-volume-customer-key", "imagebuilder/imageRecipe", "Built images", "blockDeviceMappings[].ebs.kmsKeyId")
