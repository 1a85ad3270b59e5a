"""From a notification of SNS to a message of Slack.

Owns the wording and the color for each kind of sender: alarms, events of RDS, findings and other events of EventBridge,
cost anomalies, and anything else as its plain text. A sender that changes its form must not silence itself: whatever
is not understood is passed on as it came, cut to Slack's limits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

Json: TypeAlias = Mapping[str, Any]

_BAD: Final = "#d40e0d"
_GOOD: Final = "#2eb67d"
_NOTICE: Final = "#ecb22e"
_TITLE_LIMIT: Final = 150
"""Characters of a header block."""
_TEXT_LIMIT: Final = 3000
"""Characters of a section block."""
_SEVERE: Final = 7.0
"""GuardDuty calls findings from here on high."""
_STATES: Final = {"ALARM": _BAD, "OK": _GOOD}


@dataclass(frozen=True)
class _Said:
    title: str
    text: str
    color: str = _NOTICE


def slack_message(notification: Json) -> dict[str, Any]:
    """Return the body of a webhook call for one notification, the `Sns` part of a Lambda event's record."""
    said = _understand(notification)
    title = _cut(" ".join(said.title.split()) or "Notification", _TITLE_LIMIT)
    return {
        # Shown in the phone's notification.
        "text": _escape(title),
        "attachments": [
            {
                "color": said.color,
                "blocks": [
                    {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}},
                    {
                        "type": "section",
                        "text": {"type": "mrkdwn", "text": _cut(_escape(said.text) or "-", _TEXT_LIMIT)},
                    },
                ],
            }
        ],
    }


def _understand(notification: Json) -> _Said:
    text = str(notification.get("Message") or "")
    said: Json = {}
    with suppress(ValueError, RecursionError):
        said = _object(json.loads(text))
    for known, speak in (
        ("NewStateValue", _alarm),
        ("Event Message", _database_event),
        ("detail-type", _event),
        ("anomalyId", _anomaly),
    ):
        if known in said:
            return speak(said)
    return _Said(str(notification.get("Subject") or "Notification"), text)


def _alarm(said: Json) -> _Said:
    state = str(said["NewStateValue"])
    lines = [
        str(said.get("AlarmDescription") or ""),
        str(said.get("NewStateReason") or ""),
        # Of a composite alarm: what it speaks for.
        *(f"• {_child(child)}" for child in _objects(said.get("TriggeringChildren"))),
    ]
    title = f"{state}: {said.get('AlarmName') or 'alarm'}"
    return _Said(title, _paragraph(lines, said.get("Region")), _STATES.get(state, _NOTICE))


def _child(child: Json) -> str:
    name = str(child.get("Arn") or "?").rpartition(":")[2]
    return f"{name} {_object(child.get('State')).get('Value') or ''}".rstrip()


def _database_event(said: Json) -> _Said:
    title = f"RDS: {said.get('Source ID') or 'database'}"
    return _Said(title, _paragraph([str(said["Event Message"])], said.get("Event Time")))


def _event(said: Json) -> _Said:
    detail = _object(said.get("detail"))
    # Security Hub sends a list of findings, GuardDuty and Inspector one.
    found = next(iter(_objects(detail.get("findings"))), detail)
    title = f"{said['detail-type']}: {found.get('title') or found.get('Title') or 'no title'}"
    text = str(found.get("description") or found.get("Description") or json.dumps(found, indent=1))
    where = f"{said.get('source', '?')}, {said.get('account', '?')}, {said.get('region', '?')}"
    return _Said(title, _paragraph([text], where), _BAD if _severe(found) else _NOTICE)


def _severe(found: Json) -> bool:
    severity = found.get("severity", found.get("Severity"))
    label = _object(severity).get("Label", severity)
    if isinstance(label, int | float):
        return label >= _SEVERE
    return str(label).upper() in ("HIGH", "CRITICAL")


def _anomaly(said: Json) -> _Said:
    amount = _object(said.get("impact")).get("totalImpact")
    service = str(said.get("dimensionalValue") or "the account")
    lines = [f"{service} costs {amount} USD more than usual", str(said.get("anomalyDetailsLink") or "")]
    return _Said(f"Cost anomaly: {service}", _paragraph(lines, said.get("accountId")))


def _object(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    return [_object(one) for one in cast("list[object]", value)] if isinstance(value, list) else []


def _paragraph(lines: Sequence[str], footer: object) -> str:
    return "\n".join([*(line for line in lines if line), *([f"({footer})"] if footer else [])])


def _escape(text: str) -> str:
    """Take the three characters by which Slack knows markup, so that no message can mention or link on its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
