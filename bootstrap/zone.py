"""The public zone of an environment, which outlives the platform because its delegation is made by hand.

Owns the zone, its signature and the log of what it was asked. Does not own its records: the platform's edge and
certificates write them. Route 53 is at home in us-east-1: it takes keys and log groups there and nowhere else.

The signature protects nobody before the parent zone has the DS record, which a person puts there beside the delegation.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.log_group import log_group
from components.readiness import once_made
from components.stateful import stateful
from model import iam
from model.conventions import EDGE_REGION, Conventions

_ROLE = "public"
_DELETION_DAYS = 30


class PublicZone(pulumi.ComponentResource):
    """One public zone, signed and logged."""

    zone_id: pulumi.Output[str]
    """What `domain.zoneId` of the platform's stack takes."""
    name_servers: pulumi.Output[Sequence[str]]
    """What the parent zone must delegate to."""
    delegation_signer: pulumi.Output[str]
    """DS record for the parent zone."""

    def __init__(
        self, name: str, zone_name: str, conventions: Conventions, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fastorder:zone:PublicZone", name, None, opts)
        self._name, self._conventions, self._child = name, conventions, pulumi.ResourceOptions(parent=self)
        zone = aws.route53.Zone(
            f"{name}-zone",
            name=zone_name,
            comment=f"Fast Order, {conventions.naming.environment}",
            tags=conventions.tags("zone", _ROLE, public=True),
            opts=stateful(conventions, self),
        )
        self._log(zone)
        self.delegation_signer = self._sign(zone)
        self.zone_id, self.name_servers = zone.zone_id, zone.name_servers
        self.register_outputs({"zoneId": self.zone_id, "nameServers": self.name_servers})

    def _log(self, zone: aws.route53.Zone) -> None:
        conventions = self._conventions
        key_arn = self._key(
            "dnslog",
            "Log of DNS queries",
            iam.this_resource(
                "CloudWatchLogsEncrypts",
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey",
                principal=iam.Principal.service(f"logs.{EDGE_REGION}.amazonaws.com"),
                condition={
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": conventions.arns.of(
                            "logs", "log-group:/aws/route53/*", region=EDGE_REGION
                        )
                    }
                },
            ),
        )
        group = log_group(
            f"{self._name}-queries",
            f"/aws/route53/{conventions.naming.name('log', 'dnsqueries')}",
            "dnsqueries",
            conventions=conventions,
            key_arn=key_arn,
            region=EDGE_REGION,
            opts=self._child,
        )
        admission = aws.cloudwatch.LogResourcePolicy(
            f"{self._name}-queries-policy",
            region=EDGE_REGION,
            policy_name=conventions.naming.name("pol", "dnsqueries"),
            policy_document=pulumi.Output.json_dumps(
                iam.document(
                    iam.Statement(
                        sid="Route53Writes",
                        principal=iam.Principal.service("route53.amazonaws.com"),
                        actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                        resources=(conventions.arns.of("logs", "log-group:/aws/route53/*", region=EDGE_REGION),),
                        condition={"StringEquals": {"aws:SourceAccount": conventions.account_id}},
                    )
                )
            ),
            opts=self._child,
        )
        aws.route53.QueryLog(
            f"{self._name}-query-log",
            zone_id=zone.zone_id,
            cloudwatch_log_group_arn=group.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[admission]),
        )

    def _sign(self, zone: aws.route53.Zone) -> pulumi.Output[str]:
        conventions = self._conventions
        ours = {"StringEquals": {"aws:SourceAccount": conventions.account_id}}
        signer = iam.Principal.service("dnssec-route53.amazonaws.com")
        key_arn = self._key(
            "dnssec",
            "Signs the public zone",
            iam.this_resource(
                "Route53Signs", "kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", principal=signer, condition=ours
            ),
            iam.this_resource(
                "Route53KeepsItsGrant",
                "kms:CreateGrant",
                principal=signer,
                condition=ours | {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            ),
            signs=True,
        )
        signing = aws.route53.KeySigningKey(
            f"{self._name}-signing-key",
            name=conventions.naming.underscored("ksk", _ROLE),
            hosted_zone_id=zone.zone_id,
            key_management_service_arn=key_arn,
            opts=self._child,
        )
        aws.route53.HostedZoneDnsSec(
            f"{self._name}-signature",
            hosted_zone_id=zone.zone_id,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[signing]),
        )
        return signing.ds_record

    def _key(self, role: str, use: str, *statements: iam.Statement[str], signs: bool = False) -> pulumi.Output[str]:
        conventions = self._conventions
        key = aws.kms.Key(
            f"{self._name}-{role}",
            region=EDGE_REGION,
            description=f"{use} ({conventions.naming.environment})",
            # KMS rotates no key that signs, and Route 53 takes this kind only.
            customer_master_key_spec="ECC_NIST_P256" if signs else None,
            key_usage="SIGN_VERIFY" if signs else None,
            enable_key_rotation=not signs,
            deletion_window_in_days=_DELETION_DAYS,
            tags=conventions.tags("kms", role),
            opts=stateful(conventions, self),
        )
        aws.kms.Alias(
            f"{self._name}-{role}-alias",
            region=EDGE_REGION,
            name=conventions.naming.key_alias(role),
            target_key_id=key.key_id,
            opts=self._child,
        )
        own = iam.this_resource(
            "IamPoliciesDecide", "kms:*", principal=iam.Principal.aws(conventions.arns.account_root())
        )
        policy = aws.kms.KeyPolicy(
            f"{self._name}-{role}-policy",
            region=EDGE_REGION,
            key_id=key.key_id,
            policy=pulumi.Output.json_dumps(iam.document(own, *statements)),
            opts=self._child,
        )
        return once_made(key.arn, policy)
