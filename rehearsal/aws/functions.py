"""Answers the provider's functions (data sources) that AWS programs use, from constants and from the simulated cloud.

Owns the list of functions with an answer. A function without one is refused, never invented; a resource that is looked
up must exist in the simulated cloud.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.account.number import account_number
from rehearsal.account.offers import addon_names, addon_versions
from rehearsal.aws.authorization.caller import ADMINISTRATOR, caller_arn, caller_name
from rehearsal.aws.invention import PARTITION, Inventor
from rehearsal.aws.policy_document import render
from rehearsal.aws.special import zone_id
from rehearsal.cloud import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.cloud import Cloud, JsonObject

# Zone letters that accounts made today get (Seoul has four, Tokyo has no new "b").
_ZONES = {"ap-northeast-2": "abcd", "ap-northeast-1": "acd", "us-east-1": "abcdef"}
_REGION_NAMES = {
    "ap-northeast-2": "Asia Pacific (Seoul)",
    "ap-northeast-1": "Asia Pacific (Tokyo)",
    "us-east-1": "US East (N. Virginia)",
}
# Accounts of Elastic Load Balancing that write access logs (user guide, "Enable access logs").
_LOG_ACCOUNTS = {"ap-northeast-2": "600734575887", "ap-northeast-1": "582318560864", "us-east-1": "127311923021"}


class FunctionError(Exception):
    """The function cannot be answered; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One function call: its arguments, the region it asks in and the cloud it may look into."""

    token: str
    arguments: JsonObject
    region: str
    cloud: Cloud

    def text(self, name: str) -> str:
        """A text argument, empty when it is not given."""
        return str(self.arguments.get(name) or "")


def invoke(call: Call) -> JsonObject:
    """The function's results; raises `FunctionError` for functions and resources that are not known."""
    answer = _ANSWERS.get(call.token)
    if answer is None:
        known = ", ".join(sorted(name.rsplit(":", 1)[1] for name in _ANSWERS))
        message = (
            f"the rehearsal has no answer for the function {call.token}: pass the value as configuration, or add an "
            f"answer to rehearsal/aws/functions.py (known: {known})"
        )
        raise FunctionError(message)
    # The provider's functions repeat their arguments and carry an id.
    return {"id": call.region} | call.arguments | answer(call)


def _caller_identity(_: Call) -> JsonObject:
    account = account_number()
    name = caller_name()
    user = "AIDAREHEARSAL0000000A" if name == ADMINISTRATOR else "AROAREHEARSAL0000000A:rehearsal"
    return {"id": account, "accountId": account, "arn": caller_arn(name, account), "userId": user}


def _region(call: Call) -> JsonObject:
    return {
        "name": call.region,
        "region": call.region,
        "description": _REGION_NAMES.get(call.region, call.region),
        "endpoint": f"ec2.{call.region}.amazonaws.com",
    }


def _partition(_: Call) -> JsonObject:
    return {"id": PARTITION, "partition": PARTITION, "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}


def _availability_zones(call: Call) -> JsonObject:
    if call.region not in _ZONES:
        message = f"the rehearsal knows no availability zones of {call.region}; it knows {', '.join(_ZONES)}"
        raise FunctionError(message)
    names = [f"{call.region}{letter}" for letter in _ZONES[call.region]]
    excluded = call.arguments.get("excludeNames")
    kept = [name for name in names if not (isinstance(excluded, list) and name in excluded)]
    identifiers = [zone_id(name) for name in kept]
    return {
        "names": list[Json](kept),
        "zoneIds": list[Json](identifiers),
        "groupNames": [call.region],
        "state": "available",
    }


def _ami(call: Call) -> JsonObject:
    inventor = Inventor(
        seed=f"ami {sorted(call.arguments.items(), key=str)}", region=call.region, properties={}, cloud=call.cloud
    )
    identifier = inventor.text("ami-{hex17}")
    return {
        "id": identifier,
        "imageId": identifier,
        "arn": f"arn:{PARTITION}:ec2:{call.region}::image/{identifier}",
        "architecture": "arm64" if "arm64" in str(call.arguments) else "x86_64",
        "state": "available",
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "virtualizationType": "hvm",
    }


def _parameter(call: Call) -> JsonObject:
    name = call.text("name")
    if not name.startswith("/aws/service/"):
        return _stored(call, "aws:ssm/parameter:Parameter", name, "name")
    inventor = Inventor(seed=name, region=call.region, properties={}, cloud=call.cloud)
    value = inventor.text("ami-{hex17}") if "ami" in name or "image" in name else inventor.text("{hex17}")
    return {
        "id": name,
        "value": value,
        "insecureValue": value,
        "type": "String",
        "version": 1,
        "arn": f"arn:{PARTITION}:ssm:{call.region}::parameter{name}",
    }


def _prefix_list(call: Call) -> JsonObject:
    seed = f"{call.region} {call.text('name') or call.text('id')}"
    inventor = Inventor(seed=seed, region=call.region, properties={}, cloud=call.cloud)
    identifier = call.text("id") or inventor.text("pl-{hex8}")
    return {
        "id": identifier,
        "arn": f"arn:{PARTITION}:ec2:{call.region}:aws:prefix-list/{identifier}",
        "addressFamily": "IPv4",
        "ownerId": "AWS",
        "maxEntries": 55,
        "version": 1,
        "entries": [],
        "tags": {},
    }


def _log_account(call: Call) -> JsonObject:
    account = _LOG_ACCOUNTS.get(call.region)
    if account is None:
        message = (
            f"the rehearsal knows no load balancer log account of {call.region}; it knows {', '.join(_LOG_ACCOUNTS)}"
        )
        raise FunctionError(message)
    return {"id": account, "arn": f"arn:{PARTITION}:iam::{account}:root"}


def _zone(call: Call) -> JsonObject:
    wanted = call.text("zoneId") or call.text("name").rstrip(".")
    found = _stored(call, "aws:route53/zone:Zone", wanted, "name")
    return found | {"privateZone": bool(call.arguments.get("privateZone"))}


def _cluster_token(call: Call) -> JsonObject:
    token = base64.urlsafe_b64encode(f"rehearsal of {call.text('name')}".encode()).decode().rstrip("=")
    return {"id": call.text("name"), "token": f"k8s-aws-v1.{token}"}


def _addon_version(call: Call) -> JsonObject:
    name, kubernetes = call.text("addonName"), call.text("kubernetesVersion")
    versions = addon_versions(name, kubernetes)
    if not versions:
        known = ", ".join(addon_names())
        message = (
            f"the rehearsal knows no version of the EKS add-on {name} for Kubernetes {kubernetes}: pin addonVersion; "
            f"it knows {known}"
        )
        raise FunctionError(message)
    return {"id": name, "version": versions[0]}


def _lookup(token: str, argument: str, by: str) -> Callable[[Call], JsonObject]:
    return lambda call: _stored(call, token, call.text(argument), by)


def _stored(call: Call, token: str, wanted: str, by: str) -> JsonObject:
    for thing in call.cloud.list(token):
        if wanted and wanted in (thing.id, thing.properties.get(by), thing.properties.get("arn")):
            return {"id": thing.id} | thing.properties
    message = f"{call.token}: no {token} with {by} {wanted!r} exists in the simulated cloud"
    raise FunctionError(message)


_ANSWERS: Mapping[str, Callable[[Call], JsonObject]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:ec2/getAmi:getAmi": _ami,
    "aws:ssm/getParameter:getParameter": _parameter,
    "aws:iam/getPolicyDocument:getPolicyDocument": lambda call: {"id": "0"} | render(call.arguments),
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:elb/getServiceAccount:getServiceAccount": _log_account,
    "aws:route53/getZone:getZone": _zone,
    "aws:eks/getClusterAuth:getClusterAuth": _cluster_token,
    "aws:eks/getAddonVersion:getAddonVersion": _addon_version,
    "aws:eks/getCluster:getCluster": _lookup("aws:eks/cluster:Cluster", "name", "name"),
    "aws:ec2/getVpc:getVpc": _lookup("aws:ec2/vpc:Vpc", "id", "arn"),
    "aws:ec2/getSubnet:getSubnet": _lookup("aws:ec2/subnet:Subnet", "id", "arn"),
    "aws:ec2/getSecurityGroup:getSecurityGroup": _lookup("aws:ec2/securityGroup:SecurityGroup", "id", "name"),
    "aws:iam/getRole:getRole": _lookup("aws:iam/role:Role", "name", "name"),
    "aws:kms/getKey:getKey": _lookup("aws:kms/key:Key", "keyId", "arn"),
    "aws:lb/getLoadBalancer:getLoadBalancer": _lookup("aws:lb/loadBalancer:LoadBalancer", "arn", "name"),
    "aws:rds/getCluster:getCluster": _lookup("aws:rds/cluster:Cluster", "clusterIdentifier", "clusterIdentifier"),
    "aws:s3/getBucket:getBucket": _lookup("aws:s3/bucket:Bucket", "bucket", "bucket"),
    "aws:secretsmanager/getSecret:getSecret": _lookup("aws:secretsmanager/secret:Secret", "arn", "name"),
}


def answered_functions() -> tuple[str, ...]:
    """The tokens of all functions with an answer."""
    return tuple(_ANSWERS)
