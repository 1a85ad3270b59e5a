"""The project and stack files that the engine reads in a rehearsal: copies, so that the checkout's are never written.

The engine writes an encryption salt into a stack's file; a rehearsal therefore works on a copy in its own folder whose
`main` points back to the program. Values and the typed schema come from the project's files as they are, except what
needs an account: the secrets provider, and encrypted values, which only the real account's key can open.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

Yaml: TypeAlias = "str | int | float | bool | list[Yaml] | dict[str, Yaml] | None"

# Stands for a value that is encrypted in the stack's file; a rehearsal has no key to open it and no use for it.
SEALED_VALUE = "sealed-in-rehearsal"
_NEEDS_ACCOUNT = ("secretsprovider", "encryptedkey")


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """The configuration of one stack: values by full key, such as `fast-order:account`."""

    project: str
    values: Mapping[str, Yaml]


class UnknownStackError(Exception):
    """The project has no such stack."""


def copy_project_files(project: Path, stack: str, workspace: Path, overrides: Mapping[str, Yaml]) -> StackConfig:
    """Write `Pulumi.yaml` and `Pulumi.<stack>.yaml` of a project into a workspace folder.

    Args:
        project: The folder of the project's `Pulumi.yaml`.
        stack: The stack's name.
        workspace: The folder that the engine will work in; created if missing.
        overrides: Configuration values to use instead of the stack's own; a key without a namespace is the project's.

    Returns:
        The project's name and the configuration that the engine will read.

    Raises:
        UnknownStackError: There is no file of that stack; the message lists those that exist.
    """
    settings = _read(project / "Pulumi.yaml")
    name = str(settings["name"])
    settings["main"] = str((project / str(settings.get("main", "."))).resolve())
    settings["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
    settings.pop("backend", None)
    settings.pop("stackConfigDir", None)

    source = project / f"Pulumi.{stack}.yaml"
    if not source.is_file():
        known = sorted(file.name.split(".")[1] for file in project.glob("Pulumi.*.yaml"))
        raise UnknownStackError(f"stack {stack!r}: no file {source.name}; stacks of this project: {', '.join(known)}")
    stack_settings = _read(source)
    for key in _NEEDS_ACCOUNT:
        stack_settings.pop(key, None)
    config = cast("dict[str, Yaml]", _without_sealed(stack_settings.get("config") or {}))
    config |= {key if ":" in key else f"{name}:{key}": value for key, value in overrides.items()}
    stack_settings["config"] = config

    workspace.mkdir(parents=True, exist_ok=True)
    target = workspace / source.name
    if target.is_file() and (salt := _read(target).get("encryptionsalt")):
        stack_settings["encryptionsalt"] = salt
    (workspace / "Pulumi.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    target.write_text(yaml.safe_dump(stack_settings, sort_keys=False))
    return StackConfig(project=name, values=config)


def _read(file: Path) -> dict[str, Yaml]:
    return cast("dict[str, Yaml]", yaml.safe_load(file.read_text()) or {})


def _without_sealed(value: Yaml) -> Yaml:
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return SEALED_VALUE
        return {key: _without_sealed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_sealed(item) for item in value]
    return value
