"""Elastic Beanstalk environments, whose settings are a list of options.

Owns the rules on health reports and updates, which look for an option by name.
"""

from __future__ import annotations

from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample

from . import AREA

_HEALTH = "aws:elasticbeanstalk:healthreporting:system"
_UPDATES = "aws:elasticbeanstalk:managedactions"


def _option(environment: Resource, namespace: str, name: str) -> str | None:
    for setting in environment.blocks("settings"):
        if setting.text("namespace") == namespace and setting.text("name") == name:
            return setting.text("value")
    return None


@AREA.rule(
    "beanstalk-health-reported",
    title="Beanstalk environments report enhanced health",
    cause="Basic health knows whether an instance answers, not whether customers get errors.",
    remedy=f"Set the option SystemType of {_HEALTH} to enhanced.",
    types=["elasticbeanstalk/environment"],
    severity="low",
    controls=["ElasticBeanstalk.1"],
    good=[
        sample(
            "elasticbeanstalk/environment",
            settings=[
                {"namespace": _HEALTH, "name": "SystemType", "value": "enhanced"},
            ],
        )
    ],
    bad=[
        sample(
            "elasticbeanstalk/environment",
            settings=[
                {"namespace": _HEALTH, "name": "SystemType", "value": "basic"},
            ],
        ),
        sample("elasticbeanstalk/environment", application="menu"),
    ],
)
def beanstalk_health_reported(environment: Resource) -> Findings:
    """Look for the option."""
    if environment.is_known("settings") and _option(environment, _HEALTH, "SystemType") != "enhanced":
        yield environment.finding(f"{environment.label} reports basic health only")


@AREA.rule(
    "beanstalk-updates-managed",
    title="Beanstalk environments take platform updates",
    cause="A platform that is never updated keeps its known holes.",
    remedy=f"Set the option ManagedActionsEnabled of {_UPDATES} to true.",
    types=["elasticbeanstalk/environment"],
    controls=["ElasticBeanstalk.2"],
    good=[
        sample(
            "elasticbeanstalk/environment",
            settings=[
                {"namespace": _UPDATES, "name": "ManagedActionsEnabled", "value": "true"},
            ],
        )
    ],
    bad=[
        sample(
            "elasticbeanstalk/environment",
            settings=[
                {"namespace": _UPDATES, "name": "ManagedActionsEnabled", "value": "false"},
            ],
        ),
        sample("elasticbeanstalk/environment", application="menu"),
    ],
)
def beanstalk_updates_managed(environment: Resource) -> Findings:
    """Look for the option."""
    value = (_option(environment, _UPDATES, "ManagedActionsEnabled") or "").lower()
    if environment.is_known("settings") and value != "true":
        yield environment.finding(f"{environment.label} takes no platform updates")
