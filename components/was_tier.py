"""The WAS tier: an internal NLB, and the Spring Boot services user, item and pay behind it.

Owns the NLB, one AJP listener per service, the secret that a caller must know, the traffic rules from httpd through
it to the pods and on to database, cache and receipts, and the three workloads. Does not own the cluster they run in
nor where they keep data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import pulumi
import pulumi_random as random

from components.cache import PORT as CACHE_PORT
from components.cache import USER_SYSTEM as CACHE_USER
from components.cache import Cache
from components.cluster import Cluster
from components.data_tier_guard import DataTierGuard, DataTierGuardArgs
from components.database import PORT as DATABASE_PORT
from components.database import Database
from components.file_system import PORT as FILES_PORT
from components.file_system import USER_SYSTEM as FILES_USER
from components.file_system import FileSystem
from components.keys import Keys
from components.load_balancer import LoadBalancer, LoadBalancerArgs, TargetArgs
from components.network import Network
from components.registry import Registry
from components.security_group import Rule
from components.workload import PodIdentity, Workload, WorkloadArgs, ajp_values
from model import iam, settings
from model.subnets import Tier

Service: TypeAlias = Literal["user", "item", "pay"]
AJP_PORTS: Final[dict[Service, int]] = {"user": 8009, "item": 8010, "pay": 8011}
"""Port of the listener and of the pods of each service."""
_MANAGEMENT_PORT: Final = 8081
_READINESS: Final = "/actuator/health/readiness"


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Where the services keep data.

    Attributes:
        database: Aurora, for each of them.
        cache: Valkey, for the item service.
        receipts: EFS, for the pay service.
    """

    database: Database
    cache: Cache
    receipts: FileSystem


@dataclass(frozen=True, kw_only=True)
class WasTierArgs:
    """What the tier needs.

    Attributes:
        settings: All settings of the stack.
        cluster: Cluster for the was tier.
        callers: Cluster of httpd's pods, the only callers.
        network: VPC and subnets.
        stores: Where the services keep data.
        keys: The secrets key opens the master secret to the migration jobs.
        images: Registry that the pods' image comes from.
    """

    settings: settings.Settings
    cluster: Cluster
    callers: Cluster
    network: Network
    stores: Stores
    keys: Keys
    images: Registry


class WasTier(pulumi.ComponentResource):
    """Three services, each reachable by AJP on a port of its own."""

    cluster: Cluster
    """Where it runs."""
    stores: Stores
    """Where it keeps data."""
    network: Network
    """VPC that it stands in."""
    load_balancer: LoadBalancer
    """The NLB."""
    workers: dict[str, object]
    """What mod_jk must know: port and one host per zone, by service."""
    ajp_secret: pulumi.Output[str]
    """Shared with mod_jk: the one secret that the program makes, since AJP has no other proof of who calls."""

    def __init__(self, name: str, args: WasTierArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:was_tier:WasTier", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.cluster, self.stores, self.network = args.cluster, args.stores, args.network
        self.load_balancer = LoadBalancer(
            f"{name}-nlb",
            LoadBalancerArgs(
                conventions=args.settings.conventions,
                kind="nlb",
                role="was",
                description="NLB of the was tier, called by httpd over AJP",
                vpc_id=args.network.vpc_id,
                subnet_ids=args.network.subnet_ids[Tier.APP],
                targets=[
                    TargetArgs(
                        role=f"was{service}",
                        system=service,
                        cluster_name=args.cluster.cluster_name,
                        listener_port=port,
                        port=port,
                        health_port=_MANAGEMENT_PORT,
                        health_path=_READINESS,
                    )
                    for service, port in AJP_PORTS.items()
                ],
            ),
            opts=child,
        )
        hosts = self.load_balancer.zonal_hosts(args.settings.network.availability_zones)
        self.workers = {service: {"port": port, "hosts": hosts} for service, port in AJP_PORTS.items()}
        self.ajp_secret = random.RandomPassword(f"{name}-ajp-secret", length=40, special=False, opts=child).result
        self._rules(name, args, child)
        if args.settings.clusters.contents:
            DataTierGuard(
                f"{name}-data-tier-guard",
                DataTierGuardArgs(
                    cluster=args.cluster, namespaces=list(AJP_PORTS), cidrs=args.network.cidrs(Tier.DATA)
                ),
                opts=child,
            )
            self._workload(name, "user", args, child)
            item = self._workload(name, "item", args, child)
            # pay takes prices from item's schema, which item's own migration makes.
            self._workload(name, "pay", args, child, after=[item])
        self.register_outputs({"dnsName": self.load_balancer.dns_name})

    def _rules(self, name: str, args: WasTierArgs, opts: pulumi.ResourceOptions) -> None:
        conventions = args.settings.conventions
        balancer, pods = self.load_balancer.security_group_id, args.cluster.security_group_id
        for service, port in AJP_PORTS.items():
            Rule(
                conventions=conventions,
                group_id=balancer,
                role=f"wasnlb{service}",
                description=f"AJP to {service} from httpd",
                port=port,
                peer_group_id=args.callers.security_group_id,
            ).admit(f"{name}-{service}-from-httpd", opts)
        for label, port in {**AJP_PORTS, "health": _MANAGEMENT_PORT}.items():
            Rule(
                conventions=conventions,
                group_id=balancer,
                role=f"wasnlb{label}",
                description=f"To the pods, {label}",
                port=port,
                peer_group_id=pods,
            ).release(f"{name}-{label}-to-pods", opts)
            Rule(
                conventions=conventions,
                group_id=pods,
                role=f"waspod{label}",
                description=f"From the NLB, {label}",
                port=port,
                peer_group_id=balancer,
            ).admit(f"{name}-{label}-from-nlb", opts)
        for store, group, port, what in (
            ("database", args.stores.database.security_group_id, DATABASE_PORT, "MySQL"),
            ("cache", args.stores.cache.security_group_id, CACHE_PORT, "Valkey"),
            # By the nodes, which mount for their pods and carry the same group.
            ("receipts", args.stores.receipts.security_group_id, FILES_PORT, "NFS"),
        ):
            Rule(
                conventions=conventions,
                group_id=group,
                role=store,
                description=f"{what} from the was tier",
                port=port,
                peer_group_id=pods,
            ).admit(f"{name}-to-{store}", opts)

    def _workload(
        self,
        name: str,
        service: Service,
        args: WasTierArgs,
        opts: pulumi.ResourceOptions,
        *,
        after: Sequence[Workload] = (),
    ) -> Workload:
        database = args.settings.database
        return Workload(
            f"{name}-{service}",
            WorkloadArgs(
                stack=args.settings,
                cluster=args.cluster,
                namespace=service,
                release=f"was-{service}",
                chart=Path("workloads/was/chart"),
                image=args.images.repositories["was"],
                system=service,
                settings=getattr(args.settings.workloads, service),
                values={
                    "service": service,
                    "environment": args.settings.environment,
                    "ajp": ajp_values(self.ajp_secret, port=AJP_PORTS[service]),
                    "database": {
                        "writerHost": args.stores.database.writer_endpoint,
                        "readerHost": args.stores.database.reader_endpoint,
                        "port": DATABASE_PORT,
                        "name": service,
                        "username": service,
                        # Any idle connection would keep a serverless cluster from pausing.
                        "minimumIdle": 0 if database.serverless is not None else 2,
                        # Lets the hook job make schema and user before the first pod of a version starts.
                        "adminSecretArn": args.stores.database.master_secret_arn,
                    },
                    "network": {
                        "loadBalancerCidrs": args.network.cidrs(Tier.APP),
                        "dataCidrs": args.network.cidrs(Tier.DATA),
                        "dnsCidr": f"{args.settings.clusters.dns_address}/32",
                    },
                    **_own_stores(service, args),
                },
                service_port=AJP_PORTS[service],
                target=self.load_balancer.targets[f"was{service}"],
                ajp_secret=self.ajp_secret,
                identities=_identities(service, args),
                after=after,
            ),
            opts=opts,
        )


def _own_stores(service: Service, args: WasTierArgs) -> dict[str, object]:
    """Return the chart's values for what one service uses and the others do not."""
    if service == CACHE_USER:
        return {
            "cache": {"host": args.stores.cache.endpoint, "port": CACHE_PORT, "username": args.stores.cache.username}
        }
    if service == FILES_USER:
        receipts = args.stores.receipts
        return {"receipts": {"fileSystemId": receipts.file_system_id, "accessPointId": receipts.access_point_id}}
    return {}


def _identities(service: Service, args: WasTierArgs) -> list[PodIdentity]:
    """Give the service its own users, and the migration job the master secret for as long as it runs."""
    region = args.settings.conventions.region
    logins: list[iam.Statement[str] | iam.Statement[pulumi.Output[str]]] = [
        iam.Statement(
            sid="LogInToOwnSchema", actions=("rds-db:connect",), resources=(args.stores.database.login_arn(service),)
        )
    ]
    if service == CACHE_USER:
        logins.append(
            iam.Statement(sid="LogInToCache", actions=("elasticache:Connect",), resources=args.stores.cache.login_arns)
        )
    return [
        PodIdentity(service_account=f"was-{service}", role="waspod", statements=logins),
        PodIdentity(
            service_account=f"was-{service}-migrate",
            role="wasmigrate",
            statements=[
                iam.Statement(
                    sid="ReadMasterSecret",
                    actions=("secretsmanager:GetSecretValue",),
                    resources=(args.stores.database.master_secret_arn,),
                ),
                iam.Statement(
                    sid="DecryptMasterSecret",
                    actions=("kms:Decrypt",),
                    resources=(args.keys.arns["secrets"],),
                    condition={"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}},
                ),
            ],
        ),
    ]
