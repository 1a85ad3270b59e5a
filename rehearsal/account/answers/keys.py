"""KMS: keys and aliases that people make by hand, which belong to no stack."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from rehearsal.account.answers.frame import Answer, ApiError, Call
from rehearsal.cloud import CloudObject

_KEY: Final = "kms:Key"
_ALIAS: Final = "kms:Alias"
_ALIAS_OF_A_PROGRAM: Final = "aws:kms/alias:Alias"
_PROVIDER: Final = "account"


def _make(call: Call) -> dict[str, Any]:
    count = len(call.cloud.list(_KEY, location=call.region, provider=_PROVIDER))
    digits = hashlib.sha256(f"{call.account} {call.region} {count}".encode()).hexdigest()
    key = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"
    arn, description = call.arn("kms", f"key/{key}"), call.text("Description")
    call.cloud.create(
        CloudObject(
            provider=_PROVIDER,
            type=_KEY,
            location=call.region,
            id=key,
            properties={"arn": arn, "description": description},
            references=(arn,),
        )
    )
    made = {"KeyId": key, "Arn": arn, "Description": description, "KeyState": "Enabled", "Enabled": True}
    return {"KeyMetadata": made | {"CreationDate": datetime.now(UTC)}}


def _name(call: Call) -> dict[str, Any]:
    alias, target = call.text("AliasName"), call.text("TargetKeyId").rsplit("/", 1)[-1]
    own = call.cloud.get(_KEY, target, location=call.region, provider=_PROVIDER)
    if own is None and not call.cloud.find(target):
        raise ApiError("NotFoundException", f"Key '{call.arn('kms', f'key/{target}')}' does not exist")
    taken = call.one(_ALIAS_OF_A_PROGRAM, "name", alias)
    if taken or call.cloud.get(_ALIAS, alias, location=call.region, provider=_PROVIDER):
        arn = call.arn("kms", alias)
        raise ApiError("AlreadyExistsException", f"An alias with the name {arn} already exists")
    call.cloud.create(
        CloudObject(provider=_PROVIDER, type=_ALIAS, location=call.region, id=alias, properties={"targetKeyId": target})
    )
    return {}


ANSWERS = {
    "kms:CreateKey": Answer(action="kms:CreateKey", reply=_make),
    "kms:CreateAlias": Answer(
        action="kms:CreateAlias", reply=_name, resource=lambda call: call.arn("kms", call.text("AliasName"))
    ),
}
