"""Which resource types a region has.

Owns the reading of the lists of types that CloudFormation registers in each region, which cfn-lint ships. The lists can
only tell of types that CloudFormation has, and it has many in its first few regions years before the others, whatever
their service offers there (`AWS::EC2::SubnetCidrReservation`, `AWS::AccessAnalyzer::ArchiveRule`). So a region lacks
what most others have; anything else is taken to be everywhere. Does not own the schemas' content (`replacement.py`).
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERYTHING = "us-east-1"
"""The region in which AWS offers a type first, and the only one for some."""


def offered(type_name: str, region: str) -> bool:
    """Whether a region has a CloudFormation type; of a type or a region that no list knows nothing is refused."""
    if not type_name or not _list(region).is_file() or type_name in types(region):
        return True
    others = _regions()
    return 2 * sum(type_name in types(one) for one in others) <= len(others)


@cache
def types(region: str) -> Mapping[str, str]:
    """The types of a region, with the names of their schemas' files."""
    found: dict[str, str] = json.loads(_list(region).read_text(encoding="utf-8"))
    return found


@cache
def schemas() -> Path:
    """The folder of cfn-lint's schemas; raises `ModuleNotFoundError` with the fix when it is not installed."""
    spec = importlib.util.find_spec("cfnlint")
    if spec is None or spec.origin is None:
        message = "the Python package cfn-lint is not installed: install requirements-dev.txt"
        raise ModuleNotFoundError(message)
    return Path(spec.origin).parent / "data" / "schemas"


@cache
def _regions() -> tuple[str, ...]:
    return tuple(file.stem for file in _list(EVERYTHING).parent.glob("*-*-*.json"))


def _list(region: str) -> Path:
    return schemas() / "providers" / f"{region}.json"
