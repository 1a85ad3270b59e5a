"""What AWS refuses although every single argument is right: one small rule for each type that needs it.

Owns combinations of arguments. Does not own limits of single values (`limits.py`), what other objects forbid
(`world.py`) or what stands in the way of a deletion (`endings.py`). Facts are data: the tables beside this module name
their sources.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.cloud import JsonObject


class RefusedError(Exception):
    """The API refuses; the message reads like AWS's own, error code first."""


_PARAMETERS = Path(__file__).parent / "parameters.toml"


def combination_refusal(token: str, inputs: JsonObject) -> str | None:
    """Why AWS refuses these arguments of a type, in its own words and with its error code; None when it takes them."""
    rule = _RULES.get(token)
    return rule(inputs) if rule else None


@cache
def apply_types() -> Mapping[str, Mapping[str, str]]:
    """How RDS applies each parameter that is known, `static` or `dynamic`, by family and name."""
    table = tomllib.loads(_PARAMETERS.read_text(encoding="utf-8"))
    return {
        family: {name: kind for kind, sources in kinds.items() for names in sources.values() for name in names}
        for family, kinds in table.items()
    }


def _parameter_group(inputs: JsonObject) -> str | None:
    known = apply_types().get(str(inputs.get("family")), {})
    parameters = inputs.get("parameters")
    for one in parameters if isinstance(parameters, list) else []:
        # Whoever names no method gets the provider's default, `immediate`.
        if not isinstance(one, dict) or (one.get("applyMethod") or "immediate") != "immediate":
            continue
        if known.get(str(one.get("name"))) == "static":
            return (
                "InvalidParameterCombination: cannot use immediate apply method for static parameter "
                f"{one.get('name')}: write pending-reboot"
            )
    return None


_RULES: Mapping[str, Callable[[JsonObject], str | None]] = {
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _parameter_group,
    "aws:rds/parameterGroup:ParameterGroup": _parameter_group,
}
