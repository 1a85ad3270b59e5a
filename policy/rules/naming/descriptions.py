"""Descriptions: what a key, a secret or a function is for, said where it is found.

Owns the rule on resources whose name alone does not tell; security groups have a rule of their own.
"""

from __future__ import annotations

from policy.frame.demands import demand, given

from . import AREA

demand(
    AREA,
    "purpose-described",
    ["kms/key", "secretsmanager/secret", "lambda/function"],
    "Keys, secrets and functions say what they are for",
    wants=[given("description", "Encrypts the orders of the pay service")],
    cause="Nobody dares to remove a key or a secret whose purpose is unknown, and so both live for ever.",
    remedy="Set description.",
    severity="low",
    controls=["Pulumi kms-key-missing-description", "Pulumi secretsmanager-secret-missing-description"],
)
