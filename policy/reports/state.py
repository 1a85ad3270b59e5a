"""An exported stack (`pulumi stack export`) as the records that the runner takes.

Owns reading the state file's form. A secret in it is sealed and therefore not known, not absent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_URN_PARTS: Final = 4


class StateError(ValueError):
    """The text is no stack export; the message says what is missing."""


def records(text: str) -> list[dict[str, Any]]:
    """Return the resources of a stack export, in its order.

    Raises:
        StateError: The text is not JSON or has no deployment.
    """
    try:
        document: Any = json.loads(text)
        resources = cast("list[dict[str, Any]]", document["deployment"].get("resources") or [])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = "not a stack export: expected the output of `pulumi stack export`, with deployment.resources"
        raise StateError(msg) from error
    return [_record(resource) for resource in resources if not resource.get("delete")]


def _record(resource: Mapping[str, Any]) -> dict[str, Any]:
    urn = str(resource["urn"])
    inputs = _known(resource.get("inputs") or {})
    outputs = _known(resource.get("outputs") or {})
    if resource.get("id"):
        outputs.setdefault("id", resource["id"])
    return {
        "type": resource["type"],
        "name": urn.rsplit("::", maxsplit=1)[-1],
        "urn": urn,
        "inputs": {key: value for key, value in inputs.items() if key != "__defaults"},
        "outputs": {**inputs, **outputs},
        "propertyDependencies": resource.get("propertyDependencies") or {},
        "parent": resource.get("parent") or "",
        "protect": bool(resource.get("protect")),
    }


def _known(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape in, the same shape out
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        if _SIGNATURE in mapping:
            return UNKNOWN_STRING_VALUE
        return {key: _known(item) for key, item in mapping.items()}
    if isinstance(value, list):
        return [_known(item) for item in cast("list[Any]", value)]
    return value
