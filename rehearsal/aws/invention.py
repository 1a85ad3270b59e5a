"""Fills templates with plausible, steady values: ids, ARNs, endpoints, addresses.

Owns the words a template may use (listed at the head of `types.toml`). Nothing here is random: every invented word
follows from the seed and the word, so the same resource gets the same values on every machine.
"""

from __future__ import annotations

import base64
import hashlib
import re
import string
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.account.number import account_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.cloud import Cloud, Json, JsonObject

PARTITION = "aws"
_WORD = re.compile(r"\{(\w+)(?::([\w-]+))?\}")
_INVENTED = re.compile(r"^(hex|HEX|alnum|ALNUM|digits)(\d+)(?:_\w+)?$")
_ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "alnum": string.ascii_lowercase + string.digits,
    "ALNUM": string.ascii_uppercase + string.digits,
    "digits": string.digits,
}
# The hosted zones of Elastic Load Balancing, which alias records need (AWS General Reference, endpoints and quotas).
_LOAD_BALANCER_ZONES = {
    "ap-northeast-2": ("ZWKZPGTI48KDX", "ZIBE1TIR4HY56"),
    "ap-northeast-1": ("Z14GRHDCWA56QT", "Z31USIVHYNEOWT"),
    "us-east-1": ("Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"),
}


@dataclass(frozen=True, kw_only=True)
class Inventor:
    """Everything a template may refer to, for one resource."""

    seed: str
    region: str
    properties: JsonObject
    cloud: Cloud
    id: str = ""

    def fill(self, template: Json) -> Json:
        """The template with its words replaced; lists and mappings are filled inside."""
        if isinstance(template, str):
            return _WORD.sub(lambda match: self._word(match[1], match[2]), template)
        if isinstance(template, list):
            return [self.fill(element) for element in template]
        if isinstance(template, dict):
            return {key: self.fill(value) for key, value in template.items()}
        return template

    def text(self, template: str) -> str:
        """A text template, filled."""
        return str(self.fill(template))

    def _word(self, word: str, variant: str | None) -> str:
        if word in self.properties:
            value = str(self.properties[word] or "")
            # `{loadBalancerArn:listener}`: the same ARN with another kind of resource in it.
            return re.sub(r":(loadbalancer|listener)/", f":{variant}/", value, count=1) if variant else value
        invented = _INVENTED.match(word)
        if invented:
            return self._steady(word, _ALPHABETS[invented[1]], int(invented[2]))
        fixed = {"account": account_number(), "partition": PARTITION, "region": self.region, "id": self.id, "path": "/"}
        if word in fixed:
            return fixed[word]
        return _SPECIAL[word](self) if word in _SPECIAL else ""

    def _steady(self, word: str, alphabet: str, length: int) -> str:
        value = int.from_bytes(hashlib.sha512(f"{self.seed}|{word}".encode()).digest())
        characters: list[str] = []
        for _ in range(length):
            value, remainder = divmod(value, len(alphabet))
            characters.append(alphabet[remainder])
        return "".join(characters)

    def uuid(self) -> str:
        """A version 4 shaped UUID."""
        return str(uuid.UUID(bytes=hashlib.md5(self.seed.encode(), usedforsecurity=False).digest(), version=4))

    def certificate(self) -> str:
        """Base64 text where a certificate would be; it certifies nothing."""
        return base64.b64encode(f"no certificate, rehearsal of {self.seed}".encode()).decode()

    def account_word(self) -> str:
        """The part of RDS endpoint names that is one per account and region."""
        return hashlib.sha256(f"{account_number()}{self.region}".encode()).hexdigest()[:12]

    def vpc_of_subnets(self) -> str:
        """The VPC of the first subnet among the properties, looked up in the cloud."""
        for subnet in _subnets(self.properties):
            for found in self.cloud.find(subnet):
                vpc = found.properties.get("vpcId")
                if isinstance(vpc, str):
                    return vpc
        return ""

    def load_balancer(self) -> tuple[str, str, str]:
        """Kind in ARNs, DNS name and hosted zone of a load balancer."""
        kind = {"network": "net", "gateway": "gwy"}.get(str(self.properties.get("loadBalancerType")), "app")
        internal = "internal-" if self.properties.get("internal") and kind == "app" else ""
        number = self._steady("dns", string.digits, 10)
        name, suffix = self.properties.get("name", ""), "elb.amazonaws.com"
        dns = f"{internal}{name}-{number}.{self.region}.{suffix}"
        if kind != "app":
            dns = f"{name}-{self._steady('dns', _ALPHABETS['hex'], 16)}.elb.{self.region}.amazonaws.com"
        zones = _LOAD_BALANCER_ZONES.get(self.region, ("Z00000000000ALB", "Z00000000000NLB"))
        return kind, dns, zones[0 if kind == "app" else 1]

    def record_name(self) -> str:
        """A record's full name: what was given, with the zone's name when it is not part of it."""
        name, zone = str(self.properties.get("name", "")), str(self.properties.get("zoneId", ""))
        for found in self.cloud.find(zone):
            domain = str(found.properties.get("name", ""))
            if not name.rstrip(".").endswith(domain):
                return f"{name}.{domain}" if name else domain
        return name


def fill_properties(template: str, properties: JsonObject) -> str:
    """A template that refers to properties only."""
    return _WORD.sub(lambda match: str(properties.get(match[1]) or ""), template)


def _subnets(properties: JsonObject) -> list[str]:
    nested = properties.get("vpcConfig")
    for source in (properties, nested if isinstance(nested, dict) else {}):
        for name in ("subnets", "subnetIds", "subnetId"):
            value = source.get(name)
            if value:
                return [str(element) for element in value] if isinstance(value, list) else [str(value)]
    return []


_SPECIAL: Mapping[str, Callable[[Inventor], str]] = {
    "uuid": Inventor.uuid,
    "certificate": Inventor.certificate,
    "account_word": Inventor.account_word,
    "vpc_of_subnets": Inventor.vpc_of_subnets,
    "lb_kind": lambda inventor: inventor.load_balancer()[0],
    "lb_dns": lambda inventor: inventor.load_balancer()[1],
    "lb_zone": lambda inventor: inventor.load_balancer()[2],
    "waf_scope": lambda inventor: "global" if inventor.properties.get("scope") == "CLOUDFRONT" else "regional",
    "record_name": Inventor.record_name,
}

TEMPLATE_WORDS = frozenset({"account", "partition", "region", "id", "path", *_SPECIAL})
"""The words of templates that are neither properties nor invented digits."""
