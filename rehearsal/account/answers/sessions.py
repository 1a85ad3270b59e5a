"""Session Manager: sessions on instances, which people open to forward a port.

A session takes the right to both the instance and the document, each with keys of its own (Systems Manager user guide,
"Sample IAM policies for Session Manager"); so the rights are asked here, not by the table.
"""

from __future__ import annotations

from typing import Any, Final

from rehearsal.account.answers.frame import Answer, ApiError, Call
from rehearsal.account.permission import permit

_INSTANCE: Final = "aws:ec2/instance:Instance"
_DOCUMENT: Final = "aws:ssm/document:Document"
_OF_AWS: Final = "AWS-"
_DENIED: Final = 400


def _start(call: Call) -> dict[str, Any]:
    target, document = call.text("Target"), call.text("DocumentName")
    instance = call.cloud.get(_INSTANCE, target, location=call.region)
    if instance is None:
        raise ApiError("TargetNotConnected", f"{target} is not connected.")
    if not document.startswith(_OF_AWS) and call.one(_DOCUMENT, "name", document) is None:
        raise ApiError("InvalidDocument", f"Document with name {document} does not exist.")
    owner = "" if document.startswith(_OF_AWS) else call.account
    given = instance.properties.get("tags")
    tags = {f"ssm:resourceTag/{key}": str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    for resource, known in (
        (call.arn("ec2", f"instance/{target}"), tags),
        (
            f"arn:aws:ssm:{call.region}:{owner}:document/{document}",
            # A session that names its document is checked against it.
            {"ssm:SessionDocumentAccessCheck": "true"},
        ),
    ):
        if reason := permit(call.cloud, "ssm:StartSession", resource, call.region, known):
            raise ApiError("AccessDeniedException", reason, _DENIED)
    stream = f"wss://ssmmessages.{call.region}.amazonaws.com/v1/data-channel/rehearsal"
    return {"SessionId": "rehearsal", "TokenValue": "token-of-the-rehearsal", "StreamUrl": stream}


ANSWERS = {
    "ssm:StartSession": Answer(action=None, reply=_start),
}
