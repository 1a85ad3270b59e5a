"""Secrets Manager: secrets that people make by hand. Their values are not kept: nothing in a rehearsal needs one."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from rehearsal.account.answers.frame import Answer, ApiError, Call
from rehearsal.cloud import CloudObject

_PROVIDER: Final = "account"
_SECRET: Final = "secretsmanager:Secret"  # noqa: S105 (a type's name)


def _arn(call: Call) -> str:
    name = call.text("Name") or call.text("SecretId")
    # The service adds a hyphen and six characters.
    return call.arn("secretsmanager", f"secret:{name}-{hashlib.sha256(name.encode()).hexdigest()[:6]}")


def _create(call: Call) -> dict[str, Any]:
    name = call.text("Name")
    if call.cloud.get(_SECRET, name, location=call.region, provider=_PROVIDER):
        raise ApiError("ResourceExistsException", f"The operation failed because the secret {name} already exists.")
    call.cloud.create(
        CloudObject(
            provider=_PROVIDER, type=_SECRET, location=call.region, id=name, properties={"key": call.text("KmsKeyId")}
        )
    )
    return {"ARN": _arn(call), "Name": name}


def _describe(call: Call) -> dict[str, Any]:
    name = call.text("SecretId")
    found = call.cloud.get(_SECRET, name, location=call.region, provider=_PROVIDER)
    if found is None:
        raise ApiError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    return {"ARN": _arn(call), "Name": name, "KmsKeyId": str(found.properties["key"])}


ANSWERS = {
    "secretsmanager:CreateSecret": Answer(action="secretsmanager:CreateSecret", reply=_create, resource=_arn),
    "secretsmanager:DescribeSecret": Answer(action="secretsmanager:DescribeSecret", reply=_describe, resource=_arn),
}
