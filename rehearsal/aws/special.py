"""Outputs that follow from inputs by a rule no template can say.

Owns one small function per resource type that needs it; a type without one is served by `types.toml` and by naming
conventions. Keep it short: a new type belongs into the table first.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rehearsal.cloud import Json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.aws.invention import Inventor
    from rehearsal.cloud import JsonObject

# Zone ids are the same for all accounts where letters are not; this is the usual mapping of accounts made today.
_ZONE_IDS = {"ap-northeast-2": ("apne2", "1234"), "ap-northeast-1": ("apne1", "4x12"), "us-east-1": ("use1", "123456")}


def outputs(token: str, state: JsonObject, inventor: Inventor) -> JsonObject:
    """The outputs of a type to set on top of the generic ones; empty for most types."""
    rule = _RULES.get(token)
    return rule(state, inventor) if rule else {}


def _certificate(state: JsonObject, inventor: Inventor) -> JsonObject:
    domains = [state.get("domainName"), *_list(state.get("subjectAlternativeNames"))]
    unique = list(dict.fromkeys(str(domain) for domain in domains if domain))
    options: list[Json] = []
    for domain in unique:
        # ACM derives the record from account and domain: all certificates of a domain share it, its wildcard's too.
        parent = domain.removeprefix("*.")
        words = inventor.text("{account}") + parent
        name, target = (hashlib.sha256(f"{part}{words}".encode()).hexdigest()[:32] for part in ("name", "target"))
        options.append(
            {
                "domainName": domain,
                "resourceRecordName": f"_{name}.{parent}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{target}.acm-validations.aws.",
            }
        )
    return {"domainValidationOptions": options, "subjectAlternativeNames": list[Json](unique)}


def _database_cluster(state: JsonObject, inventor: Inventor) -> JsonObject:
    found: JsonObject = {}
    if state.get("manageMasterUserPassword"):
        name = inventor.text("rds!cluster-{uuid}-{alnum6}")
        secret = inventor.text("arn:{partition}:secretsmanager:{region}:{account}:secret:") + name
        key = state.get("masterUserSecretKmsKeyId") or inventor.text(
            "arn:{partition}:kms:{region}:{account}:key/{uuid}"
        )
        found["masterUserSecrets"] = [{"kmsKeyId": key, "secretArn": secret, "secretStatus": "active"}]
    else:
        found["masterUserSecrets"] = []
    if not state.get("availabilityZones"):
        found["availabilityZones"] = [f"{inventor.region}{letter}" for letter in "abc"]
    return found


def _subnet(state: JsonObject, inventor: Inventor) -> JsonObject:
    zone = str(state.get("availabilityZone") or f"{inventor.region}a")
    return {"availabilityZone": zone, "availabilityZoneId": zone_id(zone)}


def zone_id(zone: str) -> str:
    """The id of an availability zone, `apne2-az1` for `ap-northeast-2a`."""
    region, letter = zone[:-1], zone[-1]
    short, numbers = _ZONE_IDS.get(region, (region.replace("-", ""), "123456"))
    return f"{short}-az{numbers[min('abcdef'.find(letter), len(numbers) - 1)]}"


def _address(_: JsonObject, inventor: Inventor) -> JsonObject:
    # TEST-NET-3 (RFC 5737): can never be a real address.
    address = f"203.0.113.{int(inventor.text('{hex4}'), 16) % 254 + 1}"
    return {
        "publicIp": address,
        "publicDns": f"ec2-{address.replace('.', '-')}.{inventor.region}.compute.amazonaws.com",
    }


def _policy_document(state: JsonObject, inventor: Inventor) -> JsonObject:
    if state.get("policy"):
        return {}
    root = inventor.text("arn:{partition}:iam::{account}:root")
    text = (
        '{"Id":"key-default-1","Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":"' + root + '"},'
        '"Resource":"*","Sid":"Enable IAM User Permissions"}],"Version":"2012-10-17"}'
    )
    return {"policy": text}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


_RULES: Mapping[str, Callable[[JsonObject, Inventor], JsonObject]] = {
    "aws:acm/certificate:Certificate": _certificate,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:kms/key:Key": _policy_document,
    "aws:rds/cluster:Cluster": _database_cluster,
}
