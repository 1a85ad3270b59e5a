"""The guard of the account itself: what nobody may open, and what is noticed when somebody tries.

Owns the account's defaults (public access to S3, EBS encryption, shared snapshots, instance metadata) and the
detectors: GuardDuty, Inspector, Access Analyzer, with the rules that tell people what is serious. Each part has a
switch in the settings, because in an organization it may exist already: there one account of its own administers the
detectors for all, findings are gathered in it, and policies of the organization forbid to switch anything off. Here
each environment has an account of its own, so that its stack may own them.

A policy on console passwords is left to whoever makes the account: there are no users, and deployments have no right
on the account's own IAM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.notifications import Notifications
from components.stateful import beside_kept
from components.told_event import ToldEvent, ToldEventArgs
from model import settings

_FEATURES: Final = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
)
_AGENTS: Final = {
    # GuardDuty installs and updates its agent in both clusters and on the bastion; there is no Fargate.
    "EKS_ADDON_MANAGEMENT": "ENABLED",
    "EC2_AGENT_MANAGEMENT": "ENABLED",
    "ECS_FARGATE_AGENT_MANAGEMENT": "DISABLED",
}
_SCANNED: Final = ("EC2", "ECR", "LAMBDA")
_SERIOUS: Final[dict[str, dict[str, object]]] = {
    # GuardDuty calls findings from 7 on high.
    "guardduty": {
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"severity": [{"numeric": [">=", 7]}]},
    },
    # High ones are counted by the dozen in any base image and belong into the weekly look.
    "inspector": {
        "source": ["aws.inspector2"],
        "detail-type": ["Inspector2 Finding"],
        "detail": {"severity": ["CRITICAL"], "status": ["ACTIVE"]},
    },
    # Whatever lets another account or everybody in.
    "analyzer": {
        "source": ["aws.access-analyzer"],
        "detail-type": ["Access Analyzer Finding"],
        "detail": {"status": ["ACTIVE"]},
    },
}


@dataclass(frozen=True, kw_only=True)
class AccountGuardArgs:
    """What the guard needs.

    Attributes:
        settings: All settings of the stack; the switches are some of them.
        notifications: Whom to tell.
    """

    settings: settings.Settings
    notifications: Notifications


class AccountGuard(pulumi.ComponentResource):
    """Defaults and detectors of one account."""

    def __init__(self, name: str, args: AccountGuardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:account_guard:AccountGuard", name, None, opts)
        self._name, self._args, self._conventions = name, args, args.settings.conventions
        self._child = pulumi.ResourceOptions(parent=self)
        wanted = args.settings.account_guard
        if wanted.defaults:
            self._close_by_default()
        if wanted.guard_duty:
            self._detect_threats()
        if wanted.inspector:
            self._find_vulnerabilities()
        if wanted.access_analyzer:
            self._analyze_access()
        self.register_outputs({})

    def _close_by_default(self) -> None:
        # Buckets and snapshots that outlive the environment stay as closed as they were.
        stays = beside_kept(self._conventions, self)
        aws.s3.AccountPublicAccessBlock(
            f"{self._name}-buckets",
            account_id=self._conventions.account_id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=stays,
        )
        # With AWS's key: a service that makes a volume on its own has no right on ours.
        aws.ebs.EncryptionByDefault(f"{self._name}-volumes", enabled=True, opts=stays)
        aws.ebs.SnapshotBlockPublicAccess(f"{self._name}-snapshots", state="block-all-sharing", opts=stays)
        aws.ec2.InstanceMetadataDefaults(
            f"{self._name}-metadata",
            http_tokens="required",
            # Pods are one hop further than their node.
            http_put_response_hop_limit=1,
            opts=stays,
        )

    def _detect_threats(self) -> None:
        detector = aws.guardduty.Detector(
            f"{self._name}-threats",
            enable=True,
            # The shortest; the default of six hours is for repeated findings a night too long.
            finding_publishing_frequency="FIFTEEN_MINUTES",
            tags=self._conventions.tags("gd", "threats"),
            opts=self._child,
        )
        for feature in _FEATURES:
            aws.guardduty.DetectorFeature(
                f"{self._name}-{feature.lower().replace('_', '-')}",
                detector_id=detector.id,
                name=feature,
                status="ENABLED",
                additional_configurations=[{"name": name, "status": status} for name, status in _AGENTS.items()]
                if feature == "RUNTIME_MONITORING"
                else None,
                opts=self._child,
            )
        self._tell("guardduty")

    def _find_vulnerabilities(self) -> None:
        aws.inspector2.Enabler(
            f"{self._name}-vulnerabilities",
            account_ids=[self._conventions.account_id],
            resource_types=list(_SCANNED),
            opts=self._child,
        )
        self._tell("inspector")

    def _analyze_access(self) -> None:
        aws.accessanalyzer.Analyzer(
            f"{self._name}-access",
            analyzer_name=self._conventions.naming.name("analyzer", "access"),
            type="ACCOUNT",
            tags=self._conventions.tags("analyzer", "access"),
            opts=self._child,
        )
        self._tell("analyzer")

    def _tell(self, detector: str) -> None:
        ToldEvent(
            f"{self._name}-{detector}",
            ToldEventArgs(
                conventions=self._conventions,
                role=detector,
                description=f"Serious finding of {detector}",
                pattern=_SERIOUS[detector],
                topic_arn=self._args.notifications.topic_arn,
            ),
            opts=self._child,
        )
