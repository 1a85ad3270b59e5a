"""What the engine tests share: the toolchain, made once, and rehearsals of the small programs in `programs/`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from rehearsal.session import Rehearsal
from rehearsal.toolchain import Toolchain, prepare_toolchain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.project_files import Yaml

_HERE = Path(__file__).parent


class Rehearse(Protocol):
    """Makes the rehearsal of a small program."""

    def __call__(self, program: str, *, pack: str | None = None, config: Mapping[str, Yaml] | None = None) -> Rehearsal:
        """Name a folder of `programs/` and, if wanted, one of `packs/`."""
        ...


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return prepare_toolchain()


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
