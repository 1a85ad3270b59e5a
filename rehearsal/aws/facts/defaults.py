"""Completes arguments with the provider's defaults inside their blocks.

Owns the defaults of nested arguments, which hold wherever their block is given. Those of a type's own arguments are
added when the arguments are checked (`rehearsal/aws/arguments.py`), because Pulumi shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.aws.facts.grammar import Plain, TypeFacts
    from rehearsal.cloud import Json, JsonObject


def completed(facts: TypeFacts, inputs: JsonObject) -> JsonObject:
    """The arguments with all defaults of nested ones; the originals are not touched."""
    result: JsonObject = dict(inputs)
    for path, argument in facts.arguments.items():
        step, _, rest = path.partition(".")
        name = step.removesuffix("[]")
        if rest and argument.default is not None and name in result:
            result[name] = _filled(result[name], step, rest, argument.default)
    return result


def _filled(value: Json, step: str, rest: str, default: Plain) -> Json:
    if step.endswith("[]"):
        return [_filled(one, step[:-2], rest, default) for one in value] if isinstance(value, list) else value
    if not isinstance(value, dict):
        return value
    following, _, deeper = rest.partition(".")
    name = following.removesuffix("[]")
    if not deeper:
        return value if value.get(name) is not None else {**value, name: default}
    return {**value, name: _filled(value[name], following, deeper, default)} if name in value else value
