"""Physical names: `{env}-{system}-{resource}-{role}[-pub]-{nn}` and what AWS forces to differ from it.

Owns the rule, the limit of every AWS service that takes one of our names, and the documented variants (bucket
suffix, KMS alias prefix, log-group path, names without hyphens). Does not own Pulumi's logical names, which
components derive from their own name. Every limit is from the service's API model unless its comment says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Environment: TypeAlias = Literal["dev", "stg", "prod"]
System: TypeAlias = Literal["user", "item", "pay", "common"]

_ROLE: Final = re.compile(r"[a-z][a-z0-9]*")
_SEQUENCE_MAX: Final = 99


def digits(text: str) -> str:
    """Return what of a version or a parameter family fits into a role: `80` of `aurora-mysql8.0`."""
    return re.sub(r"[^0-9]", "", text)


class NamingError(ValueError):
    """A name that breaks our rule or a limit of AWS; the message names the value, the limit and the fix."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What one AWS service accepts as a name.

    Attributes:
        longest: Most characters allowed.
        pattern: What the whole name must match.
        hint: The pattern in words, for error messages.
    """

    longest: int
    pattern: str = r"[a-z0-9-]+"
    hint: str = "lower-case letters, digits and hyphens"


_LETTER_FIRST: Final = r"[a-z](?:-?[a-z0-9]+)*"
_LETTER_FIRST_HINT: Final = "a letter first, no double hyphen, no hyphen at the end"
_TAG_ONLY: Final = Limit(256)

LIMITS: Final[dict[str, Limit]] = {
    # The service has no name of its own for these; the name is the `Name` tag.
    "vpc": _TAG_ONLY,
    "sbn": _TAG_ONLY,
    "rtb": _TAG_ONLY,
    "igw": _TAG_ONLY,
    "nat": _TAG_ONLY,
    "eip": _TAG_ONLY,
    "vpce": _TAG_ONLY,
    "flow": _TAG_ONLY,
    "vec": _TAG_ONLY,
    "zone": _TAG_ONLY,
    "acm": _TAG_ONLY,
    "sgr": _TAG_ONLY,
    "sg": Limit(255, r"(?!sg-)[a-z0-9-]+", "lower-case letters, digits and hyphens, not beginning `sg-`"),
    "eks": Limit(100, r"[a-z0-9][a-z0-9-]*", "a letter or digit first"),
    "addon": _TAG_ONLY,
    "ent": _TAG_ONLY,
    "pia": _TAG_ONLY,
    "alb": Limit(32, r"(?!internal-)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", "no hyphen first or last, not `internal-`"),
    "nlb": Limit(32, r"(?!internal-)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", "no hyphen first or last, not `internal-`"),
    "lsn": _TAG_ONLY,
    "tg": Limit(32, r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", "no hyphen first or last"),
    "rds": Limit(63, _LETTER_FIRST, _LETTER_FIRST_HINT),
    "rdsi": Limit(63, _LETTER_FIRST, _LETTER_FIRST_HINT),
    "dbsg": Limit(255, _LETTER_FIRST, _LETTER_FIRST_HINT),
    "dbpg": Limit(255, _LETTER_FIRST, _LETTER_FIRST_HINT),
    "snap": Limit(63, _LETTER_FIRST, _LETTER_FIRST_HINT),
    # "Less than 255 characters".
    "rdsev": Limit(254),
    "asp": Limit(256),
    "assa": Limit(256),
    "redis": Limit(40, _LETTER_FIRST, _LETTER_FIRST_HINT),
    "redissn": Limit(255),
    # The model states no limit for the three; these are from ElastiCache's console and user guide.
    "redispg": Limit(255, _LETTER_FIRST, _LETTER_FIRST_HINT),
    "redisusr": Limit(40, _LETTER_FIRST, _LETTER_FIRST_HINT),
    "redisgrp": Limit(40, _LETTER_FIRST, _LETTER_FIRST_HINT),
    "efs": Limit(64),
    "efsap": _TAG_ONLY,
    "s3": Limit(63, r"[a-z0-9][a-z0-9-]*[a-z0-9]", "no hyphen first or last"),
    "ecr": Limit(256, r"[a-z0-9]+(?:[-/][a-z0-9]+)*", "single hyphens between letters and digits"),
    "role": Limit(64),
    "pol": Limit(128),
    "oidc": _TAG_ONLY,
    "ec2": _TAG_ONLY,
    "ebs": _TAG_ONLY,
    "prof": Limit(128),
    "ssmdoc": Limit(128),
    "ksk": Limit(128, hint="lower-case letters, digits and, in `underscored`, underscores"),
    "kms": Limit(250, hint="lower-case letters, digits and hyphens; 256 with `alias/`"),
    "log": Limit(400, hint="a path of at most 512 characters with its prefix"),
    "sm": Limit(512, r"(?!.*-[a-z0-9]{6}$)[a-z0-9-]+", "not ending in a hyphen and six characters"),
    "gd": _TAG_ONLY,
    "analyzer": Limit(255),
    "evr": Limit(64),
    "sns": Limit(256),
    "budget": Limit(100),
    "costmon": Limit(1024),
    "costsub": Limit(1024),
    "sqs": Limit(80),
    "bkv": Limit(50, r"[a-z0-9-]{2,}", "two or more characters"),
    "bkp": Limit(50),
    "bks": Limit(50),
    "rtp": Limit(50, hint="lower-case letters, digits and, in `underscored`, underscores"),
    "rts": Limit(50, hint="lower-case letters, digits and, in `underscored`, underscores"),
    "alarm": Limit(255),
    "dash": Limit(255),
    "query": Limit(255),
    "waf": Limit(128),
    "wafrule": Limit(128),
    # CloudFront has no name for a distribution: this one is its comment and its `Name` tag.
    "cdn": Limit(128),
    "oac": Limit(64),
    # The model states no limit for the two; these are from CloudFront's console.
    "vpco": Limit(64),
    "rhp": Limit(128),
    # Delivery sources and destinations of CloudWatch Logs; a delivery itself has no name.
    "lgs": Limit(60),
    "lgd": Limit(60),
    "lgv": _TAG_ONLY,
    "fn": Limit(64),
    "cb": Limit(150, r"[a-z0-9][a-z0-9-]+", "a letter or digit first"),
    "fis": _TAG_ONLY,
}
"""Limits by our short name of the resource; a short name that is not here cannot be used."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Makes every physical name of one environment.

    Attributes:
        environment: `dev`, `stg` or `prod`; the first part of each name.
        account_id: Twelve digits; ends bucket names, as those are unique in the whole world.
        region: Home region; ends bucket names for the same reason.
    """

    environment: Environment
    account_id: str
    region: str
    domain: str = field(default="fastorder.internal")

    def name(
        self, resource: str, role: str, sequence: int = 1, *, system: System = "common", public: bool = False
    ) -> str:
        """Return the name of a resource.

        Args:
            resource: Short name of the AWS service, a key of `LIMITS`.
            role: What it is for, one lower-case word such as `web` or `data`.
            sequence: 1 to 99, counts resources that are alike.
            system: The service it belongs to, or `common`.
            public: Whether it faces the internet.

        Raises:
            NamingError: The parts break the rule or the name breaks the limit of the service.
        """
        limit = LIMITS.get(resource)
        if limit is None:
            raise NamingError(f"resource {resource!r} has no known limit: add it to LIMITS in model/naming.py")
        if not _ROLE.fullmatch(role):
            raise NamingError(f"role {role!r} must be one lower-case word of letters and digits, such as 'web'")
        if not 1 <= sequence <= _SEQUENCE_MAX:
            raise NamingError(f"sequence {sequence} is outside 1 to {_SEQUENCE_MAX}: start another role")
        parts = [self.environment, system, resource, role, *(["pub"] if public else []), f"{sequence:02d}"]
        name = "-".join(parts)
        _check(name, resource, limit)
        return name

    def bucket(self, role: str, sequence: int = 1) -> str:
        """Return a bucket's name, which ends in account and region since the namespace is world-wide.

        Raises:
            NamingError: The name is longer than 63 characters.
        """
        name = f"{self.name('s3', role, sequence)}-{self.account_id}-{self.region}"
        _check(name, "s3", LIMITS["s3"])
        return name

    def key_alias(self, role: str) -> str:
        """Return a KMS alias: the rule's name behind the prefix that KMS demands."""
        return f"alias/{self.name('kms', role)}"

    def underscored(self, resource: str, role: str) -> str:
        """Return a name for what takes underscores and no hyphens: AWS Backup's restore tests, keys that sign zones."""
        return self.name(resource, role).replace("-", "_")

    def log_group(self, role: str, *, system: System = "common") -> str:
        """Return the path of a log group of our own; AWS services dictate theirs."""
        return f"/fastorder/{self.environment}/{self.name('log', role, system=system)}"

    def web_acl_log(self, role: str) -> str:
        """Return the name of a web ACL's log group, which WAF takes only with its own prefix."""
        return f"aws-waf-logs-{self.name('log', role)}"

    @property
    def private_zone(self) -> str:
        """The private DNS zone of this environment."""
        return f"{self.environment}.{self.domain}"


def _check(name: str, resource: str, limit: Limit) -> None:
    if len(name) > limit.longest:
        raise NamingError(
            f"name {name!r} has {len(name)} characters, {resource} allows {limit.longest}: shorten the role"
        )
    if not re.fullmatch(limit.pattern, name):
        raise NamingError(f"name {name!r} is refused by {resource}: {limit.hint}")
