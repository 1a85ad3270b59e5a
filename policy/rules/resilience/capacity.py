"""Capacity that follows the load.

Owns the rule on tables with bought capacity.
"""

from __future__ import annotations

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.frame.values import Unknown

from . import AREA


@AREA.rule(
    "dynamodb-scales",
    title="Tables follow the load",
    cause="A table with fixed capacity refuses requests at the peak, and is paid for at night.",
    remedy="Set billing_mode=PAY_PER_REQUEST, or add an appautoscaling.Target for the table.",
    types=["dynamodb/table"],
    severity="low",
    scope="stack",
    controls=["DynamoDB.1"],
    good=[
        sample("dynamodb/table", billingMode="PAY_PER_REQUEST"),
        (
            sample("dynamodb/table", "orders", name="orders", billingMode="PROVISIONED"),
            sample("appautoscaling/target", "reads", resourceId="table/orders"),
        ),
        (
            sample("dynamodb/table", "orders", billingMode="PROVISIONED"),
            sample("appautoscaling/target", "reads", resourceId=Ref("orders", "name")),
        ),
    ],
    bad=[sample("dynamodb/table", name="orders", billingMode="PROVISIONED")],
)
def dynamodb_scales(table: Resource, run: Run) -> Findings:
    """Look for a scaling target of the table, by reference or by name."""
    if table.text("billingMode") != "PROVISIONED":
        return
    name, targets = table.get("name"), run.stack.of("appautoscaling/target")
    by_name = any(isinstance(name, Unknown) or item.text("resourceId") == f"table/{name}" for item in targets)
    if not by_name and run.stack.lacks_side(table, "appautoscaling/target", "resourceId"):
        yield table.finding(f"{table.label} has fixed capacity")
