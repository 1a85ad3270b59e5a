"""The kinds of resource policies: where each type carries its document.

Owns the table that `resource_policies.py` makes its rules from. Declares no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class ResourcePolicyKind:
    """One kind of resource policy.

    Attributes:
        key: Beginning of its rules' names.
        what: How messages call the policies.
        paths: The property with the document, by resource type; the examples use the first.
        action: An action for the examples.
        public: Controls that the rule against public access answers.
        conditionless: Services whose requests match no condition of such a policy, so that they cannot be tied.
        tied_by_path: Services that their own guides tie by the path in the resource. Whether their requests match
            conditions too is told both ways and unverified: none is asked for, and none refused.
    """

    key: str
    what: str
    paths: dict[str, str]
    action: str
    public: tuple[str, ...]
    conditionless: tuple[str, ...] = ()
    tied_by_path: tuple[str, ...] = ()


KINDS: Final = (
    ResourcePolicyKind(
        "s3-policy",
        "Bucket policies",
        {
            "s3/bucketPolicy": "policy",
            "s3/bucket": "policy",
            "s3/accessPoint": "policy",
            "s3control/accessPointPolicy": "policy",
        },
        "s3:GetObject",
        ("FSBP S3.2", "FSBP S3.3", "cdk-nag S3BucketPublicReadProhibited"),
        # By the account in it.
        tied_by_path=("logdelivery.elasticloadbalancing.amazonaws.com",),
    ),
    ResourcePolicyKind(
        "kms-policy", "Key policies", {"kms/key": "policy", "kms/keyPolicy": "policy"}, "kms:Decrypt", ("FSBP KMS.5",)
    ),
    ResourcePolicyKind(
        "sqs-policy",
        "Queue policies",
        {"sqs/queuePolicy": "policy", "sqs/queue": "policy"},
        "sqs:SendMessage",
        ("FSBP SQS.3",),
    ),
    ResourcePolicyKind(
        "sns-policy",
        "Topic policies",
        {"sns/topicPolicy": "policy", "sns/topic": "policy"},
        "sns:Publish",
        ("FSBP SNS.4",),
        ("events.amazonaws.com",),
    ),
    ResourcePolicyKind(
        "ecr-policy",
        "Repository policies",
        {"ecr/repositoryPolicy": "policy", "ecr/registryPolicy": "policy"},
        "ecr:BatchGetImage",
        ("cdk-nag ECR1",),
    ),
    ResourcePolicyKind(
        "secret-policy",
        "Secret policies",
        {"secretsmanager/secretPolicy": "policy", "secretsmanager/secret": "policy"},
        "secretsmanager:GetSecretValue",
        (),
    ),
    ResourcePolicyKind(
        "efs-policy", "File-system policies", {"efs/fileSystemPolicy": "policy"}, "elasticfilesystem:ClientMount", ()
    ),
    ResourcePolicyKind(
        "backup-policy", "Vault policies", {"backup/vaultPolicy": "policy"}, "backup:CopyIntoBackupVault", ()
    ),
    ResourcePolicyKind(
        "logs-policy",
        "Log resource policies",
        {"cloudwatch/logResourcePolicy": "policyDocument"},
        "logs:PutLogEvents",
        (),
    ),
    ResourcePolicyKind(
        "event-bus-policy",
        "Event bus policies",
        {"cloudwatch/eventBusPolicy": "policy"},
        "events:PutEvents",
        (),
    ),
    ResourcePolicyKind(
        "search-policy",
        "Search domain policies",
        {
            "opensearch/domain": "accessPolicies",
            "opensearch/domainPolicy": "accessPolicies",
            "elasticsearch/domain": "accessPolicies",
            "elasticsearch/domainPolicy": "accessPolicies",
        },
        "es:ESHttpGet",
        ("cdk-nag OS3",),
    ),
    ResourcePolicyKind(
        "api-policy",
        "API policies",
        {"apigateway/restApi": "policy", "apigateway/restApiPolicy": "policy"},
        "execute-api:Invoke",
        (),
    ),
    ResourcePolicyKind(
        "stream-policy",
        "Policies of streams and tables",
        {"kinesis/resourcePolicy": "policy", "dynamodb/resourcePolicy": "policy"},
        "kinesis:GetRecords",
        (),
    ),
    ResourcePolicyKind(
        "archive-policy",
        "Policies of archives, catalogs and media stores",
        {"glacier/vault": "accessPolicy", "glue/resourcePolicy": "policy", "mediastore/containerPolicy": "policy"},
        "glacier:InitiateJob",
        (),
    ),
    ResourcePolicyKind(
        "mail-policy",
        "Mail identity policies",
        {"ses/identityPolicy": "policy", "sesv2/emailIdentityPolicy": "policy"},
        "ses:SendEmail",
        (),
    ),
)
