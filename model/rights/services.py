"""What a deployment reads and changes in AWS's services, action by action.

Owns two tables: `READ`, of which a word may be the beginning of several actions, and `CHANGED`, whose words are whole
names. Does not own identities and keys (`identities`, `keys`), nor on what and in which regions (`Rights`).

Each name stands here because an operation of the official provider makes the call for a resource of the program; the
tests hold both tables against the calls of dev, stg and prod, in both directions. What AWS's own schemas do not say, or
what looks wrong for its service, has its reason beside it.
"""

from __future__ import annotations

from typing import Final

READ: Final = {
    # Descriptions only. Whatever gives data, logs, layers or secrets is not here: nothing of s3:GetObject,
    # secretsmanager:GetSecretValue, logs:GetLogEvents, ecr:BatchGetImage or rds:DownloadDBLogFilePortion.
    "access-analyzer": "GetAnalyzer",
    "acm": "DescribeCertificate ListTags",
    "application-autoscaling": "Describe ListTags",
    "backup": "Describe Get ListTags",
    # Budgets look at the account through its billing view (schema of AWS::Budgets::Budget).
    "billing": "GetBillingViewData",
    "budgets": "ListTags ViewBudget",
    "ce": "GetAnomaly ListTags",
    "cloudfront": "Get ListTags",
    "cloudwatch": "DescribeAlarms GetDashboard ListTags",
    "codebuild": "BatchGetProjects",
    "ec2": "Describe GetEbs GetInstanceMetadataDefaults GetManagedPrefixListEntries"
    # ELBv2 asks for it on behalf of whoever names security groups (aws-load-balancer-controller #3917).
    " GetSecurityGroupsForVpc GetSnapshotBlockPublicAccessState",
    "ecr": "Describe GetLifecyclePolicy ListTags",
    "eks": "Describe List",
    "elasticache": "Describe ListTags",
    "elasticfilesystem": "Describe",
    "elasticloadbalancing": "Describe",
    "events": "DescribeRule ListTags ListTargetsByRule",
    "fis": "GetExperimentTemplate ListTags",
    "guardduty": "GetDetector ListTags",
    "inspector2": "BatchGetAccountStatus",
    "kms": "DescribeKey GetKeyPolicy GetKeyRotationStatus ListAliases ListResourceTags",
    # GetFunction says nothing of tags to whom ListTags is not allowed (API reference of Lambda).
    "lambda": "GetAccountSettings GetFunction GetPolicy ListTags ListVersionsByFunction",
    "logs": "DescribeLogGroups DescribeQueryDefinitions DescribeResourcePolicies GetDelivery ListTags"
    # ElastiCache looks for its deliveries with the caller's rights (ElastiCache guide, "Logging destinations").
    " GetLogDelivery ListLogDeliveries",
    "rds": "Describe ListTags",
    "s3": "GetAccountPublicAccessBlock",
    # Whether there is a secret, not what it is: the preflight looks for the webhook's.
    "secretsmanager": "DescribeSecret",
    "route53": "GetChange GetDNSSEC GetHostedZone ListResourceRecordSets ListTags",
    "servicequotas": "GetServiceQuota",
    "sns": "Get ListTags",
    "sqs": "GetQueue ListQueueTags",
    "ssm": "DescribeDocument GetDocument ListTags",
    "wafv2": "GetLoggingConfiguration GetWebACL ListTags",
}

CHANGED: Final = {
    # One document holds 6,144 characters, so there are three.
    "network": {
        "acm": "AddTagsToCertificate DeleteCertificate RemoveTagsFromCertificate RequestCertificate",
        "cloudfront": "CreateDistribution CreateOriginAccessControl CreateResponseHeadersPolicy CreateVpcOrigin"
        " DeleteDistribution DeleteOriginAccessControl DeleteResponseHeadersPolicy DeleteVpcOrigin TagResource"
        " UntagResource UpdateDistribution UpdateOriginAccessControl UpdateResponseHeadersPolicy UpdateVpcOrigin"
        # What lets CloudWatch Logs take the distribution's log (CloudWatch Logs guide, "Logging that requires ... V2").
        " AllowVendedLogDeliveryForResource",
        "ec2": "AllocateAddress AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupEgress"
        " AuthorizeSecurityGroupIngress CreateFlowLogs CreateInternetGateway CreateNatGateway CreateRoute"
        " CreateRouteTable CreateSecurityGroup CreateSubnet CreateTags CreateVpc CreateVpcEncryptionControl"
        " CreateVpcEndpoint DeleteFlowLogs DeleteInternetGateway DeleteNatGateway DeleteRoute DeleteRouteTable"
        " DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEncryptionControl DeleteVpcEndpoints"
        " DetachInternetGateway DisableEbsEncryptionByDefault DisableSnapshotBlockPublicAccess DisassociateAddress"
        " DisassociateRouteTable EnableEbsEncryptionByDefault EnableSnapshotBlockPublicAccess"
        " GetVpcResourcesBlockingEncryptionEnforcement"
        " ModifyInstanceAttribute ModifyInstanceMetadataDefaults ModifyInstanceMetadataOptions"
        " ModifySecurityGroupRules ModifySubnetAttribute ModifyVpcAttribute ModifyVpcEncryptionControl"
        " ModifyVolume ModifyVpcEndpoint MonitorInstances ReleaseAddress ReplaceIamInstanceProfileAssociation"
        " ReplaceRoute ReplaceRouteTableAssociation"
        " RevokeSecurityGroupEgress RevokeSecurityGroupIngress RunInstances StartInstances StopInstances"
        " TerminateInstances UnmonitorInstances"
        # EFS makes the network interfaces of mount targets with the caller's rights (API reference, CreateMountTarget,
        # DeleteMountTarget, ModifyMountTargetSecurityGroups).
        " CreateNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute",
        "elasticloadbalancing": "AddTags CreateListener CreateLoadBalancer CreateTargetGroup DeleteListener"
        " DeleteLoadBalancer DeleteTargetGroup ModifyListener ModifyListenerAttributes ModifyLoadBalancerAttributes"
        " ModifyTargetGroup ModifyTargetGroupAttributes RemoveTags SetSecurityGroups SetSubnets",
        "route53": "AssociateVPCWithHostedZone ChangeResourceRecordSets ChangeTagsForResource CreateHostedZone"
        " DeleteHostedZone DisassociateVPCFromHostedZone UpdateHostedZoneComment",
        "wafv2": "CreateWebACL DeleteLoggingConfiguration DeleteWebACL PutLoggingConfiguration TagResource"
        " UntagResource UpdateWebACL",
    },
    "services": {
        "application-autoscaling": "DeleteScalingPolicy DeleteScheduledAction DeregisterScalableTarget"
        " PutScalingPolicy PutScheduledAction RegisterScalableTarget TagResource UntagResource",
        "codebuild": "CreateProject CreateWebhook DeleteProject DeleteWebhook UpdateProject UpdateWebhook",
        # A runner's project is handed the connection to GitHub (service authorization reference, CodeConnections). The
        # project's own role uses it (aws-cdk #38504); whether its webhook's maker must may be true (unverified).
        "codeconnections": "PassConnection UseConnection",
        "ecr": "CreateRepository DeleteLifecyclePolicy DeleteRepository PutImageScanningConfiguration"
        " PutImageTagMutability PutLifecyclePolicy PutReplicationConfiguration TagResource UntagResource",
        "eks": "AssociateAccessPolicy CreateAccessEntry CreateAddon CreateCluster CreatePodIdentityAssociation"
        " DeleteAccessEntry DeleteAddon DeleteCluster DeletePodIdentityAssociation DisassociateAccessPolicy"
        " TagResource UntagResource UpdateAccessEntry UpdateAddon UpdateClusterConfig UpdateClusterVersion"
        " UpdatePodIdentityAssociation",
        "fis": "CreateExperimentTemplate DeleteExperimentTemplate TagResource UntagResource UpdateExperimentTemplate",
        "lambda": "AddPermission CreateFunction DeleteFunction DeleteFunctionConcurrency"
        " DeleteFunctionEventInvokeConfig PutFunctionConcurrency PutFunctionEventInvokeConfig RemovePermission"
        " TagResource UntagResource UpdateFunctionCode UpdateFunctionConfiguration",
        "ssm": "AddTagsToResource CreateDocument DeleteDocument RemoveTagsFromResource UpdateDocument"
        " UpdateDocumentDefaultVersion",
        "access-analyzer": "CreateAnalyzer DeleteAnalyzer TagResource UntagResource",
        "budgets": "ModifyBudget TagResource UntagResource",
        "ce": "CreateAnomalyMonitor CreateAnomalySubscription DeleteAnomalyMonitor DeleteAnomalySubscription"
        " TagResource UntagResource UpdateAnomalyMonitor UpdateAnomalySubscription",
        "cloudwatch": "DeleteAlarms DeleteDashboards PutCompositeAlarm PutDashboard PutMetricAlarm TagResource"
        " UntagResource",
        "events": "DeleteRule PutRule PutTargets RemoveTargets TagResource UntagResource",
        "guardduty": "CreateDetector DeleteDetector TagResource UntagResource UpdateDetector",
        "inspector2": "Disable Enable",
        "logs": "AssociateKmsKey CreateDelivery CreateLogGroup DeleteDelivery DeleteDeliveryDestination"
        " DeleteDeliverySource DeleteLogGroup DeleteQueryDefinition DeleteResourcePolicy"
        " PutDeliveryDestination PutDeliverySource PutQueryDefinition PutResourcePolicy"
        " PutRetentionPolicy TagResource UntagResource UpdateDeliveryConfiguration"
        # VPC, WAF and ElastiCache set up the older kind of delivery with the caller's rights (CloudWatch Logs guide,
        # "Enable logging from AWS services"; ElastiCache guide, "Logging destinations").
        " CreateLogDelivery DeleteLogDelivery UpdateLogDelivery",
        "sns": "CreateTopic DeleteTopic SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource"
        " Unsubscribe UntagResource",
        "sqs": "CreateQueue DeleteQueue SetQueueAttributes TagQueue UntagQueue",
    },
    "stores": {
        "backup": "CreateBackupPlan CreateBackupSelection CreateBackupVault CreateRestoreTestingPlan"
        " CreateRestoreTestingSelection DeleteBackupPlan DeleteBackupSelection DeleteBackupVault"
        " DeleteBackupVaultLockConfiguration DeleteRestoreTestingPlan DeleteRestoreTestingSelection"
        " PutBackupVaultLockConfiguration TagResource UntagResource UpdateBackupPlan UpdateRegionSettings"
        " UpdateRestoreTestingPlan UpdateRestoreTestingSelection",
        # CreateBackupVault asks for it beside its own name (service authorization reference, AWS Backup storage).
        "backup-storage": "MountCapsule",
        "elasticache": "AddTagsToResource CreateCacheParameterGroup CreateCacheSubnetGroup CreateReplicationGroup"
        " CreateUser CreateUserGroup DecreaseReplicaCount DeleteCacheParameterGroup DeleteCacheSubnetGroup"
        " DeleteReplicationGroup DeleteUser DeleteUserGroup IncreaseReplicaCount ModifyCacheParameterGroup"
        " ModifyCacheSubnetGroup ModifyReplicationGroup ModifyUser ModifyUserGroup RemoveTagsFromResource"
        " ResetCacheParameterGroup",
        "elasticfilesystem": "CreateAccessPoint CreateFileSystem CreateMountTarget DeleteAccessPoint"
        " DeleteFileSystem DeleteFileSystemPolicy DeleteMountTarget ModifyMountTargetSecurityGroups"
        " PutFileSystemPolicy PutLifecycleConfiguration TagResource UntagResource UpdateFileSystem",
        "kms": "CreateAlias CreateKey DeleteAlias EnableKeyRotation PutKeyPolicy"
        " ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription",
        "rds": "AddTagsToResource CreateDBCluster CreateDBClusterParameterGroup"
        " CreateDBClusterSnapshot CreateDBInstance CreateDBSubnetGroup CreateEventSubscription DeleteDBCluster"
        " DeleteDBClusterParameterGroup DeleteDBInstance DeleteDBSubnetGroup DeleteEventSubscription"
        " ModifyDBCluster ModifyDBClusterParameterGroup ModifyDBInstance ModifyDBSubnetGroup"
        " ModifyEventSubscription RebootDBInstance RemoveTagsFromResource"
        " ResetDBClusterParameterGroup",
        # RDS makes the master secret with the caller's rights (Aurora guide, "Password management with
        # Secrets Manager").
        "secretsmanager": "CreateSecret TagResource",
    },
}

BUCKETS: Final = {
    # On buckets below `<env>-` only. The provider reads a bucket by HeadBucket, which is s3:ListBucket
    # (terraform-provider-aws #17195, #15148), all its settings with it, and its tags by S3 Control since version 6.23.
    "read": "GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLogging"
    " GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPublicAccessBlock"
    " GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration"
    " GetLifecycleConfiguration GetReplicationConfiguration ListBucket ListTagsForResource",
    # Whoever removes a setting puts an empty one, by IAM's names.
    "change": "CreateBucket DeleteBucket DeleteBucketPolicy PutBucketLogging PutBucketOwnershipControls"
    " PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration"
    " PutLifecycleConfiguration TagResource UntagResource",
}
