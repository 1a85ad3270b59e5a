"""What people and image pushers do in an account beyond reading what is there.

Owns the statements for operators, who look, open sessions and follow the runbooks, and for workflows that push images.
Does not own who may take the roles (`bootstrap/`), nor what the descriptions are that operators read as well.
"""

from __future__ import annotations

from typing import Final

from model.conventions import EDGE_REGION, Conventions
from model.iam import Statement, without_resources
from model.rights.identities import arn

_FORWARDING: Final = "AWS-StartPortForwardingSessionToRemoteHost"
"""AWS's own document, by which the runbook forwards a port through the bastion."""
_LOGS: Final = ("/aws/containerinsights", "/aws/eks", "/aws/rds/cluster", "/fastorder")
"""Where the platform's log groups lie, each in a folder or under a name that begins with the environment."""


def sessions(conventions: Conventions) -> tuple[Statement[str], ...]:
    """Allow sessions through the bastion, by the two documents that the runbook names and by no other.

    Source: Systems Manager user guide, "Sample IAM policies for Session Manager".
    """
    arns, naming = conventions.arns, conventions.naming
    return (
        Statement(
            sid="OpenSessions",
            actions=("ssm:StartSession",),
            resources=(arns.of("ec2", "instance/*"),),
            condition={"StringEquals": {"ssm:resourceTag/Role": "bastion"}},
        ),
        Statement(
            sid="OpenThemByOurDocuments",
            actions=("ssm:StartSession",),
            resources=(
                arns.of("ssm", f"document/{naming.name('ssmdoc', 'shell')}"),
                # AWS's own documents belong to no account.
                f"arn:{arns.partition}:ssm:{conventions.region}:*:document/{_FORWARDING}",
            ),
            # Otherwise who names no document gets SSM-SessionManagerRunShell, which records nothing.
            condition={"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}},
        ),
        Statement(
            sid="HoldOwnSessions",
            actions=("ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"),
            resources=(f"arn:{arns.partition}:ssm:*:{conventions.account_id}:session/${{aws:userid}}-*",),
        ),
        Statement(
            sid="EncryptSessions",
            # The shell's document names a key, with which both ends of a session encrypt.
            actions=("kms:GenerateDataKey",),
            resources=(arns.of("kms", "key/*"),),
            condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": naming.key_alias("logs")}},
        ),
    )


def watching(conventions: Conventions) -> tuple[Statement[str], ...]:
    """Allow looking at metrics, alarms and the platform's logs, and what the runbooks ask a person to start."""
    arns, env = conventions.arns, conventions.naming.environment
    return (
        without_resources(
            "WatchMetrics",
            "cloudwatch:GetMetricData",
            "cloudwatch:GetMetricStatistics",
            "cloudwatch:ListDashboards",
            "cloudwatch:ListMetrics",
            "fis:ListExperimentTemplates",
            "logs:GetQueryResults",
            "logs:StopQuery",
            "ssm:DescribeInstanceInformation",
            "ssm:DescribeSessions",
            reason="metrics, queries and lists have no ARN of ours",
            condition={"StringEquals": {"aws:RequestedRegion": sorted({conventions.region, EDGE_REGION})}},
        ),
        Statement(
            sid="ReadLogs",
            actions=("logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"),
            resources=(
                *(arns.of("logs", f"log-group:{folder}/{env}*") for folder in _LOGS),
                arns.of("logs", f"log-group:aws-waf-logs-{env}-*", region=EDGE_REGION),
            ),
        ),
        Statement(
            sid="RehearseLosses",
            actions=("fis:GetExperiment", "fis:StartExperiment", "fis:StopExperiment"),
            resources=(arns.of("fis", "experiment/*"), arns.of("fis", "experiment-template/*")),
        ),
        Statement(
            sid="LetExperimentsHaveTheirRole",
            # FIS makes it when the first experiment starts (FIS user guide, "Service-linked role").
            actions=("iam:CreateServiceLinkedRole",),
            resources=(arn(conventions, "role/aws-service-role/fis.amazonaws.com/*"),),
        ),
        Statement(
            sid="LeaveZones",
            actions=(
                "arc-zonal-shift:CancelZonalShift",
                "arc-zonal-shift:GetManagedResource",
                "arc-zonal-shift:StartZonalShift",
                "arc-zonal-shift:UpdateZonalShift",
            ),
            resources=(arns.of("elasticloadbalancing", f"loadbalancer/*/{env}-*"),),
        ),
    )


def pushed_images(conventions: Conventions) -> tuple[Statement[str], ...]:
    """Allow pushing images and reading their scans, in the platform's repositories only.

    Sources: ECR user guide, "IAM permissions for pushing an image" and "IAM permissions required for enhanced
    scanning": where Inspector scans, ECR asks it for the findings with the rights of whoever asked ECR.
    """
    return (
        without_resources(
            "LogInToRegistry", "ecr:GetAuthorizationToken", reason="the token is the registry's, not a repository's"
        ),
        Statement(
            sid="PushImages",
            actions=(
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:DescribeImageScanFindings",
                "ecr:DescribeImages",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ),
            resources=(conventions.arns.of("ecr", f"repository/{conventions.naming.environment}-*"),),
        ),
        without_resources(
            "ReadScansOfInspector",
            "inspector2:ListCoverage",
            "inspector2:ListFindings",
            reason="Inspector lists what it knows of the account, not of a repository",
        ),
    )
