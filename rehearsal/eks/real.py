"""The API server behind an EKS cluster when the rehearsal runs real ones (FASTORDER_KUBERNETES=real).

Owns the moment at which it starts: when everything about the cluster is known, so in an update, never in a first
preview. Starting takes seconds and happens in a thread, so both clusters of the program start at once.
"""

from __future__ import annotations

import asyncio
import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from rehearsal.cloud import FOLDER_VARIABLE
from rehearsal.controlplane.lifecycle import ensure, place_of
from rehearsal.eks.kubeconfig import kubeconfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.cloud import JsonObject

_KIND_VARIABLE = "FASTORDER_KUBERNETES"
_DEFAULT_SERVICE_RANGE = "10.100.0.0/16"


def is_real() -> bool:
    """Whether clusters have API servers in this rehearsal."""
    return os.environ.get(_KIND_VARIABLE) == "real"


async def running_cluster(
    *,
    name: str,
    version: str,
    region: str,
    service_range: str | None,
    credentials: Mapping[str, str],
    with_profile: bool,
) -> JsonObject:
    """The kubeconfig of a cluster, which runs when this returns (not in a preview). Raises `ClusterFailedError`."""
    place = place_of(Path(os.environ[FOLDER_VARIABLE]), name)
    if not pulumi.runtime.is_dry_run():
        await asyncio.to_thread(
            ensure,
            place,
            name=name,
            version=version,
            region=region,
            service_range=service_range or _DEFAULT_SERVICE_RANGE,
        )
    return kubeconfig(
        cluster=name,
        endpoint=place.endpoint,
        region=region,
        certificate=base64.b64encode(place.keys.certificate("ca").read_bytes()).decode(),
        credentials=credentials,
        with_profile=with_profile,
    )
