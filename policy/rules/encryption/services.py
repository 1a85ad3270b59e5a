"""Encryption of single services whose switch has a shape of its own: EKS, ECR, SNS, SQS, Systems Manager."""

from __future__ import annotations

import yaml

from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample
from policy.frame.values import Block, Unknown, Value, parse_json, plain

from . import AREA
from .keys import KEY_ARN

_SESSION_LOGS = (
    ("s3BucketName", "s3EncryptionEnabled"),
    ("cloudWatchLogGroupName", "cloudWatchEncryptionEnabled"),
)


@AREA.rule(
    "eks-secrets-encrypted",
    title="Kubernetes secrets are envelope-encrypted with a customer key",
    cause="Secrets lie in the control plane's storage; without a key of ours whoever reaches it reads the database "
    "and AJP secrets of every service.",
    remedy="Set encryption_config with provider.key_arn and resources=['secrets'] (pulumi-eks: "
    "encryption_config_key_arn); it cannot be taken back.",
    types=["eks/cluster"],
    severity="high",
    controls=["FSBP EKS.3", "Pulumi eks-cluster-enable-cluster-encryption-config"],
    good=[sample("eks/cluster", encryptionConfig={"provider": {"keyArn": KEY_ARN}, "resources": ["secrets"]})],
    bad=[
        sample("eks/cluster", name="prod-common-eks-web-01"),
        sample("eks/cluster", encryptionConfig={"provider": {"keyArn": KEY_ARN}, "resources": []}),
    ],
)
def eks_secrets_encrypted(cluster: Resource) -> Findings:
    """Look for a key and for secrets among the encrypted resources."""
    if cluster.lacks("encryptionConfig"):
        yield cluster.finding(f"{cluster.label} keeps its secrets without envelope encryption")
        return
    for config in cluster.blocks("encryptionConfig"):
        covered = config.texts("resources")
        if config.lacks("provider.keyArn") or (config.is_known("resources") and "secrets" not in covered):
            yield cluster.finding(f"{cluster.label}: encryptionConfig names no key, or not the resource 'secrets'")


@AREA.rule(
    "ecr-customer-key",
    title="Image repositories use a customer-managed key",
    cause="Images carry the application; with AES256 everyone who may pull in the account needs nothing more.",
    severity="low",
    remedy="Set encryption_configurations to type KMS with the key; it cannot be changed later.",
    types=["ecr/repository"],
    controls=["Pulumi ecr-repository-configure-customer-managed-key"],
    good=[sample("ecr/repository", encryptionConfigurations=[{"encryptionType": "KMS", "kmsKey": KEY_ARN}])],
    bad=[
        sample("ecr/repository", name="prod-common-ecr-web-01"),
        sample("ecr/repository", encryptionConfigurations=[{"encryptionType": "AES256"}]),
        sample("ecr/repository", encryptionConfigurations=[{"encryptionType": "KMS"}]),
    ],
)
def ecr_customer_key(repository: Resource) -> Findings:
    """Look for KMS with a key."""
    configurations = repository.blocks("encryptionConfigurations")
    if repository.lacks("encryptionConfigurations"):
        configurations = [Block({})]
    for item in configurations:
        kind = item.get("encryptionType")
        if not isinstance(kind, Unknown) and (kind not in ("KMS", "KMS_DSSE") or item.lacks("kmsKey")):
            yield repository.finding(f"{repository.label} encrypts images without a key of ours")


@AREA.rule(
    "sns-topic-encrypted",
    title="Topics are encrypted",
    cause="SNS is the one messaging service that stores messages unencrypted unless a key is named.",
    remedy="Set kms_master_key_id to a key whose policy admits the publishers.",
    types=["sns/topic"],
    severity="high",
    controls=["SNS.1", "cdk-nag SNSEncryptedKMS"],
    good=[sample("sns/topic", kmsMasterKeyId=KEY_ARN)],
    bad=[sample("sns/topic", name="prod-common-sns-alarm-01")],
)
def sns_topic_encrypted(topic: Resource) -> Findings:
    """Look for any key."""
    if topic.lacks("kmsMasterKeyId"):
        yield topic.finding(f"{topic.label} stores messages unencrypted: kmsMasterKeyId is not set")


@AREA.rule(
    "sqs-queue-encrypted",
    title="Queues are encrypted",
    cause="A queue with encryption switched off keeps orders and events in clear for up to 14 days.",
    remedy="Set kms_master_key_id, or leave sqs_managed_sse_enabled at its default.",
    types=["sqs/queue"],
    severity="high",
    controls=["FSBP SQS.1", "cdk-nag SQS2"],
    good=[sample("sqs/queue", kmsMasterKeyId=KEY_ARN), sample("sqs/queue", sqsManagedSseEnabled=True)],
    bad=[sample("sqs/queue", sqsManagedSseEnabled=False)],
)
def sqs_queue_encrypted(queue: Resource) -> Findings:
    """Look for an explicit off without a key."""
    if queue.is_false("sqsManagedSseEnabled") and queue.lacks("kmsMasterKeyId"):
        yield queue.finding(f"{queue.label} stores messages unencrypted: sqsManagedSseEnabled is false, no key")


@AREA.rule(
    "ssm-parameter-secure",
    title="Parameters are SecureStrings",
    cause="A String parameter is shown in the console and in every DescribeParameters history; sooner or later one "
    "holds a password.",
    remedy="Set type=SecureString with key_id, or keep the value in configuration instead of a parameter.",
    types=["ssm/parameter"],
    severity="low",
    good=[sample("ssm/parameter", type="SecureString", keyId=KEY_ARN)],
    bad=[sample("ssm/parameter", type="String"), sample("ssm/parameter", type="StringList")],
)
def ssm_parameter_secure(parameter: Resource) -> Findings:
    """Look at the type; public AMI aliases are data types of their own."""
    if parameter.text("type") in ("String", "StringList") and parameter.text("dataType") in (None, "text"):
        yield parameter.finding(f"{parameter.label} is stored in clear: type is {parameter.text('type')}")


@AREA.rule(
    "ssm-session-encrypted",
    title="Session Manager sessions are encrypted with a customer key",
    cause="A session shows what operators type and read on the bastion, database passwords included.",
    remedy="In the Session document set inputs.kmsKeyId.",
    types=["ssm/document"],
    good=[
        sample(
            "ssm/document",
            documentType="Session",
            content='{"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {"kmsKeyId": "alias/prod", '
            '"cloudWatchLogGroupName": "sessions", "cloudWatchEncryptionEnabled": true}}',
        )
    ],
    bad=[
        sample("ssm/document", documentType="Session", content='{"sessionType": "Standard_Stream", "inputs": {}}'),
        sample(
            "ssm/document", documentType="Session", documentFormat="YAML", content="inputs:\n  runAsEnabled: false\n"
        ),
    ],
)
def ssm_session_encrypted(document: Resource) -> Findings:
    """Read the document's inputs."""
    content = _document(document)
    if document.text("documentType") != "Session" or not isinstance(content, dict):
        return
    inputs = Block(content)
    if inputs.lacks("inputs.kmsKeyId"):
        yield document.finding(f"{document.label}: sessions are not encrypted with a key, inputs.kmsKeyId is not set")


@AREA.rule(
    "ssm-session-logs-encrypted",
    title="Session Manager writes logs, and encrypts them",
    cause="The log is the only record of what operators did on a host, and it shows the passwords that they read.",
    remedy="In the Session document set s3BucketName or cloudWatchLogGroupName with its ...EncryptionEnabled true.",
    types=["ssm/document"],
    good=[
        sample(
            "ssm/document",
            documentType="Session",
            content='{"inputs": {"cloudWatchLogGroupName": "sessions", "cloudWatchEncryptionEnabled": true}}',
        )
    ],
    bad=[
        sample("ssm/document", documentType="Session", content='{"inputs": {"kmsKeyId": "alias/prod"}}'),
        sample(
            "ssm/document",
            documentType="Session",
            content='{"inputs": {"s3BucketName": "logs", "s3EncryptionEnabled": false}}',
        ),
    ],
)
def ssm_session_logs_encrypted(document: Resource) -> Findings:
    """Look for a place of logs, and at the switch of each."""
    content = _document(document)
    if document.text("documentType") != "Session" or not isinstance(content, dict):
        return
    inputs = Block(content)
    used = [pair for pair in _SESSION_LOGS if not inputs.lacks(f"inputs.{pair[0]}")]
    if not used:
        yield document.finding(f"{document.label}: sessions leave no log")
    for _, switch in used:
        if inputs.is_false(f"inputs.{switch}"):
            yield document.finding(f"{document.label}: session logs may be written in clear, {switch} is false")


def _document(document: Resource) -> Value:
    """Return the content, which may be JSON or YAML."""
    content = document.get("content")
    parsed = parse_json(content)
    if parsed is not None or not isinstance(content, str):
        return parsed
    try:
        return plain(yaml.safe_load(content))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
