"""Aurora MySQL: one writer, readers where the environment has them, and nobody's password in the program.

Owns the cluster, its instances, parameter and subnet groups, log groups, monitoring role, reader autoscaling and
security group. Does not own schemas and users, which the services' hook jobs make, nor backups beyond Aurora's own
snapshots (AWS Backup takes those).

The master password is made, kept and rotated by RDS in Secrets Manager. Services log in with IAM tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.database_parameters import FAMILY, cluster_parameters
from components.keys import Keys
from components.log_group import log_group
from components.network import Network
from components.reader_autoscaling import ReaderAutoscaling, ReaderAutoscalingArgs
from components.readiness import once_made
from components.role import Role, RoleArgs
from components.security_group import SecurityGroup, SecurityGroupArgs
from components.stateful import stateful
from model import iam, settings
from model.conventions import Conventions
from model.naming import digits
from model.subnets import Tier
from model.tags import BackupTier, DataClass

PORT: Final = 3306
_LOG_EXPORTS: Final = ("audit", "error", "slowquery", "iam-db-auth-error")
_MONITORING_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """What the database needs.

    Attributes:
        settings: All settings of the stack.
        network: VPC; the instances live in the data subnets.
        keys: Encrypt storage and Performance Insights (data), the master secret (secrets), log groups (logs).
    """

    settings: settings.Settings
    network: Network
    keys: Keys


class Database(pulumi.ComponentResource):
    """One Aurora MySQL cluster."""

    writer_endpoint: pulumi.Output[str]
    """Name of the writer, available once it answers; tokens and certificates are checked against it."""
    reader_endpoint: pulumi.Output[str]
    """Name that spreads over the readers, or the writer where there is none."""
    identifier: str
    """Physical name, known before anything exists."""
    arn: str
    """ARN of the cluster, known as early."""
    resource_id: pulumi.Output[str]
    """Id in ARNs of database users."""
    master_secret_arn: pulumi.Output[str]
    """Secret that RDS keeps."""
    security_group_id: pulumi.Output[str]
    """Group of the instances; who may connect is up to the tiers."""
    subnet_group_name: pulumi.Output[str]
    """Where the instances live, and a restored copy of them may."""

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:database:Database", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.identifier = args.settings.conventions.naming.name("rds", "data")
        self.arn = args.settings.conventions.arns.of("rds", f"cluster:{self.identifier}")
        self._monitoring = Role(f"{name}-monitoring", _monitoring_role(args.settings.conventions), opts=self._child)
        self.security_group_id = SecurityGroup(
            f"{name}-sg",
            SecurityGroupArgs(
                conventions=args.settings.conventions,
                role="data",
                description="Aurora, reached by the was tier and nobody else",
                vpc_id=args.network.vpc_id,
                data_class=DataClass.CONFIDENTIAL,
            ),
            opts=self._child,
        ).group_id
        cluster = self._cluster()
        writer = self._instances(cluster)
        # The names exist before any instance answers to them, and a hook job that came first would time out.
        self.writer_endpoint = once_made(cluster.endpoint, writer)
        self.reader_endpoint = once_made(cluster.reader_endpoint, writer)
        self.resource_id = cluster.cluster_resource_id
        self.subnet_group_name = cluster.db_subnet_group_name
        self.master_secret_arn = cluster.master_user_secrets.apply(_secret_arn)
        self.register_outputs({"writerEndpoint": self.writer_endpoint, "readerEndpoint": self.reader_endpoint})

    def login_arn(self, user: str) -> pulumi.Output[str]:
        """Return the ARN of a database user, for `rds-db:connect`."""
        prefix = self._args.settings.conventions.arns.of("rds-db", "dbuser:")
        return pulumi.Output.concat(prefix, self.resource_id, "/", user)

    def _tags(self, resource: str, sequence: int = 1, *, backup_tier: BackupTier = BackupTier.NONE) -> dict[str, str]:
        conventions = self._args.settings.conventions
        return conventions.tags(
            resource,
            "data",
            sequence,
            data_class=DataClass.CONFIDENTIAL,
            backup_tier=backup_tier,
        )

    def _cluster(self) -> aws.rds.Cluster:
        args, conventions = self._args, self._args.settings.conventions
        naming, disposable = conventions.naming, conventions.disposable
        subnet_group = aws.rds.SubnetGroup(
            f"{self._name}-subnets",
            name=naming.name("dbsg", "data"),
            description="Data subnets",
            subnet_ids=args.network.subnet_ids[Tier.DATA],
            tags=self._tags("dbsg"),
            opts=self._child,
        )
        # The family is part of the name: the cluster holds the old group until it has the new.
        parameter_group = naming.name("dbpg", f"data{digits(FAMILY)}")
        parameters = aws.rds.ClusterParameterGroup(
            f"{self._name}-parameters",
            name=parameter_group,
            family=FAMILY,
            description="TLS only, audited, UTF-8, Korean time",
            parameters=cluster_parameters(),
            tags=conventions.tagging.tags(parameter_group, "data", data_class=DataClass.CONFIDENTIAL),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["description"]),
        )
        serverless = args.settings.database.serverless
        return aws.rds.Cluster(
            f"{self._name}-cluster",
            cluster_identifier=self.identifier,
            engine="aurora-mysql",
            engine_mode="provisioned",
            engine_version=args.settings.database.engine_version,
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            # A minor upgrade that RDS makes would be undone by the next update, which RDS refuses.
            auto_minor_version_upgrade=False,
            apply_immediately=args.settings.database.apply_immediately,
            port=PORT,
            db_subnet_group_name=subnet_group.name,
            db_cluster_parameter_group_name=parameters.name,
            vpc_security_group_ids=[self.security_group_id],
            network_type="IPV4",
            master_username="fastorder",
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.keys.arns["secrets"],
            iam_database_authentication_enabled=True,
            storage_encrypted=True,
            kms_key_id=args.keys.arns["data"],
            enabled_cloudwatch_logs_exports=list(_LOG_EXPORTS),
            backup_retention_period=args.settings.database.backup_retention_days,
            # 03:00 and Sunday 04:00 in Korea, when cinemas are closed.
            preferred_backup_window="18:00-18:30",
            preferred_maintenance_window="sat:19:00-sat:19:30",
            copy_tags_to_snapshot=True,
            deletion_protection=conventions.protect,
            delete_automated_backups=disposable,
            skip_final_snapshot=disposable,
            final_snapshot_identifier=None if disposable else naming.name("snap", self._final_snapshot()),
            serverlessv2_scaling_configuration={
                "min_capacity": serverless.min_acu,
                "max_capacity": serverless.max_acu,
                "seconds_until_auto_pause": serverless.pause_after_seconds,
            }
            if serverless is not None
            else None,
            # The cluster alone: all instances share its volume.
            tags=self._tags("rds", backup_tier=BackupTier.CRITICAL),
            opts=stateful(
                conventions,
                self,
                depends_on=[self._log_group(kind) for kind in _LOG_EXPORTS],
                # RDS adds zones by itself, and a Global Database changes these two behind the program's back.
                ignore_changes=["availabilityZones", "globalClusterIdentifier", "replicationSourceIdentifier"],
            ),
        )

    def _final_snapshot(self) -> str:
        # The name of one that was taken before is refused: a take-down's own day tells its snapshot from older ones.
        agreed = self._args.settings.protection.take_down
        return "datafinal" if agreed is None else f"datafinal{agreed.day:%Y%m%d}"

    def log_group_name(self, kind: str) -> str:
        """Return the log group of one kind that Aurora exports, such as `slowquery`."""
        return f"/aws/rds/cluster/{self.identifier}/{kind}"

    def _log_group(self, kind: str) -> aws.cloudwatch.LogGroup:
        conventions, role = self._args.settings.conventions, f"data{kind.replace('-', '')}"
        return log_group(
            f"{self._name}-{kind}-logs",
            self.log_group_name(kind),
            role,
            conventions=conventions,
            key_arn=self._args.keys.arns["logs"],
            opts=self._child,
            data_class=DataClass.CONFIDENTIAL,
        )

    def _instances(self, cluster: aws.rds.Cluster) -> aws.rds.ClusterInstance:
        provisioned = self._args.settings.database.provisioned
        writer = self._instance(cluster, 1, after=[])
        if provisioned is None:
            return writer
        # The first instance of an empty cluster becomes its writer: readers wait for it.
        readers = [self._instance(cluster, sequence, after=[writer]) for sequence in range(2, provisioned.readers + 2)]
        ReaderAutoscaling(
            f"{self._name}-autoscaling",
            ReaderAutoscalingArgs(
                conventions=self._args.settings.conventions,
                cluster_identifier=cluster.cluster_identifier,
                settings=provisioned,
                peaks=self._args.settings.peaks,
                instances=[writer, *readers],
            ),
            opts=self._child,
        )
        return writer

    def _instance(
        self, cluster: aws.rds.Cluster, sequence: int, *, after: Sequence[pulumi.Resource]
    ) -> aws.rds.ClusterInstance:
        args, provisioned = self._args, self._args.settings.database.provisioned
        return aws.rds.ClusterInstance(
            f"{self._name}-instance-{sequence:02d}",
            identifier=args.settings.conventions.naming.name("rdsi", "data", sequence),
            cluster_identifier=cluster.cluster_identifier,
            engine=aws.rds.EngineType.AURORA_MYSQL,
            engine_version=cluster.engine_version_actual,
            instance_class=provisioned.instance_class if provisioned is not None else "db.serverless",
            db_subnet_group_name=cluster.db_subnet_group_name,
            publicly_accessible=False,
            apply_immediately=args.settings.database.apply_immediately,
            auto_minor_version_upgrade=False,
            # The writer and the first reader are taken first when one must become writer.
            promotion_tier=0 if sequence <= 2 else 1,  # noqa: PLR2004 - the pair named above
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.keys.arns["data"],
            # Seven days are free.
            performance_insights_retention_period=7,
            monitoring_interval=_MONITORING_SECONDS,
            monitoring_role_arn=self._monitoring.arn,
            copy_tags_to_snapshot=True,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            tags=self._tags("rdsi", sequence),
            opts=stateful(args.settings.conventions, self, depends_on=[*after, *self._monitoring.attachments]),
        )


def _monitoring_role(conventions: Conventions) -> RoleArgs:
    return RoleArgs(
        conventions=conventions,
        role="rdsmonitor",
        description="RDS writes operating-system metrics of the instances with it",
        trust=iam.trust(
            "monitoring.rds.amazonaws.com",
            condition={"StringEquals": {"aws:SourceAccount": conventions.account_id}},
        ),
        managed_policies=["service-role/AmazonRDSEnhancedMonitoringRole"],
    )


def _secret_arn(secrets: Sequence[aws.rds.outputs.ClusterMasterUserSecret]) -> str:
    return secrets[0].secret_arn or ""
