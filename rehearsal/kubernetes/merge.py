"""Applying a manifest to a live object, as server-side apply does for one field manager.

Owns the rule: fields that the program set before and no longer sets are removed; fields that others added stay.
Lists are taken as one value: good enough where nobody else writes into them, which holds in the simulated cloud.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.cloud import Json, JsonObject


def merge(live: JsonObject, old: JsonObject, new: JsonObject) -> JsonObject:
    """The live object after the program's manifest changed from `old` to `new`."""
    result: JsonObject = {}
    for key, value in live.items():
        given_up = old.get(key) if key not in new else None
        # Of a map that the program gave up, what others have put into it stays.
        left = merge(value, given_up, {}) if isinstance(value, dict) and isinstance(given_up, dict) else None
        if left or key in new or key not in old:
            result[key] = left or deepcopy(value)
    for key, value in new.items():
        before, asked = live.get(key), old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            result[key] = merge(before, asked if isinstance(asked, dict) else {}, value)
        else:
            result[key] = deepcopy(value)
    return result


def prune(live: Json, shape: Json) -> Json:
    """The live value reduced to the fields that `shape` has: what of it the program asked for."""
    if isinstance(live, dict) and isinstance(shape, dict):
        return {key: prune(live[key], part) for key, part in shape.items() if key in live}
    if isinstance(live, list) and isinstance(shape, list) and len(live) == len(shape):
        return [prune(*pair) for pair in zip(live, shape, strict=True)]
    return live
