"""How the tests are spread over worker processes.

Each worker gets whole files, and whole folders below tests/workloads: the tests of such a folder share running
processes, and two workers would start them twice.
"""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadFileScheduling  # pyright: ignore[reportMissingTypeStubs]

if TYPE_CHECKING:
    from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs]

_SHARED = PurePosixPath("tests/workloads")


class ByFileOrSharedFolder(LoadFileScheduling):
    """xdist's `loadfile`, but for folders whose tests share processes."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.partition("::")[0])
        return str(file.parent) if file.parent.parent == _SHARED else str(file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> ByFileOrSharedFolder:
    return ByFileOrSharedFolder(config, log)
