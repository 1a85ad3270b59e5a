"""A release in each offered Kubernetes version, in a cluster that is upgraded from one to the next.

Each version costs a build of some minutes once, so a plain run takes the stacks' own version; `make test-versions`
(FASTORDER_VERSIONS=1.36,1.35) takes all.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.controlplane.build import DEFAULT_VERSION, RELEASES, find_or_build_control_plane
from rehearsal.controlplane.lifecycle import clusters, place_of
from rehearsal.kubernetes.api import Api
from rehearsal.plugins import Kubernetes
from rehearsal.session import Rehearsal

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from rehearsal.toolchain import Toolchain

_VERSIONS = os.environ.get("FASTORDER_VERSIONS", DEFAULT_VERSION).split(",")
_PROGRAM = Path(__file__).parent / "programs" / "workload"

pytestmark = [pytest.mark.clusters, pytest.mark.timeout(1800)]


def test_a_release_is_installed_and_survives_the_upgrade_to_each_later_version(
    real_toolchain: Toolchain, tmp_path: Path
) -> None:
    rehearsal = Rehearsal(
        project=_PROGRAM, stack="test", home=tmp_path, toolchain=real_toolchain, kubernetes=Kubernetes.REAL
    )
    for number, version in enumerate(sorted(_VERSIONS), start=1):
        find_or_build_control_plane(version)
        rehearsal.config = {"version": version, "replicas": number}
        assert rehearsal.up().errors == []
        status = cast("JsonObject", rehearsal.outputs()["status"])
        assert (status["status"], status["revision"]) == ("deployed", number)
        with clusters(rehearsal.cloud):
            api = Api(place_of(rehearsal.cloud, "small").configuration("admin"))
            assert api.get("/version")["gitVersion"] == f"v{RELEASES[version]}"
