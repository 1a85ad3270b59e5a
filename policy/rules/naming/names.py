"""Names: physical names follow the convention, none is generated, logical names show their component.

Owns the rules; the convention itself is `conventions/names.py`.
"""

from __future__ import annotations

from policy.conventions import names
from policy.frame.resources import Resource
from policy.frame.rule import ALL_TYPES, Findings, sample
from policy.frame.values import Unknown

from . import AREA

_ENGINE_OWN = ("pulumi:pulumi:", "pulumi:providers:")


@AREA.rule(
    "name-follows-convention",
    title="Physical names follow {env}-{system}-{resource}-{role}[-pub]-{nn}",
    cause="Alarms, bills, access rules and people at night find things by name; a name outside the convention is "
    "found by none of them, and one past a service's limit fails only at the deployment.",
    remedy="Take the name from the naming module; AWS-forced forms (bucket suffixes, alias/, log-group paths) are "
    "variants there.",
    types=ALL_TYPES,
    severity="low",
    good=[
        sample("eks/cluster", name="prod-common-eks-web-01"),
        sample("s3/bucket", bucket="dev-common-s3-logs-01-111122223333-ap-northeast-2"),
        sample("backup/framework", name="prod_common_bkf_main_01"),
        sample("cloudwatch/logGroup", name="/aws/eks/prod-common-eks-web-01/cluster"),
        sample("ec2/vpc", tags={"Name": "prod-common-vpc-main-01"}),
    ],
    bad=[
        sample("eks/cluster", name="web-cluster"),
        sample("eks/cluster", name="prod-common-eks-web-00"),
        sample("lb/targetGroup", name="prod-common-tg-aroletoolongforit-01"),
        sample("kms/alias", name="prod-common-kms-data-01"),
        sample("ec2/vpc", tags={"Name": "main"}),
    ],
)
def name_follows_convention(resource: Resource) -> Findings:
    """Judge the physical name, or the Name tag of what has no name of its own."""
    if not resource.token.startswith("aws:"):
        return
    path = names.name_property(resource.type) or "tags.Name"
    name = resource.text(path)
    if name and not names.is_generated(name):
        for problem in names.violations(resource.type, name, resource.stack or None):
            yield resource.finding(f"{resource.label}: {path} {problem}")


@AREA.rule(
    "name-is-chosen",
    title="Names are chosen, not generated",
    cause="A generated name says nothing, changes with every replacement, and cannot be written into another "
    "team's firewall or policy.",
    remedy="Give the resource its name from the naming module (and delete_before_replace where it may be replaced).",
    types=ALL_TYPES,
    severity="low",
    good=[sample("iam/role", name="prod-pay-role-was-01")],
    bad=[sample("iam/role", name="was-role-1a2b3c4"), sample("sqs/queue", namePrefix="orders-")],
)
def name_is_chosen(resource: Resource) -> Findings:
    """Look for the provider's suffix and for name prefixes, which AWS completes at random."""
    path = names.name_property(resource.type)
    if path is None:
        return
    name = resource.text(path)
    if name and names.is_generated(name):
        yield resource.finding(f"{resource.label}: {path} {name!r} ends in a generated suffix")
    prefix = resource.get(f"{path}Prefix")
    if prefix and not isinstance(prefix, Unknown) and not name:
        yield resource.finding(f"{resource.label}: {path}Prefix lets AWS complete the name at random")


@AREA.rule(
    "logical-name-shows-component",
    title="Logical names of children begin with their component's name",
    cause="Logical names must be unique in a stack and identify a resource for ever; without the component's name "
    "a second use of the component collides, and a rename later means a replacement.",
    remedy='Name children f"{name}-...", as every component of this project does.',
    types=ALL_TYPES,
    scope="stack",
    severity="low",
    good=[
        (
            sample("fastorder:network:Network", "network"),
            sample("ec2/vpc", "network-vpc", child_of="network"),
        )
    ],
    bad=[
        (
            sample("fastorder:network:Network", "network"),
            sample("ec2/vpc", "vpc", child_of="network"),
        )
    ],
)
def logical_name_shows_component(resource: Resource) -> Findings:
    """Compare a child's logical name with its parent's."""
    parts = (resource.parent or "").split("::")
    if len(parts) < 2 or resource.token.startswith(_ENGINE_OWN):  # noqa: PLR2004 - a URN ends in type::name
        return
    parent_type, parent_name = parts[-2].rpartition("$")[2], parts[-1]
    if not parent_type.startswith(_ENGINE_OWN) and not resource.name.startswith(f"{parent_name}-"):
        yield resource.finding(f"{resource.label} is a child of {parent_name!r} and must be named {parent_name}-...")
