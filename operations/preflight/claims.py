"""The table of claims: what must be true of the account, the right that asking takes, and how the answer is judged.

One function for each claim; it returns a verdict, or None where the stack does not need the claim. Raises what
`operations.aws_cli` raises: a question that cannot be asked is not a failed claim. What the account's quotas must leave
room for is judged in `quotas`.
"""

from __future__ import annotations

from typing import Final

from operations.aws_cli import NotAskedError, RefusedError
from operations.images_pushed import wrong_images
from operations.preflight import quotas
from operations.preflight.questions import Check, Claim, Question, Verdict

_ADDONS: Final = {
    "metricsServer": "metrics-server",
    "efsCsiDriver": "aws-efs-csi-driver",
    "cloudwatchObservability": "amazon-cloudwatch-observability",
}


def _account(ask: Question) -> Verdict:
    caller = ask.aws("sts", "get-caller-identity")
    wanted, arn = ask.stack["account.id"], str(caller["Arn"])
    ours = caller["Account"] == wanted and not arn.endswith(":root")
    return Verdict(
        holds=ours,
        answer=f"{arn} in account {caller['Account']}",
        fix=f"become a role of account {wanted}, such as {ask.stack['account.deployerRoleArn']}; never its root user",
    )


def _zone(ask: Question) -> Verdict:
    zone, name = ask.stack["domain.zoneId"], ask.stack["domain.zoneName"]
    fix = f"write id and name of the zone that bootstrap made into domain.zoneId and domain.zoneName, now {name}"
    try:
        found = ask.aws("route53", "get-hosted-zone", "--id", zone)["HostedZone"]["Name"]
    except RefusedError as error:
        return Verdict(holds=False, answer=str(error), fix=fix)
    return Verdict(holds=found == f"{name}.", answer=f"{zone} is {found}", fix=fix)


def _delegation(ask: Question) -> Verdict:
    zone = ask.stack["domain.zoneId"]
    try:
        wanted = ask.aws("route53", "get-hosted-zone", "--id", zone).get("DelegationSet", {}).get("NameServers", [])
    except RefusedError as error:
        return Verdict(holds=False, answer=str(error), fix="make the zone first: see bootstrap/README.md")
    seen = {line.rstrip(".") for line in _world_sees(ask, "NS")}
    return Verdict(
        holds=bool(wanted) and seen == {server.rstrip(".") for server in wanted},
        answer=f"the world sees {', '.join(sorted(seen)) or 'no name servers'}",
        fix=f"let the parent zone name {', '.join(wanted) or 'the zone' + chr(39) + 's name servers'}",
    )


def _signature(ask: Question) -> Verdict:
    try:
        found = ask.aws("route53", "get-dnssec", "--hosted-zone-id", ask.stack["domain.zoneId"])
    except RefusedError as error:
        return Verdict(holds=False, answer=str(error), fix="make the zone first: see bootstrap/README.md")
    wanted = {_joined(key["DSRecord"]) for key in found["KeySigningKeys"] if key["Status"] == "ACTIVE"}
    seen = {_joined(line) for line in _world_sees(ask, "DS")}
    return Verdict(
        holds=bool(wanted & seen),
        answer=f"the world sees {', '.join(sorted(seen)) or 'no signer'}",
        fix=f"let the parent zone have the DS record {', '.join(wanted) or 'of the zone, once it has a signing key'}",
    )


def _joined(record: str) -> str:
    """A DS record in one form: dig breaks its digest into parts."""
    tag, algorithm, kind, *digest = record.split()
    return f"{tag} {algorithm} {kind} {''.join(digest).upper()}"


def _world_sees(ask: Question, record: str) -> list[str]:
    code, said, errors = ask.run(["dig", "+short", record, f"{ask.stack['domain.zoneName']}."])
    if code != 0:
        raise NotAskedError(errors.strip() or "dig failed")
    return said.splitlines()


def _kubernetes(ask: Question) -> Verdict:
    version = ask.stack["clusters.kubernetesVersion"]
    found = ask.aws("eks", "describe-cluster-versions", "--cluster-versions", version).get("clusterVersions", [])
    status = found[0].get("versionStatus", "") if found else "not offered"
    return Verdict(
        holds=status == "STANDARD_SUPPORT",
        answer=f"{version}: {status}",
        fix="choose a version in standard support for clusters.kubernetesVersion",
    )


def _addon(setting: str, name: str) -> Check:
    def check(ask: Question) -> Verdict:
        kubernetes, pinned = ask.stack["clusters.kubernetesVersion"], ask.stack[f"clusters.addons.{setting}"]
        answer = ask.aws("eks", "describe-addon-versions", "--kubernetes-version", kubernetes, "--addon-name", name)
        offered = [one["addonVersion"] for addon in answer.get("addons", []) for one in addon["addonVersions"]]
        return Verdict(
            holds=pinned in offered,
            answer=f"{pinned} {'is' if pinned in offered else 'is not'} among {len(offered)} for {kubernetes}",
            fix=f"set clusters.addons.{setting} to one of {', '.join(offered[:3]) or 'none: choose another version'}",
        )

    return check


def _engine(setting: str, name: str, service: str, operation: str, listed: str) -> Check:
    def check(ask: Question) -> Verdict:
        version = ask.stack[setting]
        found = ask.aws(service, operation, "--engine", name, "--engine-version", version).get(listed, [])
        return Verdict(
            holds=bool(found),
            answer=f"{name} {version} {'is' if found else 'is not'} offered",
            fix=f"choose one of `aws {service} {operation} --engine {name}` for {setting}",
        )

    return check


def _database_class(ask: Question) -> Verdict:
    wanted = ask.stack["database.provisioned.instanceClass"] or "db.serverless"
    version, zones = ask.stack["database.engineVersion"], set(ask.stack["network.availabilityZones"])
    arguments = ["--engine", "aurora-mysql", "--engine-version", version, "--db-instance-class", wanted]
    try:
        answer = ask.aws("rds", "describe-orderable-db-instance-options", *arguments)
    except RefusedError as error:
        return Verdict(holds=False, answer=str(error), fix="choose an engine version on offer first")
    options = answer.get("OrderableDBInstanceOptions", [])
    lacking = zones - {zone["Name"] for option in options for zone in option["AvailabilityZones"]}
    return Verdict(
        holds=not lacking,
        answer=f"{wanted} {'in every zone' if not lacking else 'not in ' + ', '.join(sorted(lacking))}",
        fix="choose another class or other zones (before the first deployment only)",
    )


def _families(ask: Question) -> Verdict:
    families, zones = ask.stack["clusters.nodePool.instanceFamilies"], ask.stack["network.availabilityZones"]
    kinds = [f"{family}.large" for family in families]
    asked = ["--location-type", "availability-zone", "--filters", f"Name=instance-type,Values={','.join(kinds)}"]
    found = ask.aws("ec2", "describe-instance-type-offerings", *asked).get("InstanceTypeOfferings", [])
    offered = {zone: sorted(one["InstanceType"] for one in found if one["Location"] == zone) for zone in zones}
    bare = [zone for zone, there in offered.items() if not there]
    return Verdict(
        holds=not bare,
        answer="; ".join(f"{zone}: {', '.join(there) or 'none'}" for zone, there in offered.items()),
        fix=f"add a family that {', '.join(bare)} has to clusters.nodePool.instanceFamilies",
    )


def _monitor(ask: Question) -> Verdict:
    setting, own = ask.stack["budget.anomalyMonitorArn"], ask.stack["names.anomalyMonitor"]
    # Cost Explorer answers from us-east-1 only.
    found = ask.aws("ce", "get-anomaly-monitors", region="us-east-1").get("AnomalyMonitors", [])
    services = [one for one in found if one.get("MonitorDimension") == "SERVICE"]
    if setting is not None:
        return Verdict(
            holds=setting in [one["MonitorArn"] for one in found],
            answer=f"{len(found)} monitors",
            fix=f"budget.anomalyMonitorArn names none of them: {', '.join(one['MonitorArn'] for one in services)}",
        )
    others = [one for one in services if one["MonitorName"] != own]
    return Verdict(
        holds=not others,
        answer=", ".join(f"{one['MonitorName']} watches services" for one in services) or "none watches services",
        fix="AWS admits one: set budget.anomalyMonitorArn to " + ", ".join(one["MonitorArn"] for one in others),
    )


def _webhook(ask: Question) -> Verdict | None:
    name = ask.stack["notifications.slackWebhookSecret"]
    # Its key is made by the first pass.
    if name is None or not ask.stack["clusters.contents"]:
        return None
    try:
        ask.aws("secretsmanager", "describe-secret", "--secret-id", name)
    except RefusedError as error:
        key = ask.stack["names.secretsKeyAlias"]
        command = f"aws secretsmanager create-secret --name {name} --kms-key-id {key} --secret-string file://webhook"
        return Verdict(holds=False, answer=str(error), fix=f"`{command}`, and delete the file")
    return Verdict(holds=True, answer=f"{name} is there")


def _images(ask: Question) -> Verdict | None:
    if not ask.stack["clusters.contents"]:
        return None
    wrong = wrong_images(ask.stack, ask.aws)
    return Verdict(
        holds=not wrong,
        answer=", ".join(wrong) or "all pushed",
        fix="deploy once with clusters.contents: false, which makes the registry, push them (workflow images.yml), and "
        "write what that prints into workloads",
    )


_QUOTA: Final = "servicequotas:GetServiceQuota"
CLAIMS: Final[tuple[Claim, ...]] = (
    Claim(name="the caller is of the stack's account", actions=(), check=_account),
    Claim(name="the zone exists", actions=("route53:GetHostedZone",), check=_zone),
    Claim(name="the zone is delegated", actions=("route53:GetHostedZone",), check=_delegation),
    Claim(name="the zone's signature is trusted", actions=("route53:GetDNSSEC",), check=_signature),
    Claim(name="Kubernetes is supported", actions=("eks:DescribeClusterVersions",), check=_kubernetes),
    *(
        Claim(name=f"{name} is offered", actions=("eks:DescribeAddonVersions",), check=_addon(setting, name))
        for setting, name in _ADDONS.items()
    ),
    Claim(
        name="the database engine is offered",
        actions=("rds:DescribeDBEngineVersions",),
        check=_engine(
            "database.engineVersion", "aurora-mysql", "rds", "describe-db-engine-versions", "DBEngineVersions"
        ),
    ),
    Claim(
        name="the database class is offered",
        actions=("rds:DescribeOrderableDBInstanceOptions",),
        check=_database_class,
    ),
    Claim(
        name="the cache engine is offered",
        actions=("elasticache:DescribeCacheEngineVersions",),
        check=_engine(
            "cache.engineVersion", "valkey", "elasticache", "describe-cache-engine-versions", "CacheEngineVersions"
        ),
    ),
    Claim(name="every zone has instances", actions=("ec2:DescribeInstanceTypeOfferings",), check=_families),
    Claim(name="vCPUs suffice", actions=(_QUOTA,), check=quotas.processors),
    Claim(name="addresses suffice", actions=("ec2:DescribeAddresses", _QUOTA), check=quotas.addresses),
    Claim(name="another VPC fits", actions=("ec2:DescribeVpcs", _QUOTA), check=quotas.networks),
    Claim(name="executions can be reserved", actions=("lambda:GetAccountSettings",), check=quotas.concurrency),
    Claim(name="one monitor of services", actions=("ce:GetAnomalyMonitors",), check=_monitor),
    Claim(name="the Slack webhook is there", actions=("secretsmanager:DescribeSecret",), check=_webhook),
    Claim(name="the images are pushed", actions=("ecr:DescribeImages",), check=_images),
)
"""In the order in which people mend them."""
