"""EMR security configurations: one JSON document with a switch for each place where data lies or travels.

Owns one rule per switch, all of one shape.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample
from policy.frame.values import Block, parse_json

from . import AREA

_TYPE: Final = "emr/securityConfiguration"
_REST: Final = "EncryptionConfiguration.AtRestEncryptionConfiguration"
_DISKS: Final = f"{_REST}.LocalDiskEncryptionConfiguration"
_COMPLETE: Final = json.dumps(
    {
        "EncryptionConfiguration": {
            "EnableAtRestEncryption": True,
            "EnableInTransitEncryption": True,
            "AtRestEncryptionConfiguration": {
                "S3EncryptionConfiguration": {"EncryptionMode": "SSE-KMS", "AwsKmsKey": "alias/data"},
                "LocalDiskEncryptionConfiguration": {
                    "EncryptionKeyProviderType": "AwsKms",
                    "AwsKmsKey": "alias/data",
                    "EnableEbsEncryption": True,
                },
            },
        }
    }
)
_PARTIAL: Final = json.dumps(
    {
        "EncryptionConfiguration": {
            "EnableAtRestEncryption": True,
            "EnableInTransitEncryption": False,
            "AtRestEncryptionConfiguration": {"S3EncryptionConfiguration": {"EncryptionMode": "SSE-S3"}},
        }
    }
)


def _at_rest(content: Block) -> bool:
    return content.not_true("EncryptionConfiguration.EnableAtRestEncryption")


def _disks(content: Block) -> bool:
    return _at_rest(content) or content.lacks(_DISKS)


def _volumes(content: Block) -> bool:
    return _disks(content) or content.not_true(f"{_DISKS}.EnableEbsEncryption")


def _transit(content: Block) -> bool:
    return content.not_true("EncryptionConfiguration.EnableInTransitEncryption")


def _register(id_: str, title: str, broken: Callable[[Block], bool], control: str, bad: str, remedy: str) -> None:
    def check(configuration: Resource) -> Findings:
        content = parse_json(configuration.get("configuration"))
        if isinstance(content, dict) and broken(Block(content)):
            yield configuration.finding(f"{configuration.label} does not: {title}")

    AREA.rule(
        id_,
        title=title,
        cause="A cluster's disks, shuffles and results hold whole tables.",
        remedy=remedy,
        types=[_TYPE],
        severity="high",
        controls=[control],
        good=[sample(_TYPE, configuration=_COMPLETE)],
        bad=[sample(_TYPE, configuration=bad), sample(_TYPE, configuration="{}")],
    )(check)


_OFF: Final = '{"EncryptionConfiguration": {"EnableAtRestEncryption": false}}'
_register("emr-at-rest", "EMR encrypts at rest", _at_rest, "EMR.3", _OFF, "Set EnableAtRestEncryption to true.")
_register(
    "emr-disks",
    "EMR encrypts local disks",
    _disks,
    "EMR.3",
    _PARTIAL,
    "Add AtRestEncryptionConfiguration.LocalDiskEncryptionConfiguration with a key.",
)
_register(
    "emr-volumes",
    "EMR encrypts EBS volumes",
    _volumes,
    "EMR.3",
    _PARTIAL,
    "Set LocalDiskEncryptionConfiguration.EnableEbsEncryption to true.",
)
_register(
    "emr-in-transit", "EMR encrypts in transit", _transit, "EMR.4", _PARTIAL, "Set EnableInTransitEncryption to true."
)
