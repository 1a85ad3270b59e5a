"""Who the caller is."""

from __future__ import annotations

from typing import Any

from rehearsal.account.answers.frame import Answer, Call


def _caller(call: Call) -> dict[str, Any]:
    return {"Account": call.account, "Arn": call.caller_arn, "UserId": "AROAREHEARSAL00000000:rehearsal"}


# STS answers this to everybody: no policy can deny it (API reference, GetCallerIdentity).
ANSWERS = {"sts:GetCallerIdentity": Answer(action=None, reply=_caller)}
