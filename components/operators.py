"""What those who run the platform see of it and may do to it.

Owns nothing itself: it composes alarms and dashboard with the experiments that stop at them. A stack without
experiments has none of their parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.edge import Edge
from components.keys import Keys
from components.notifications import Notifications
from components.observability import Observability, ObservabilityArgs
from components.resilience import Resilience, ResilienceArgs
from components.was_tier import WasTier
from components.web_tier import WebTier
from model import settings


@dataclass(frozen=True, kw_only=True)
class OperatorsArgs:
    """What is operated.

    Attributes:
        settings: All settings of the stack.
        keys: The logs key.
        notifications: Whom alarms tell.
        was: The services, their cluster and stores, and the network of all.
        web: httpd and its cluster.
        edge: CloudFront and its firewall.
    """

    settings: settings.Settings
    keys: Keys
    notifications: Notifications
    was: WasTier
    web: WebTier
    edge: Edge


class Operators(pulumi.ComponentResource):
    """Observability, and experiments where the stack allows them."""

    def __init__(self, name: str, args: OperatorsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:operators:Operators", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        observability = Observability(
            f"{name}-observability",
            ObservabilityArgs(
                settings=args.settings,
                notifications=args.notifications,
                was=args.was,
                web=args.web,
                edge=args.edge,
            ),
            child,
        )
        if args.settings.experiments.enabled:
            Resilience(
                f"{name}-resilience",
                ResilienceArgs(
                    settings=args.settings,
                    keys=args.keys,
                    was=args.was,
                    alarms=observability.alarms,
                ),
                child,
            )
        self.register_outputs({})
