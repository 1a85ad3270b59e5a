"""AWS services and the actions in them that roles of the platform use, by the beginnings of the actions' names.

Owns the table from which the platform's boundary is made. Does not own what a role is given: that stands beside the
resource concerned, and the tests hold the table against it.
"""

from __future__ import annotations

from typing import Final

USED: Final = {
    # What roles of the platform do, and what the policies need that AWS demands for EKS, backups and sessions.
    "acm": "Describe List",
    "autoscaling": "Describe Update",
    "backup": "CopyFrom CopyInto Create Describe Get List Start Tag",
    "backup-storage": "Mount",
    "cloudwatch": "Describe Get List PutMetricData",
    "codebuild": "Batch Create Update",
    "codeconnections": "Get Use",
    "dynamodb": "Describe List",
    "ec2": "Allocate Assign Associate Attach Authorize Copy Create Delete Describe Detach Disassociate Get Modify"
    " Register Release Replace Revoke Run Start Stop Terminate Unassign",
    "ec2messages": "Acknowledge Delete Fail Get Send",
    "ecr": "Batch Get",
    "eks": "Describe List",
    "elasticache": "Describe Interrupt",
    "elasticfilesystem": "Backup Client Create Delete Describe List Restore Tag Untag Update",
    "elasticloadbalancing": "Add Create Delete Deregister Describe Modify Register Remove Set",
    "events": "Delete Describe Disable Enable List Put Remove",
    "firehose": "Put",
    "fis": "Get Inject List",
    "kms": "CreateGrant Decrypt Describe Encrypt Generate ListG ReEncrypt",
    "lambda": "Invoke",
    "logs": "Create Describe Filter Get List Put Start Stop",
    "aps": "Get List Query RemoteWrite",
    "rds": "Add Copy Create Delete Describe Failover List Modify Reboot Restore",
    "s3": "Abort Create Delete Get List Put Restore",
    "secretsmanager": "Describe GetSecretValue",
    "shield": "Describe Get List",
    "sns": "GetT ListT Publish",
    "sqs": "Delete Get Receive Send",
    "ssm": "Describe Get List Put Update",
    "ssmmessages": "Create Open",
    "tag": "Get",
    "wafv2": "Associate Disassociate Get",
    "xray": "Get Put",
}
