"""Prints the settings of a stack, defaults included: `python -m model.settings STACK`, as JSON on stdout.

For tools that know the program only as a program. Owns nothing but the form of what is printed: the settings by their
keys, and below `names` the physical names that such tools look for. Exit code 1 with the mistakes on stderr for
settings that the program would refuse.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml

from model.settings.loader import PROJECT, SettingsError, load
from model.settings.tree import Settings


def main(arguments: list[str] | None = None) -> int:
    """Print the settings and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m model.settings", description="Print a stack's settings.")
    parser.add_argument("stack")
    parser.add_argument("--project", type=Path, default=Path(__file__).resolve().parents[2])
    options = parser.parse_args(arguments)
    file = options.project / f"Pulumi.{options.stack}.yaml"
    try:
        settings = load(options.stack, _texts(file))
    except (SettingsError, OSError, yaml.YAMLError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(described(settings), indent=2) + "\n")
    return 0


def described(settings: Settings) -> dict[str, Any]:
    """Return what is printed."""
    name = settings.conventions.naming.name
    values: dict[str, Any] = settings.model_dump(mode="json", by_alias=True)
    names: dict[str, Any] = {
        "repositories": {image: name("ecr", image) for image in ("web", "was")},
        "anomalyMonitor": name("costmon", "services"),
        "secretsKeyAlias": f"alias/{name('kms', 'secrets')}",
    }
    return {**values, "names": names}


def _texts(file: Path) -> dict[str, str]:
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    config: dict[str, Any] = content.get("config") or {}
    prefix = f"{PROJECT}:"
    return {
        key.removeprefix(prefix): value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
        if key.startswith(prefix)
    }


if __name__ == "__main__":
    sys.exit(main())
