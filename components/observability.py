"""What operators see: alarms, one dashboard for all tiers, saved questions to the logs.

Owns these three and the names under which the platform's resources report. Does not own the log groups, which are
made with what writes them, nor Container Insights, which comes with the clusters' add-ons. Alarms of backups stand
with the backups. Prometheus and Grafana are add-ons beside this, not its source.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import pulumi
import pulumi_aws as aws

from components.alarms import Alarms, AlarmsArgs
from components.edge import Edge
from components.notifications import Notifications
from components.was_tier import AJP_PORTS, WasTier
from components.web_tier import WebTier
from model import observation, settings
from model.conventions import EDGE_REGION


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """What is observed.

    Attributes:
        settings: All settings of the stack; thresholds are some of them.
        notifications: Whom alarms tell.
        was: The services, their cluster and stores, and the network of all.
        web: httpd and its cluster.
        edge: CloudFront and its firewall.
    """

    settings: settings.Settings
    notifications: Notifications
    was: WasTier
    web: WebTier
    edge: Edge


class Observability(pulumi.ComponentResource):
    """Alarms, dashboard and log queries of one environment."""

    alarms: Alarms
    """All alarms but those of backups."""

    def __init__(self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:observability:Observability", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        watched = _watched(args)
        self.alarms = Alarms(
            f"{name}-alarms",
            AlarmsArgs(
                conventions=args.settings.conventions,
                notifications=args.notifications,
                watches=observation.watches(watched, args.settings),
            ),
            opts=self._child,
        )
        aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=args.settings.conventions.naming.name("dash", "tiers"),
            dashboard_body=pulumi.Output.json_dumps(
                pulumi.Output.all(**{one.name: getattr(watched, one.name) for one in fields(watched)}).apply(self._body)
            ),
            opts=self._child,
        )
        self._save_queries()
        self.register_outputs({})

    def _body(self, names: dict[str, object]) -> dict[str, object]:
        known = observation.Watched[str](**names)  # pyright: ignore[reportArgumentType] - the same fields, resolved
        stack = self._args.settings
        return observation.dashboard(
            observation.watches(known, stack),
            observation.panels(known),
            region=stack.conventions.region,
            alarm_arns=self.alarms.home_arns,
        )

    def _save_queries(self) -> None:
        clusters, database = (self._args.web.cluster, self._args.was.cluster), self._args.was.stores.database
        groups = observation.LogGroups(
            applications=[cluster.addons.application_log for cluster in clusters],
            control_planes=[cluster.control_plane_log for cluster in clusters],
            slow_statements=database.log_group_name("slowquery"),
            audit=database.log_group_name("audit"),
            firewall=self._args.edge.firewall.log_group_name,
        )
        for query in observation.queries(groups):
            aws.cloudwatch.QueryDefinition(
                f"{self._name}-{query.role}-query",
                name=self._args.settings.conventions.naming.name("query", query.role),
                region=EDGE_REGION if query.edge else None,
                query_string=query.text,
                log_group_names=list(query.log_groups),
                opts=self._child,
            )


def _watched(args: ObservabilityArgs) -> observation.Watched[pulumi.Input[str]]:
    web, was = args.web.load_balancer, args.was.load_balancer
    stores, running = args.was.stores, args.settings.clusters.contents
    return observation.Watched(
        distribution=args.edge.distribution_id,
        firewall=args.edge.firewall.metric_name,
        alb=web.metric_name,
        web_targets=web.targets["web"].metric_name if running else None,
        nlb=was.metric_name,
        service_targets={service: was.targets[f"was{service}"].metric_name for service in AJP_PORTS if running},
        clusters={"web": args.web.cluster.cluster_name, "was": args.was.cluster.cluster_name},
        database=stores.database.identifier,
        cache_nodes=stores.cache.nodes,
        files=stores.receipts.file_system_id,
        nat_gateways=args.was.network.nat_gateway_ids,
    )
