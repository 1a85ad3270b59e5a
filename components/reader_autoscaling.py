"""Aurora readers that come and go with the load.

Owns the scalable target, the tracking policy and the minimum that peak hours raise, made one after the other: two
changes of one target at a time are refused. Does not own the readers that are always there, for which the target
waits: one that counts too few makes readers of its own. Those are not in Pulumi's state; they block the deletion of the
cluster until they are gone, which the teardown runbook tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from model import settings
from model.conventions import Conventions


@dataclass(frozen=True, kw_only=True)
class ReaderAutoscalingArgs:
    """What is scaled.

    Attributes:
        conventions: Names and tags.
        cluster_identifier: Aurora cluster.
        settings: Bounds and target.
        peaks: Hours in which the bounds rise to their peak.
        instances: Writer and readers that are always there.
    """

    conventions: Conventions
    cluster_identifier: pulumi.Input[str]
    settings: settings.Provisioned
    peaks: settings.Peaks
    instances: Sequence[pulumi.Resource]


class ReaderAutoscaling(pulumi.ComponentResource):
    """Holds the readers' average CPU at the target."""

    def __init__(self, name: str, args: ReaderAutoscalingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:reader_autoscaling:ReaderAutoscaling", name, None, opts)
        peak = args.settings.readers_peak
        policy = args.conventions.naming.name("asp", "reader")
        target = aws.appautoscaling.Target(
            f"{name}-target",
            service_namespace="rds",
            scalable_dimension="rds:cluster:ReadReplicaCount",
            resource_id=pulumi.Output.concat("cluster:", args.cluster_identifier),
            min_capacity=args.settings.readers,
            max_capacity=args.settings.readers_max,
            tags=args.conventions.tagging.tags(policy, "reader"),
            # In a peak it is the scheduled actions', and an update would take the readers away in the middle of one.
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["minCapacity"] if peak is not None else [],
                depends_on=args.instances,
            ),
        )
        last: pulumi.Resource = aws.appautoscaling.Policy(
            f"{name}-policy",
            name=policy,
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration={
                "predefined_metric_specification": {"predefined_metric_type": "RDSReaderAverageCPUUtilization"},
                "target_value": args.settings.target_cpu_percent,
                # A reader takes 6 to 12 minutes to start: scale in slowly, out at once.
                "scale_in_cooldown": 900,
                "scale_out_cooldown": 60,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        if peak is not None:
            for number, window in enumerate(args.peaks.windows, start=1):
                for role, hour, minimum in (
                    (f"raise{number}", window.from_hour, peak),
                    (f"lower{number}", window.until_hour, args.settings.readers),
                ):
                    last = aws.appautoscaling.ScheduledAction(
                        f"{name}-{role}",
                        name=args.conventions.naming.name("assa", f"reader{role}"),
                        service_namespace=target.service_namespace,
                        scalable_dimension=target.scalable_dimension,
                        resource_id=target.resource_id,
                        schedule=window.scaling_expression(hour),
                        timezone=args.peaks.time_zone,
                        scalable_target_action={"min_capacity": minimum, "max_capacity": args.settings.readers_max},
                        opts=pulumi.ResourceOptions(parent=self, depends_on=[last]),
                    )
        self.register_outputs({})
