"""AWS services and the actions in them that the platform needs, by the beginnings of the actions' names.

Owns the two tables from which `rights` makes its documents. Does not own who holds the actions, nor on what. The tests
hold the first table against the permissions that AWS's schemas ask for each resource type of the program, and the
second against what the program's own roles are given.
"""

from __future__ import annotations

from typing import Final

MANAGED: Final = {
    # What the program has resources of, and what its account guard switches on. A word is the beginning of an action.
    "access-analyzer": "Create Delete Get List Tag Untag Update",
    "acm": "Add Delete Describe List Remove Request Update",
    "application-autoscaling": "Delete Deregister Describe List Put Register Tag Untag",
    "backup": "Create Delete Describe Get List Put Tag Untag Update",
    "backup-storage": "Mount",
    "billing": "GetBillingView",
    "budgets": "Create Delete Describe List Modify Tag Untag View",
    "ce": "Create Delete Describe Get List Tag Untag Update",
    "cloudfront": "Allow Create Delete Get List Tag Untag Update",
    "cloudtrail": "Add Create Delete Describe Get List Put Remove Start Stop Update",
    "cloudwatch": "Delete Describe Get List Put Tag Untag",
    "codebuild": "BatchGetProjects Create Delete Update",
    "codeconnections": "Get Pass Use",
    "config": "Delete Describe Get List Put Start Stop Tag Untag",
    "ec2": "Accept Allocate Apply Assign Associate Attach Authorize Create Delete Describe Detach"
    " DisableEbs DisableSnapshotB Disassociate EnableEbs EnableSnapshotB Export GetEbs GetInstanceMetadataD"
    " GetManagedPrefix GetSnapshotB Import Modify Monitor Release Replace Revoke RunInstances Start Stop Terminate"
    " Unassign Unmonitor Update",
    "ecr": "Batch Complete Create Delete Describe Get Initiate List Put Set Start Tag Untag Upload",
    "eks": "Associate Create Delete Describe Disassociate List Tag Untag Update",
    "elasticache": "Add Create Decrease Delete Describe Increase List Modify Remove",
    "elasticfilesystem": "Create Delete Describe List Modify Put Tag Untag Update",
    "elasticloadbalancing": "Add Create Delete Deregister Describe Modify Register Remove Set",
    "events": "Delete Describe List Put Remove Tag Untag",
    "firehose": "Create Delete Describe List Start Stop Tag Untag Update",
    "fis": "Create Delete Get List Tag Untag Update",
    "guardduty": "Create Delete Get List Tag Untag Update",
    "inspector2": "BatchGet Disable Enable Get List Update",
    "kms": "Create DeleteAlias Describe Disable Enable Generate Get List PutKeyPolicy Retire Schedule Tag Untag Update",
    "lambda": "Add Create Delete Get List Publish Put Remove Tag Untag Update",
    "logs": "Allow Associate Create Delete Describe Disassociate GetD GetLogD List Put Tag Untag Update",
    "rds": "Add Create Delete Describe Disable Enable List Modify Promote Reboot Remove Reset Restore Start Stop",
    "route53": "Associate Change Create Delete Disassociate Get List Update",
    "s3": "CreateBucket Delete GetAcc GetBucket GetEnc GetLife GetRep ListAll ListBucketV ListTags PutAcc PutBucket"
    " PutEnc PutLife PutRep Tag Untag",
    "scheduler": "Create Delete Get List Tag Untag Update",
    "secretsmanager": "CreateSecret DescribeSecret TagResource",
    "securityhub": "Batch Create Delete Describe Disable Enable Get List Tag Untag Update",
    "sns": "Create Delete Get List Put Set Subscribe Tag Unsubscribe Untag",
    "sqs": "Create Delete Get List Set Tag Untag",
    "ssm": "Add CreateDocument DeleteDocument Describe GetDocument List Remove UpdateD",
    "vpce": "Allow",
    "wafv2": "Associate Create Delete Disassociate Get List Put Tag Untag Update",
}

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
