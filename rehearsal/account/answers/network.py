"""EC2 and Route 53: instance types by zone, instances, addresses and networks in use, the public zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rehearsal.account import offers
from rehearsal.account.answers.frame import Answer, ApiError, Call

if TYPE_CHECKING:
    from rehearsal.cloud import CloudObject

_ZONE: Final = "aws:route53/zone:Zone"
_ADDRESS: Final = "aws:ec2/eip:Eip"
_INSTANCE: Final = "aws:ec2/instance:Instance"
_STATE: Final = "instance-state-name"
_SIGNING_KEY: Final = "aws:route53/keySigningKey:KeySigningKey"
_VPC: Final = "aws:ec2/vpc:Vpc"


def _offerings(call: Call) -> dict[str, Any]:
    if call.text("LocationType") != "availability-zone":
        raise ApiError("NotSimulated", "the rehearsal answers for --location-type availability-zone only")
    filters: dict[str, list[str]] = {one["Name"]: one["Values"] for one in call.several("Filters")}
    kinds = filters.get("instance-type") or [f"{family}.large" for family in offers.instance_families(call.region)]
    return {
        "InstanceTypeOfferings": [
            {"InstanceType": kind, "LocationType": "availability-zone", "Location": zone}
            for kind in kinds
            for zone in offers.instance_zones(call.region, kind)
            if zone in (filters.get("location") or [zone])
        ]
    }


def _addresses(call: Call) -> dict[str, Any]:
    found = call.cloud.list(_ADDRESS, location=call.region)
    return {
        "Addresses": [
            {"PublicIp": str(one.properties["publicIp"]), "AllocationId": one.id, "Tags": _tags(one)} for one in found
        ]
    }


def _vpcs(call: Call) -> dict[str, Any]:
    found = [
        {"VpcId": one.id, "CidrBlock": str(one.properties["cidrBlock"]), "IsDefault": False, "Tags": _tags(one)}
        for one in call.cloud.list(_VPC, location=call.region)
    ]
    # The block of every default VPC (Amazon VPC user guide, "Default VPCs").
    default = [{"VpcId": "vpc-0default", "CidrBlock": "172.31.0.0/16", "IsDefault": True}]
    return {"Vpcs": [*found, *(default if call.past.default_vpc else [])]}


def _instances(call: Call) -> dict[str, Any]:
    filters: dict[str, list[str]] = {one["Name"]: one["Values"] for one in call.several("Filters")}
    if unknown := [name for name in filters if name != _STATE and not name.startswith("tag:")]:
        raise ApiError("NotSimulated", f"the rehearsal filters instances by tag and {_STATE} only, not by {unknown}")
    # Every instance of the rehearsal runs.
    wanted = {name.removeprefix("tag:"): values for name, values in filters.items() if name != _STATE}
    found = call.cloud.list(_INSTANCE, location=call.region) if "running" in filters.get(_STATE, ["running"]) else []
    return {
        "Reservations": [
            {"Instances": [{"InstanceId": one.id, "State": {"Name": "running"}, "Tags": tags}]}
            for one, tags in ((one, _tags(one)) for one in found)
            if all(any(tag["Key"] == key and tag["Value"] in values for tag in tags) for key, values in wanted.items())
        ]
    }


def _tags(thing: CloudObject) -> list[dict[str, str]]:
    tags = thing.properties.get("tagsAll") or thing.properties.get("tags")
    return [{"Key": key, "Value": str(value)} for key, value in tags.items()] if isinstance(tags, dict) else []


def _zone(call: Call) -> dict[str, Any]:
    wanted = call.text("Id").removeprefix("/hostedzone/")
    found = call.one(_ZONE, "zoneId", wanted)
    if found is None:
        raise ApiError("NoSuchHostedZone", f"No hosted zone found with ID: {wanted}", 404)
    name = str(found.properties["name"]).rstrip(".") + "."
    servers = found.properties.get("nameServers")
    return {
        "HostedZone": {"Id": f"/hostedzone/{wanted}", "Name": name, "CallerReference": "rehearsal"},
        "DelegationSet": {"NameServers": servers if isinstance(servers, list) else []},
    }


def _signing(call: Call) -> dict[str, Any]:
    wanted = call.text("HostedZoneId").removeprefix("/hostedzone/")
    if call.one(_ZONE, "zoneId", wanted) is None:
        raise ApiError("NoSuchHostedZone", f"No hosted zone found with ID: {wanted}", 404)
    keys = [one for one in call.cloud.list(_SIGNING_KEY) if one.properties.get("hostedZoneId") == wanted]
    return {
        "Status": {"ServeSignature": "SIGNING" if keys else "NOT_SIGNING"},
        "KeySigningKeys": [{"DSRecord": str(one.properties["dsRecord"]), "Status": "ACTIVE"} for one in keys],
    }


ANSWERS = {
    "ec2:DescribeInstanceTypeOfferings": Answer(action="ec2:DescribeInstanceTypeOfferings", reply=_offerings),
    "ec2:DescribeAddresses": Answer(action="ec2:DescribeAddresses", reply=_addresses),
    "ec2:DescribeInstances": Answer(action="ec2:DescribeInstances", reply=_instances),
    "ec2:DescribeVpcs": Answer(action="ec2:DescribeVpcs", reply=_vpcs),
    "route53:GetDNSSEC": Answer(
        action="route53:GetDNSSEC",
        reply=_signing,
        resource=lambda call: f"arn:aws:route53:::hostedzone/{call.text('HostedZoneId')}",
    ),
    "route53:GetHostedZone": Answer(
        action="route53:GetHostedZone",
        reply=_zone,
        resource=lambda call: f"arn:aws:route53:::hostedzone/{call.text('Id').removeprefix('/hostedzone/')}",
    ),
}
