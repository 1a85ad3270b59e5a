"""What Helm takes and gives: a chart, what is wanted of a release, and the revision that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject


class ReleaseFailedError(Exception):
    """Helm gave up, and a release with status `failed` stays in the cluster."""

    def __init__(self, message: str, record: Record) -> None:
        super().__init__(message)
        self.record = record


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart that was found: `location` is its folder, archive or name in a repository."""

    location: str
    name: str
    version: str
    app_version: str
    repository: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Install:
    """What the program wants of one release: of the arguments of `helm.sh/v3:Release` those that show without pods."""

    name: str
    namespace: str
    values: JsonObject
    atomic: bool = False
    create_namespace: bool = False
    reset_values: bool = False
    reuse_values: bool = False
    skip_await: bool = False
    skip_crds: bool = False


@dataclass(frozen=True, kw_only=True)
class Record:
    """One revision of a release as Helm keeps it. `manifest` holds no hooks."""

    name: str
    namespace: str
    revision: int
    status: str
    chart_name: str
    chart_version: str
    app_version: str
    values: JsonObject
    manifest: list[JsonObject]
