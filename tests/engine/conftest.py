"""What the engine tests share: the toolchain, made once, and rehearsals of the small programs in `programs/`."""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from rehearsal.plugins import Kubernetes
from rehearsal.session import Rehearsal
from rehearsal.toolchain import Toolchain, prepare_toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.project_files import Yaml

_HERE = Path(__file__).parent
_CHECKOUT = _HERE.parents[1]


class Rehearse(Protocol):
    """Makes the rehearsal of a small program."""

    def __call__(self, program: str, *, pack: str | None = None, config: Mapping[str, Yaml] | None = None) -> Rehearsal:
        """Name a folder of `programs/` and, if wanted, one of `packs/`."""
        ...


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return prepare_toolchain()


@pytest.fixture(scope="session")
def real_toolchain() -> Toolchain:
    """With a control plane for real Kubernetes API servers, which takes minutes to build when it is not cached."""
    return prepare_toolchain(Kubernetes.REAL)


@pytest.fixture
def rehearse(toolchain: Toolchain, tmp_path: Path) -> Rehearse:
    def make(program: str, *, pack: str | None = None, config: Mapping[str, Yaml] | None = None) -> Rehearsal:
        return Rehearsal(
            project=_HERE / "programs" / program,
            stack="test",
            home=tmp_path / program,
            toolchain=toolchain,
            policy_pack=_HERE / "packs" / pack if pack else None,
            config=config or {},
        )

    return make


class RehearseStack(Protocol):
    """Makes the rehearsal of one of the project's own stacks, with the project's policy pack."""

    def __call__(self, stack: str, *, as_deployer: bool = False) -> Rehearsal:
        """Name a stack of the project, and whether the role deploys that bootstrap makes, or an administrator."""
        ...


@pytest.fixture(scope="module")
def rehearse_stack(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> RehearseStack:
    def make(stack: str, *, as_deployer: bool = False) -> Rehearsal:
        rehearsal = Rehearsal(
            project=_CHECKOUT,
            stack=stack,
            home=tmp_path_factory.mktemp(stack),
            toolchain=toolchain,
            policy_pack=_CHECKOUT / "policy",
        )
        if not as_deployer:
            return rehearsal
        foundations = replace(
            rehearsal, project=_CHECKOUT / "bootstrap", home=rehearsal.home / "bootstrap", policy_pack=None
        ).up()
        assert foundations.errors == []
        return replace(rehearsal, caller=f"{stack}-common-role-deployer-01", calls=rehearsal.home / "calls.jsonl")

    return make


class CompareGraph(Protocol):
    """Compares a stack's resource graph with the committed one."""

    def __call__(self, stack: str, drawn: str) -> None:
        """Fail with the lines that differ."""
        ...


@pytest.fixture
def compare_graph() -> CompareGraph:
    """Compare with `snapshots/<stack>.txt`; `make snapshots` rewrites the file instead, for review in its diff."""

    def compare(stack: str, drawn: str) -> None:
        snapshot = _HERE / "snapshots" / f"{stack}.txt"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            snapshot.write_text(drawn)
            return
        lines = difflib.unified_diff(
            snapshot.read_text().splitlines(), drawn.splitlines(), "committed", "now", lineterm=""
        )
        difference = "\n".join(lines)
        assert difference == "", f"if this is wanted, run `make snapshots` and commit the file:\n{difference}"

    return compare
