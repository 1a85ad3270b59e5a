"""KMS keys themselves: rotated, alive, hard to lose and found by an alias.

Owns the rules on keys; whether services may use them is `key_users.py`'s, whom a key policy lets in too widely the
resource-policy rules'.
"""

from __future__ import annotations

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA

_SYMMETRIC = ("SYMMETRIC_DEFAULT", None)


@AREA.rule(
    "kms-key-rotation",
    title="Symmetric keys rotate",
    cause="A key that never rotates encrypts years of data with one piece of key material.",
    remedy="Set enable_key_rotation=True.",
    types=["kms/key"],
    controls=["KMS.4", "cdk-nag KMS5", "AWSGuard cmk-backing-key-rotation-enabled"],
    good=[
        sample("kms/key", enableKeyRotation=True),
        sample("kms/key", keyUsage="SIGN_VERIFY", customerMasterKeySpec="ECC_NIST_P256"),
    ],
    bad=[sample("kms/key", description="data"), sample("kms/key", enableKeyRotation=False)],
)
def kms_key_rotation(key: Resource) -> Findings:
    """Asymmetric and HMAC keys cannot rotate by themselves and are left out."""
    symmetric = key.is_known("customerMasterKeySpec") and key.text("customerMasterKeySpec") in _SYMMETRIC
    encrypts = key.text("keyUsage") in ("ENCRYPT_DECRYPT", None) and key.lacks("customKeyStoreId")
    if symmetric and encrypts and key.not_true("enableKeyRotation"):
        yield key.finding(f"{key.label} does not rotate: enableKeyRotation is not true")


@AREA.rule(
    "kms-key-survives",
    title="Keys are enabled and their deletion can be stopped in time",
    cause="A deleted key makes every backup that it encrypted unreadable, for ever; the window is the time to notice.",
    remedy="Leave is_enabled at true and set deletion_window_in_days to 30.",
    types=["kms/key", "kms/replicaKey", "kms/externalKey"],
    severity="high",
    controls=["FSBP KMS.3"],
    settings={"minimumDays": 14},
    good=[sample("kms/key", deletionWindowInDays=30), sample("kms/key", description="the default window is 30 days")],
    bad=[sample("kms/key", deletionWindowInDays=7), sample("kms/key", isEnabled=False)],
)
def kms_key_survives(key: Resource, run: Run) -> Findings:
    """Compare the window with the setting `minimumDays`; without a window AWS waits 30 days."""
    for switch in ("isEnabled", "enabled"):
        if key.is_false(switch):
            yield key.finding(f"{key.label} is disabled: what it encrypted cannot be read")
    window, minimum = key.number("deletionWindowInDays"), run.number("minimumDays")
    if window is not None and window < minimum:
        yield key.finding(f"{key.label} can be lost in {window:.0f} days, the least is {minimum:.0f}")


@AREA.rule(
    "kms-key-has-alias",
    title="Every key has an alias",
    cause="Key identifiers are random: without an alias neither people nor conditions (kms:ResourceAliases) can tell "
    "keys apart, and a replaced key must be found in every user.",
    remedy="Add a kms.Alias whose target_key_id is the key.",
    types=["kms/key"],
    severity="low",
    scope="stack",
    good=[(sample("kms/key", "data"), sample("kms/alias", "data-alias", targetKeyId=Ref("data", "keyId")))],
    bad=[
        (sample("kms/key", "data"),),
        (sample("kms/key", "data"), sample("kms/key", "logs"), sample("kms/alias", "alias", targetKeyId=Ref("logs"))),
    ],
)
def kms_key_has_alias(key: Resource, run: Run) -> Findings:
    """Look for an alias that points here."""
    if run.stack.lacks_side(key, "kms/alias", "targetKeyId"):
        yield key.finding(f"{key.label} has no alias")


@AREA.rule(
    "kms-key-policy-defined",
    title="Every key has a policy of its own",
    cause="The default policy lets whatever IAM policy of the account decide who decrypts.",
    remedy="Set policy, or add a kms.KeyPolicy.",
    types=["kms/key"],
    severity="low",
    scope="stack",
    good=[
        (sample("kms/key", "data"), sample("kms/keyPolicy", "data", keyId=Ref("data"), policy="{}")),
        sample("kms/key", policy='{"Version": "2012-10-17", "Statement": []}'),
    ],
    bad=[sample("kms/key", description="data at rest")],
)
def kms_key_policy_defined(key: Resource, run: Run) -> Findings:
    """Look for the policy in either place."""
    if key.lacks("policy") and run.stack.lacks_side(key, "kms/keyPolicy", "keyId"):
        yield key.finding(f"{key.label} has the default policy")
