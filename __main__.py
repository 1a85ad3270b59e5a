"""Fast Order on AWS: the doorway. Loads the settings and composes the components, outermost last.

CloudFront ── ALB ── httpd (web cluster) ── NLB ── user, item, pay (was cluster) ── Aurora, Valkey, EFS
"""

from __future__ import annotations

import pulumi

from components.access import Access, AccessArgs
from components.account_guard import AccountGuard, AccountGuardArgs
from components.backup import Backup, BackupArgs
from components.budget import Budget, BudgetArgs
from components.cache import Cache, CacheArgs
from components.cluster import Cluster, ClusterArgs
from components.database import Database, DatabaseArgs
from components.doorway import enter
from components.edge import Edge, EdgeArgs
from components.file_system import FileSystem, FileSystemArgs
from components.keys import Keys, KeysArgs
from components.network import Network, NetworkArgs
from components.notifications import Notifications, NotificationsArgs
from components.operators import Operators, OperatorsArgs
from components.registry import Registry, RegistryArgs
from components.runner import Runner, RunnerArgs
from components.storage import Storage, StorageArgs
from components.was_tier import Stores, WasTier, WasTierArgs
from components.web_tier import WebTier, WebTierArgs
from model import settings

stack, opts = enter(settings.load)
rules = stack.conventions

keys = Keys("keys", KeysArgs(conventions=rules, copy_region=stack.backup.copy_region), opts)
storage = Storage("storage", StorageArgs(conventions=rules, keys=keys, archive_days=stack.logs.archive_days), opts)
ecr = Registry("registry", RegistryArgs(settings=stack, keys=keys), opts)
notifications = Notifications("notifications", NotificationsArgs(settings=stack, keys=keys), opts)
AccountGuard("account-guard", AccountGuardArgs(settings=stack, notifications=notifications), opts)
Budget("budget", BudgetArgs(settings=stack, notifications=notifications), opts)
network = Network("network", NetworkArgs(conventions=rules, settings=stack.network, storage=storage), opts)
web_cluster = Cluster("web-cluster", ClusterArgs(settings=stack, role="web", network=network, keys=keys), opts)
was_cluster = Cluster(
    "was-cluster", ClusterArgs(settings=stack, role="was", network=network, keys=keys, shares_files=True), opts
)
Runner("runner", RunnerArgs(settings=stack, network=network, keys=keys, clusters=[web_cluster, was_cluster]), opts)
database = Database("database", DatabaseArgs(settings=stack, network=network, keys=keys), opts)
backed_up = BackupArgs(settings=stack, keys=keys, notifications=notifications, network=network, database=database)
Backup("backup", backed_up, opts)
cache = Cache("cache", CacheArgs(settings=stack, network=network, keys=keys), opts)
receipts = FileSystem(
    "receipts", FileSystemArgs(conventions=rules, network=network, keys=keys, cluster=was_cluster), opts
)
stores = Stores(database=database, cache=cache, receipts=receipts)
was = WasTier(
    "was",
    WasTierArgs(
        settings=stack, network=network, cluster=was_cluster, callers=web_cluster, stores=stores, keys=keys, images=ecr
    ),
    opts,
)
web = WebTier(
    "web", WebTierArgs(settings=stack, network=network, cluster=web_cluster, storage=storage, was=was, images=ecr), opts
)
Access("access", AccessArgs(settings=stack, network=network, keys=keys, web=web, was=was), opts)
edge = Edge("edge", EdgeArgs(settings=stack, keys=keys, storage=storage, web=web), opts)
Operators(
    "operators",
    OperatorsArgs(settings=stack, keys=keys, notifications=notifications, was=was, web=web, edge=edge),
    opts,
)

pulumi.export("environment", stack.environment)
pulumi.export("address", edge.address)
pulumi.export("origin", web.origin_name)
pulumi.export("static_files", storage.static_files_bucket)
pulumi.export("repositories", ecr.repositories)
pulumi.export("clusters", {"web": web_cluster.cluster_name, "was": was_cluster.cluster_name})
pulumi.export("database", {"writer": database.writer_endpoint, "reader": database.reader_endpoint})
