"""The stand-in refuses what AWS refuses of arguments that are right one by one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rehearsal.aws import refusals
from rehearsal.aws.refusals import RefusedError, apply_types

if TYPE_CHECKING:
    from conftest import Engine

    from rehearsal.cloud import Json, JsonObject

GROUP = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
FAMILY = "aurora-mysql8.0"


def group(*parameters: Json) -> JsonObject:
    return {"name": "dev-group", "family": FAMILY, "parameters": list(parameters)}


def parameter(name: str, method: str | None) -> JsonObject:
    given: JsonObject = {"name": name, "value": "x"}
    return given | {"applyMethod": method} if method else given


@pytest.mark.parametrize("method", ["immediate", None])
@pytest.mark.parametrize("name", ["tls_version", "ssl_cipher", "binlog_format"])
def test_a_static_parameter_is_not_applied_immediately(engine: Engine, name: str, method: str | None) -> None:
    with pytest.raises(RefusedError, match=f"cannot use immediate apply method for static parameter {name}"):
        engine.create(GROUP, "g", group(parameter("time_zone", "immediate"), parameter(name, method)))
    assert engine.cloud.is_empty()


def test_a_static_parameter_waits_for_a_restart_and_a_dynamic_one_may_too(engine: Engine) -> None:
    accepted = group(parameter("tls_version", "pending-reboot"), parameter("time_zone", "pending-reboot"))
    assert engine.create(GROUP, "g", accepted).id == "dev-group"


def test_an_update_is_refused_like_a_creation(engine: Engine) -> None:
    made = engine.create(GROUP, "g", group(parameter("time_zone", "immediate")))
    with pytest.raises(RefusedError, match="static parameter tls_version"):
        engine.update(made, group(parameter("tls_version", "immediate")))


def test_the_table_says_of_each_parameter_one_thing_and_by_which_source() -> None:
    # A name that stood in two lists would be counted once.
    text = (Path(refusals.__file__).parent / "parameters.toml").read_text(encoding="utf-8")
    kinds = tomllib.loads(text)[FAMILY]
    listed = [name for sources in kinds.values() for names in sources.values() for name in names]
    assert len(listed) == len(apply_types()[FAMILY]) > 0
    explained = {line.split()[2].removesuffix(":") for line in text.splitlines() if line.startswith("# - ")}
    assert {source for sources in kinds.values() for source in sources} == explained
