"""The settings tree and the rules that need more than one area or the environment.

Owns what makes a stack consistent and a production stack safe. Each rule names the value, the limit and the fix;
the loader puts the key in front.
"""

from __future__ import annotations

from typing import Final

from pydantic import model_validator

from model import subnets
from model.arns import Arns
from model.conventions import Conventions
from model.naming import Environment, Naming, NamingError
from model.settings.alarms import Alarms
from model.settings.areas import (
    REGIONS_WITHOUT_ENCRYPTION_CONTROL,
    Access,
    Account,
    AccountGuard,
    Budget,
    Domain,
    Experiments,
    Logs,
    Network,
    Notifications,
    Ownership,
    Registry,
    Workloads,
)
from model.settings.base import Section
from model.settings.clusters import VPC_BLOCKS_RESERVED_BY_EKS, Clusters, Runner
from model.settings.edge import Edge
from model.settings.peaks import Peaks
from model.settings.protection import Protection
from model.settings.stores import Backup, Cache, Database
from model.tags import Tagging

_PRODUCTION_ZONES: Final = 3
_PRODUCTION_REPLICAS: Final = 2
_PRODUCTION_READERS: Final = 2
_PRODUCTION_CACHE_NODES: Final = 2
_PRODUCTION_BACKUP_DAYS: Final = 35


class Settings(Section):
    """All settings of one stack.

    Attributes:
        environment: Name of the stack.
        account: Account, region, deployer.
        ownership: Owner and cost center.
        domain: Public zone.
        network: VPC.
        access: Operators' way in.
        clusters: Both EKS clusters.
        database: Aurora.
        cache: Valkey.
        backup: AWS Backup.
        registry: Repositories of images.
        runner: The pipeline's machine in the VPC.
        workloads: Helm releases.
        peaks: When more than the usual minimum must run.
        edge: CloudFront and its firewall.
        logs: Retention.
        notifications: Who is told.
        alarms: When.
        budget: What it may cost.
        account_guard: Defaults and detectors of the account.
        experiments: Whether losses can be rehearsed on it.
        protection: What outlives mistakes, and what outlives the environment.
    """

    environment: Environment
    account: Account
    ownership: Ownership
    domain: Domain
    network: Network
    access: Access
    clusters: Clusters
    database: Database
    cache: Cache
    backup: Backup
    registry: Registry
    runner: Runner
    workloads: Workloads
    peaks: Peaks
    edge: Edge
    logs: Logs
    notifications: Notifications
    alarms: Alarms
    budget: Budget
    account_guard: AccountGuard
    experiments: Experiments
    protection: Protection

    @property
    def conventions(self) -> Conventions:
        """What every component follows."""
        return Conventions(
            naming=Naming(self.environment, self.account.id, self.account.region),
            tagging=Tagging(
                environment=self.environment, owner=self.ownership.owner, cost_center=self.ownership.cost_center
            ),
            arns=Arns(self.account.id, self.account.region),
            protect=self.protection.in_force,
            disposable=self.protection.disposable,
            log_retention_days=self.logs.retention_days,
        )

    @model_validator(mode="after")
    def _zones_fit(self) -> Settings:
        zones = self.network.availability_zones
        for zone in zones:
            if zone[:-1] != self.account.region:
                raise ValueError(
                    f"network.availabilityZones: {zone!r} is not in {self.account.region}: "
                    f"write for example {self.account.region}a"
                )
            if zone[-1] not in subnets.ZONE_LETTERS:
                raise ValueError(
                    f"network.availabilityZones: {zone!r} has no slot in the subnet plan: "
                    f"use zones that end in one of {', '.join(subnets.ZONE_LETTERS)}"
                )
        if len(set(zones)) != len(zones):
            raise ValueError("network.availabilityZones: names a zone twice: remove one")
        try:
            subnets.plan(self.network.cidr, zones)
        except ValueError as error:
            raise ValueError(f"network.cidr: {error}") from error
        return self

    @model_validator(mode="after")
    def _region_has_encryption_control(self) -> Settings:
        if self.network.encryption_control and self.account.region in REGIONS_WITHOUT_ENCRYPTION_CONTROL:
            raise ValueError(
                f"network.encryptionControl: AWS does not offer it in account.region {self.account.region}: write false"
            )
        return self

    @model_validator(mode="after")
    def _addresses_disjoint(self) -> Settings:
        if self.network.cidr.overlaps(self.clusters.service_cidr):
            raise ValueError(
                f"clusters.serviceCidr: {self.clusters.service_cidr} overlaps network.cidr {self.network.cidr}: "
                "choose a block outside the VPC"
            )
        for reserved in VPC_BLOCKS_RESERVED_BY_EKS:
            for key, block in (
                ("network.cidr", self.network.cidr),
                ("clusters.serviceCidr", self.clusters.service_cidr),
            ):
                if block.overlaps(reserved):
                    raise ValueError(f"{key}: {block} overlaps {reserved}, which EKS nodes use: choose another block")
        return self

    @model_validator(mode="after")
    def _roles_in_account(self) -> Settings:
        arns = (self.account.deployer_role_arn, *self.clusters.admin_role_arns, *self.clusters.viewer_role_arns)
        for arn in arns:
            if arn.split(":")[4] != self.account.id:
                raise ValueError(
                    f"account.id: role {arn} is not in account {self.account.id}, "
                    "and the clusters admit no role of another (EKS itself would): correct one of them"
                )
        if len(set(arns)) != len(arns):
            raise ValueError(
                "clusters: one of adminRoleArns and viewerRoleArns stands twice or is the deployer: name each role once"
            )
        return self

    @model_validator(mode="after")
    def _connection_in_account(self) -> Settings:
        connection = self.runner.connection_arn
        if connection is not None and connection.split(":")[4] != self.account.id:
            raise ValueError(f"runner.connectionArn: is not in account {self.account.id}: make one there")
        return self

    @model_validator(mode="after")
    def _copies_leave_the_region(self) -> Settings:
        if self.backup.copy_region == self.account.region:
            raise ValueError("backup.copyRegion: is the home region, whose loss a copy must survive: name another")
        return self

    @model_validator(mode="after")
    def _names_fit(self) -> Settings:
        try:
            self.conventions.naming.bucket("accesslogs")
        except NamingError as error:
            raise ValueError(f"account.region: {error}") from error
        return self

    @model_validator(mode="after")
    def _peaks_have_hours_and_hours_a_use(self) -> Settings:
        raised = {f"workloads.{name}.replicas.peak": one.replicas.peak for name, one in self.workloads.by_name.items()}
        if self.database.provisioned is not None:
            raised["database.provisioned.readersPeak"] = self.database.provisioned.readers_peak
        first = next((key for key, value in raised.items() if value is not None), None)
        if first and not self.peaks.windows:
            raise ValueError(f"{first}: is never reached without hours: set peaks.windows")
        if self.peaks.windows and not first:
            raise ValueError("peaks.windows: change nothing: set replicas.peak of a workload")
        return self

    @model_validator(mode="after")
    def _production_is_redundant(self) -> Settings:
        if self.environment == "dev":
            return self
        network, database, workloads = self.network, self.database, self.workloads
        env = self.environment
        if len(network.availability_zones) < _PRODUCTION_ZONES:
            raise ValueError(
                f"network.availabilityZones: is too few for {env}, which needs "
                f"{_PRODUCTION_ZONES} to survive the loss of one: add a zone"
            )
        if network.nat != "per-zone":
            raise ValueError(f"network.nat: dies with its zone, which {env} must survive: write per-zone")
        if database.provisioned is None or database.provisioned.readers < _PRODUCTION_READERS:
            raise ValueError(
                f"database.provisioned: {env} needs a writer and at least {_PRODUCTION_READERS} readers: set readers"
            )
        if self.cache.nodes < _PRODUCTION_CACHE_NODES:
            raise ValueError(
                f"cache.nodes: is too few for {env}, which needs {_PRODUCTION_CACHE_NODES} to fail over: raise it"
            )
        for name, workload in workloads.by_name.items():
            if workload.replicas.min < _PRODUCTION_REPLICAS:
                raise ValueError(
                    f"workloads.{name}.replicas.min: is too few for {env}, which needs {_PRODUCTION_REPLICAS}: raise it"
                )
        return self

    @model_validator(mode="after")
    def _production_runs_known_images(self) -> Settings:
        # The first pass makes the registry, before which no image has a digest there.
        if self.environment == "dev" or not self.clusters.contents:
            return self
        for name, workload in self.workloads.by_name.items():
            if "digest" not in workload.image:
                raise ValueError(
                    f"workloads.{name}.imageTag: is a tag alone, and {self.environment} runs images by digest: "
                    f"write {workload.image_tag}@sha256:..., as the workflow images.yml prints it"
                )
        return self

    @model_validator(mode="after")
    def _production_is_protected(self) -> Settings:
        if self.environment == "dev":
            return self
        if not self.protection.enabled:
            raise ValueError(f"protection.enabled: lets one mistake delete data of {self.environment}: write true")
        if self.protection.disposable:
            raise ValueError(f"protection.disposable: lets data of {self.environment} go with it: write false")
        if self.database.backup_retention_days < _PRODUCTION_BACKUP_DAYS:
            raise ValueError(
                f"database.backupRetentionDays: is too few for {self.environment}, "
                f"which keeps {_PRODUCTION_BACKUP_DAYS}: raise it"
            )
        if self.backup.retention_days < _PRODUCTION_BACKUP_DAYS:
            raise ValueError(
                f"backup.retentionDays: is too few for {self.environment}, "
                f"which keeps {_PRODUCTION_BACKUP_DAYS}: raise it"
            )
        if self.backup.copy_region is None:
            raise ValueError(f"backup.copyRegion: leaves {self.environment} without a copy elsewhere: name a region")
        if not self.backup.restore_tests:
            raise ValueError(f"backup.restoreTests: leaves backups of {self.environment} untried: write true")
        if not self.notifications.emails:
            raise ValueError(f"notifications.emails: leaves nobody to hear of failures in {self.environment}: add one")
        if not self.network.interface_endpoints:
            raise ValueError(
                f"network.interfaceEndpoints: sends AWS calls of {self.environment} through NAT: write true"
            )
        return self

    @model_validator(mode="after")
    def _taken_down_is_this_stack(self) -> Settings:
        agreed = self.protection.take_down
        if agreed is not None and agreed.stack != self.environment:
            raise ValueError(
                f"protection.takeDown.stack: is not {self.environment}: remove what was agreed for another"
            )
        return self

    @model_validator(mode="after")
    def _bastion_reaches_sessions(self) -> Settings:
        if self.access.bastion and not self.network.interface_endpoints:
            raise ValueError(
                "access.bastion: reaches Session Manager by interface endpoints only: "
                "switch network.interfaceEndpoints on too"
            )
        return self
