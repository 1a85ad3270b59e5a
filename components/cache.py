"""Valkey: the menu's read-through cache, which relieves the database and may be lost at any time.

Owns the replication group, its parameter and subnet groups, log groups, users and security group. Does not own what
is cached, nor who may connect over the network (the was tier's rules).

Nobody has a password: the one user logs in with an IAM token. The user group is of the engine `redis`, which Valkey
accepts, because only such a group may hold the `default` user in the one form without a password: switched off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.keys import Keys
from components.log_group import log_group
from components.network import Network
from components.security_group import SecurityGroup, SecurityGroupArgs
from components.stateful import stateful
from model import settings
from model.naming import System, digits
from model.subnets import Tier

PORT: Final = 6380
"""Customary for TLS, and none that scanners of open caches try first."""
USER_SYSTEM: Final[System] = "item"
"""The one service that reads and writes the cache."""
ACCESS_STRING: Final = "on ~theatres:* ~menu:* -@all +get +set +ping"
"""What FailOpenCache of the item service and its driver need; logging in takes no right."""
SWITCHED_OFF: Final = "off -@all"
"""Of the user that a client is who gives no name."""
FAMILY: Final = "valkey8"
_ENGINE_OF_USERS: Final = "redis"
_LOGS: Final = ("slow-log", "engine-log")


@dataclass(frozen=True, kw_only=True)
class CacheArgs:
    """What the cache needs.

    Attributes:
        settings: All settings of the stack.
        network: VPC; the nodes live in the data subnets.
        keys: Encrypt the cache and its snapshots (data), log groups (logs).
    """

    settings: settings.Settings
    network: Network
    keys: Keys


class Cache(pulumi.ComponentResource):
    """One Valkey replication group that speaks TLS only."""

    endpoint: pulumi.Output[str]
    """Name of the primary; IAM tokens need this very name."""
    arn: str
    """ARN of the cache, known before anything exists."""
    nodes: tuple[str, ...]
    """Names under which the nodes report their metrics; ElastiCache counts them."""
    security_group_id: pulumi.Output[str]
    """Group of the nodes; who may connect is up to the tiers."""
    username: str
    """User that logs in by IAM token; id and name alike, as ElastiCache demands."""
    login_arns: tuple[str, str]
    """ARNs of the cache and of the user, for `elasticache:Connect`, which needs both."""

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:cache:Cache", name, None, opts)
        self._name, self._args, self._conventions = name, args, args.settings.conventions
        self._child = pulumi.ResourceOptions(parent=self)
        self.security_group_id = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(
                conventions=self._conventions,
                role="cache",
                description="Valkey, reached by the was tier and nobody else",
                vpc_id=args.network.vpc_id,
            ),
            opts=self._child,
        ).group_id
        naming, arns = self._conventions.naming, self._conventions.arns
        identifier = naming.name("redis", "cache")
        self.nodes = tuple(f"{identifier}-{sequence:03d}" for sequence in range(1, args.settings.cache.nodes + 1))
        self.username = naming.name("redisusr", "cache", system=USER_SYSTEM)
        self.arn = arns.of("elasticache", f"replicationgroup:{identifier}")
        self.login_arns = (self.arn, arns.of("elasticache", f"user:{self.username}"))
        group = self._replication_group(identifier)
        self.endpoint = group.primary_endpoint_address
        self.register_outputs({"endpoint": self.endpoint})

    def _replication_group(self, identifier: str) -> aws.elasticache.ReplicationGroup:
        args, naming = self._args, self._conventions.naming
        wanted = args.settings.cache
        subnet_group = aws.elasticache.SubnetGroup(
            f"{self._name}-subnets",
            name=naming.name("redissn", "cache"),
            description="Data subnets",
            subnet_ids=args.network.subnet_ids[Tier.DATA],
            tags=self._conventions.tags("redissn", "cache"),
            opts=self._child,
        )
        # The family is part of the name: the cache holds the old group until it has the new.
        parameter_group = naming.name("redispg", f"cache{digits(FAMILY)}")
        parameters = aws.elasticache.ParameterGroup(
            f"{self._name}-parameters",
            name=parameter_group,
            family=FAMILY,
            description="Drops what was not read for longest when memory ends",
            # The default spares entries without an expiry, and one bug that forgets it would fill the cache for good.
            parameters=[{"name": "maxmemory-policy", "value": "allkeys-lru"}],
            tags=self._conventions.tagging.tags(parameter_group, "cache"),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["description"]),
        )
        groups = {kind: self._log_group(kind) for kind in _LOGS}
        redundant = wanted.nodes > 1
        return aws.elasticache.ReplicationGroup(
            f"{self._name}-group",
            replication_group_id=identifier,
            description="Menus, read through by the item service",
            engine="valkey",
            engine_version=wanted.engine_version,
            # A version that AWS raised would be a downgrade to undo, for which the provider replaces the cache.
            auto_minor_version_upgrade=False,
            apply_immediately=wanted.apply_immediately,
            node_type=wanted.node_type,
            num_cache_clusters=wanted.nodes,
            automatic_failover_enabled=redundant,
            multi_az_enabled=redundant,
            port=PORT,
            subnet_group_name=subnet_group.name,
            security_group_ids=[self.security_group_id],
            network_type="ipv4",
            parameter_group_name=parameters.name,
            at_rest_encryption_enabled=True,
            kms_key_id=args.keys.arns["data"],
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            user_group_ids=[self._users().user_group_id],
            log_delivery_configurations=[
                {
                    "destination": group.name,
                    "destination_type": "cloudwatch-logs",
                    "log_format": "json",
                    "log_type": kind,
                }
                for kind, group in groups.items()
            ],
            snapshot_retention_limit=wanted.snapshot_retention_days,
            # 02:00 and Sunday 04:00 in Korea, when cinemas are closed.
            snapshot_window="17:00-18:00",
            maintenance_window="sat:19:00-sat:20:00",
            tags=self._conventions.tags("redis", "cache"),
            opts=stateful(self._conventions, self),
        )

    def _users(self) -> aws.elasticache.UserGroup:
        naming = self._conventions.naming
        nobody = naming.name("redisusr", "default")
        default = aws.elasticache.User(
            f"{self._name}-default-user",
            user_id=nobody,
            # Clients that give no name are this user: every group must have one.
            user_name="default",
            engine=_ENGINE_OF_USERS,
            access_string=SWITCHED_OFF,
            authentication_mode={"type": "no-password-required"},
            tags=self._conventions.tags("redisusr", "default"),
            opts=self._child,
        )
        user = aws.elasticache.User(
            f"{self._name}-user",
            user_id=self.username,
            user_name=self.username,
            engine=_ENGINE_OF_USERS,
            access_string=ACCESS_STRING,
            authentication_mode={"type": "iam"},
            tags=self._conventions.tags("redisusr", "cache", system=USER_SYSTEM),
            opts=self._child,
        )
        return aws.elasticache.UserGroup(
            f"{self._name}-users",
            user_group_id=naming.name("redisgrp", "cache"),
            engine=_ENGINE_OF_USERS,
            user_ids=[default.user_id, user.user_id],
            tags=self._conventions.tags("redisgrp", "cache"),
            opts=self._child,
        )

    def _log_group(self, kind: str) -> aws.cloudwatch.LogGroup:
        conventions, role = self._conventions, f"cache{kind.partition('-')[0]}"
        return log_group(
            f"{self._name}-{kind}",
            conventions.naming.log_group(role),
            role,
            conventions=conventions,
            key_arn=self._args.keys.arns["logs"],
            opts=self._child,
        )
