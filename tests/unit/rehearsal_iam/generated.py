"""Policies and requests by the thousand, the same on every machine, for a comparison with another evaluator.

`verdicts.txt` holds a letter per case (Allowed, Explicitly or Implicitly denied) from `@cloud-copilot/iam-simulate`
0.1.173, which `verdicts.mjs` asks; `python -m tests.unit.rehearsal_iam.generated` writes the cases for it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from random import Random
from typing import Any, Final, TypeVar

T = TypeVar("T")

COUNT: Final = 4000
_ACCOUNT: Final = "111111111111"
_RESOURCES: Final = {
    "s3:GetObject": ["arn:aws:s3:::b-a/x", "arn:aws:s3:::b-a/x:y/z"],
    "s3:PutObject": ["arn:aws:s3:::b-a/x"],
    "s3:ListBucket": ["arn:aws:s3:::b-a", "arn:aws:s3:::team-blue"],
    "sns:Publish": [f"arn:aws:sns:eu-west-1:{_ACCOUNT}:topic"],
    "iam:PassRole": [f"arn:aws:iam::{_ACCOUNT}:role/dev-x", f"arn:aws:iam::{_ACCOUNT}:role/p/dev-x"],
    "ec2:RunInstances": [f"arn:aws:ec2:eu-west-1:{_ACCOUNT}:instance/i-0"],
}
_ACTIONS: Final = [
    *["*", "s3:*", "s3:Get*", "s3:getobject", "s3:?etObject", "S3:GetObject", "sns:*", "sns:Pub*", "iam:Pass*"],
    *["ec2:*", "ec2:Describe*", "ec2:Run*", "s3:List*", "s3:PutObject"],
]
_PATTERNS: Final = [
    *["*", "arn:aws:s3:::b-a/*", "arn:aws:s3:::b-?", "arn:aws:s3:::*", "arn:aws:s3:::b-a/x", "arn:aws:s3:::b-a/*/z"],
    *["arn:aws:s3:::team-${aws:PrincipalTag/team}", "arn:aws:s3:::${aws:PrincipalTag/none}*"],
    *["arn:aws:s3:::b-${aws:PrincipalTag/none, 'a'}*", f"arn:aws:sns:*:{_ACCOUNT}:to*", "arn:aws:iam::*:role/dev-*"],
    *[f"arn:aws:iam::{_ACCOUNT}:role/*", "arn:aws:iam::1*1:role/*x", "arn:aws:ec2:*:*:instance/*"],
    *[f"arn:aws:ec2:eu-*:{_ACCOUNT}:instance/*", f"arn:aws:ec2:eu*1:{_ACCOUNT}:instance/i-0"],
]
_VALUES: Final = {
    "aws:PrincipalTag/team": ["blue", "Blue", "red*", "bl*"],
    "aws:RequestedRegion": ["eu-west-1", "eu-west-2", "eu-*", "us-east-1"],
    "aws:TagKeys": ["a", "b", "c", "A"],
    "aws:SourceIp": ["10.0.0.1", "10.0.0.0/8", "192.168.1.0/24", "10.1.0.0/16"],
    "aws:CurrentTime": ["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    "aws:MultiFactorAuthAge": ["10", "100", "99"],
    "aws:SecureTransport": ["true", "false"],
    "aws:SourceArn": [f"arn:aws:sns:eu-west-1:{_ACCOUNT}:t", f"arn:aws:sns:*:{_ACCOUNT}:*", "arn:aws:s3:::*"],
    "aws:RequestTag/env": ["dev", "prod", "d*"],
}
_VARIABLES: Final = ["${aws:PrincipalTag/team}", "${aws:PrincipalTag/none}", "${aws:PrincipalTag/none, 'dev'}"]
_ORDERS: Final = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
_OPERATORS: Final = {
    "aws:SourceIp": ["IpAddress", "NotIpAddress"],
    "aws:CurrentTime": [f"Date{order}" for order in _ORDERS],
    "aws:MultiFactorAuthAge": [f"Numeric{order}" for order in _ORDERS],
    "aws:SecureTransport": ["Bool"],
    "aws:SourceArn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
}
_OF_TEXTS: Final = [
    *["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"],
    *["StringLike", "StringNotLike"],
]


class Dice:
    """Chance by `Random.random` alone, whose numbers Python promises to keep."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def happens(self, chance: float) -> bool:
        return self._random.random() < chance

    def one(self, items: Sequence[T]) -> T:
        return items[int(self._random.random() * len(items))]

    def some(self, items: Sequence[T], most: int = 3) -> list[T]:
        left = list(items)
        count = 1 + int(self._random.random() * min(most, len(left)))
        return [left.pop(int(self._random.random() * len(left))) for _ in range(count)]


def cases(count: int = COUNT) -> list[dict[str, Any]]:
    dice = Dice(11)
    return [_case(dice) for _ in range(count)]


def _case(dice: Dice) -> dict[str, Any]:
    action = dice.one(list(_RESOURCES))
    resource = dice.one(_RESOURCES[action])
    return {
        "action": action,
        "resource": resource,
        "context": _context(dice),
        "policies": [_document(dice, action, resource) for _ in range(1 + dice.happens(0.5))],
        "boundary": _document(dice, action, resource) if dice.happens(0.4) else None,
    }


def _context(dice: Dice) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, values in _VALUES.items():
        whole = [value for value in values if "*" not in value and "/" not in value]
        if dice.happens(0.55):
            found[key] = dice.some(whole) if key == "aws:TagKeys" else dice.one(whole)
    return found


def _document(dice: Dice, action: str, resource: str) -> dict[str, Any]:
    statements = [_statement(dice, action, resource) for _ in range(dice.one([1, 2, 3]))]
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(dice: Dice, action: str, resource: str) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": "Allow" if dice.happens(0.75) else "Deny"}
    if dice.happens(0.12):
        found["NotAction"] = dice.some(_ACTIONS)
    else:
        found["Action"] = dice.some(_ACTIONS) + ([action] if dice.happens(0.5) else [])
    if dice.happens(0.12):
        found["NotResource"] = dice.some(_PATTERNS)
    else:
        found["Resource"] = dice.some(_PATTERNS, 2) + ([resource] if dice.happens(0.3) else [])
    if dice.happens(0.6):
        found["Condition"] = _condition(dice)
    return found


def _condition(dice: Dice) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in dice.some(list(_VALUES), 2):
        if dice.happens(0.12):
            found.setdefault("Null", {})[key] = dice.one(["true", "false"])
            continue
        operator, values = dice.one(_OPERATORS.get(key, _OF_TEXTS)), dice.some(_VALUES[key])
        if operator in _OF_TEXTS and dice.happens(0.15):
            values.append(dice.one(_VARIABLES))
        if key == "aws:TagKeys":
            operator = dice.one(["ForAllValues:", "ForAnyValue:"]) + operator
        if dice.happens(0.2):
            operator += "IfExists"
        found.setdefault(operator, {})[key] = values[0] if key == "aws:SecureTransport" else values
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(cases()))
