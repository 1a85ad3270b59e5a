"""What AWS offers to every account: the reader of `offers.toml`, where the sources stand.

The stand-in refuses what is not offered; the rehearsal's `aws` command lists what is.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _offers() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "offers.toml").read_text())


def kubernetes_versions() -> tuple[str, ...]:
    """Kubernetes versions in EKS's standard support."""
    return tuple(_offers()["kubernetes"])


def addon_names() -> tuple[str, ...]:
    """The EKS add-ons that are known."""
    return tuple(_offers()["addons"])


def addon_versions(name: str, kubernetes_version: str) -> tuple[str, ...]:
    """Versions of an add-on for a Kubernetes version, the newest first; none for what is not offered."""
    return tuple(_offers()["addons"].get(name, {}).get(kubernetes_version, ()))


def addon_kubernetes_versions(name: str) -> tuple[str, ...]:
    """Kubernetes versions for which an add-on is offered."""
    return tuple(_offers()["addons"].get(name, {}))


def engine_versions(engine: str) -> tuple[str, ...]:
    """Versions of a database or cache engine."""
    return tuple(_offers()["engines"].get(engine, ()))


def database_classes(engine: str) -> tuple[str, ...]:
    """Instance classes for a database engine."""
    return tuple(_offers()["database_classes"].get(engine, ()))


def instance_zones(region: str, instance_type: str) -> tuple[str, ...]:
    """Zones of a region that have an instance type."""
    letters = _offers()["instance_zones"].get(region, {}).get(instance_type.partition(".")[0], "")
    return tuple(f"{region}{letter}" for letter in letters)


def instance_families(region: str) -> tuple[str, ...]:
    """EC2 families that are known of a region."""
    return tuple(_offers()["instance_zones"].get(region, {}))
