"""Operators' way in: a bastion that nobody can connect to, because it calls out to Session Manager by itself.

Owns the instance, its role, its security group, the document that records sessions, and the rules that let it reach
API servers, database and cache. Does not own which people may start a session: that is a right of their own roles.

The bastion has no key, no open port and no address outside; people forward a port through it (docs/runbooks) or open a
shell by the document, which records it. It reaches AWS by the VPC's endpoints alone, so it has no way out of the VPC
but to S3, and there it may read AWS's own buckets only. Its image is the newest when it is made and is kept: a newer
one would replace it in the midst of a session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.bastion_role import bastion_role
from components.cache import PORT as CACHE_PORT
from components.database import PORT as DATABASE_PORT
from components.keys import Keys
from components.log_group import log_group
from components.network import Network
from components.role import Role
from components.security_group import Rule, SecurityGroup, SecurityGroupArgs
from components.was_tier import WasTier
from components.web_tier import WebTier
from model import settings
from model.subnets import Tier

_HTTPS: Final = 443
_ROLE: Final = "bastion"
_IMAGE: Final = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
_IDLE_MINUTES: Final = 20


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """What the way in leads to.

    Attributes:
        settings: All settings of the stack.
        network: VPC; the bastion stands in an app subnet.
        keys: Encrypt its disk (data), sessions and their log (logs).
        web: Tier whose API server it reaches.
        was: Likewise, and the tier's database and cache.
    """

    settings: settings.Settings
    network: Network
    keys: Keys
    web: WebTier
    was: WasTier


class Access(pulumi.ComponentResource):
    """A bastion where the environment has one, otherwise nothing."""

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:access:Access", name, None, opts)
        self._name, self._args, self._conventions = name, args, args.settings.conventions
        self._child = pulumi.ResourceOptions(parent=self)
        if args.settings.access.bastion:
            group_id = SecurityGroup(
                f"{name}-sg",
                SecurityGroupArgs(
                    conventions=self._conventions,
                    role=_ROLE,
                    description="Bastion, which admits nobody and calls Session Manager",
                    vpc_id=args.network.vpc_id,
                ),
                opts=self._child,
            ).group_id
            self._rules(group_id)
            self._sessions()
            self._api_servers_admit(self._instance(group_id))
        self.register_outputs({})

    def _rules(self, group_id: pulumi.Output[str]) -> None:
        args, conventions = self._args, self._conventions
        Rule(
            conventions=conventions,
            group_id=group_id,
            role=f"{_ROLE}https",
            description="To interface endpoints and API servers",
            port=_HTTPS,
            peer_cidr=str(args.settings.network.cidr),
        ).release(f"{self._name}-to-https", self._child)
        # The agents of Session Manager and GuardDuty, and their updates, come from buckets of AWS.
        Rule(
            conventions=conventions,
            group_id=group_id,
            role=f"{_ROLE}s3",
            description="To S3, for the agents",
            port=_HTTPS,
            peer_prefix_list_id=args.network.s3_prefix_list_id,
        ).release(f"{self._name}-to-s3", self._child)
        stores = {
            "database": (args.was.stores.database.security_group_id, DATABASE_PORT),
            "cache": (args.was.stores.cache.security_group_id, CACHE_PORT),
        }
        for role, (peer, port) in stores.items():
            Rule(
                conventions=conventions,
                group_id=group_id,
                role=f"{_ROLE}{role}",
                description=f"To the {role}, for an operator",
                port=port,
                peer_group_id=peer,
            ).release(f"{self._name}-to-{role}", self._child)
        for role, (listener, port) in stores.items():
            Rule(
                conventions=conventions,
                group_id=listener,
                role=f"{role}{_ROLE}",
                description="From the bastion, for an operator",
                port=port,
                peer_group_id=group_id,
            ).admit(f"{self._name}-{role}-from-bastion", self._child)

    def _api_servers_admit(self, address: pulumi.Output[str]) -> None:
        for role, tier in {"web": self._args.web, "was": self._args.was}.items():
            Rule(
                conventions=self._conventions,
                group_id=tier.cluster.security_group_id,
                role=f"{role}{_ROLE}",
                description="From the bastion, for an operator",
                port=_HTTPS,
                # By address: a group of EKS's own that refers to ours could not be told from it by the policy pack.
                peer_cidr=pulumi.Output.concat(address, "/32"),
            ).admit(f"{self._name}-{role}-from-bastion", self._child)

    def _sessions(self) -> None:
        conventions, key_arn = self._conventions, self._args.keys.arns["logs"]
        group = log_group(
            f"{self._name}-sessions",
            conventions.naming.log_group("sessions"),
            "sessions",
            conventions=conventions,
            key_arn=key_arn,
            opts=self._child,
        )
        aws.ssm.Document(
            f"{self._name}-shell",
            name=conventions.naming.name("ssmdoc", "shell"),
            document_type="Session",
            content=pulumi.Output.json_dumps(
                {
                    "schemaVersion": "1.0",
                    "description": "A shell whose every line is recorded",
                    "sessionType": "Standard_Stream",
                    "inputs": {
                        "cloudWatchLogGroupName": group.name,
                        "cloudWatchEncryptionEnabled": True,
                        "cloudWatchStreamingEnabled": True,
                        "kmsKeyId": key_arn,
                        "idleSessionTimeout": str(_IDLE_MINUTES),
                    },
                }
            ),
            tags=self._conventions.tags("ssmdoc", "shell"),
            opts=self._child,
        )

    def _instance(self, group_id: pulumi.Output[str]) -> pulumi.Output[str]:
        conventions, keys = self._conventions, self._args.keys
        role = Role(f"{self._name}-bastion", bastion_role(conventions, keys, _ROLE), opts=self._child)
        profile = aws.iam.InstanceProfile(
            f"{self._name}-profile",
            name=conventions.naming.name("prof", _ROLE),
            role=role.role_name,
            tags=self._conventions.tags("prof", _ROLE),
            opts=self._child,
        )
        image = aws.ssm.get_parameter_output(name=_IMAGE, opts=pulumi.InvokeOutputOptions(parent=self))
        bastion = aws.ec2.Instance(
            f"{self._name}-bastion",
            ami=image.insecure_value,
            instance_type="t4g.nano",
            subnet_id=self._args.network.subnet_ids[Tier.APP][0],
            associate_public_ip_address=False,
            vpc_security_group_ids=[group_id],
            iam_instance_profile=profile.name,
            disable_api_termination=conventions.protect,
            ebs_optimized=True,
            monitoring=True,
            metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
            root_block_device={
                "encrypted": True,
                "kms_key_id": keys.arns["data"],
                "volume_type": "gp3",
                "delete_on_termination": True,
                "tags": self._conventions.tags("ebs", _ROLE),
            },
            tags=self._conventions.tags("ec2", _ROLE),
            opts=pulumi.ResourceOptions(parent=self, depends_on=role.attachments, ignore_changes=["ami"]),
        )
        return bastion.private_ip
