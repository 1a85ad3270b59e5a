"""Which plugin answers for which provider: an official one, or a stand-in of this package.

The engine looks up `PULUMI_HOME/plugins/resource-<name>-v<version>` by the exact version of the SDK in use. Where the
official plugin can do its work without an account it is preferred, being the thing itself:

* `random` needs nothing from outside: the official one where it is installed.
* `kubernetes` needs an API server: the official one always and only with real ones (`Kubernetes.REAL`), installed or
  built from its Go module (`kubernetes_provider/build.py`).
* `aws` never: it asks the account's identity service before anything else. The simulated cloud answers instead.
* `eks` never: its code is on no package registry. It would work: a rehearsal answers the `aws` command that it needs,
  and only a public endpoint's health page, which it polls for up to five minutes before it goes on, is missing.
"""

from __future__ import annotations

import os
import shutil
import sys
from enum import Enum
from importlib.metadata import version
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parent.parent
_SDK_OF_PROVIDER = {
    "aws": "pulumi-aws",
    "eks": "pulumi-eks",
    "kubernetes": "pulumi-kubernetes",
    "random": "pulumi-random",
}
# `eks.Cluster` of pulumi-eks 4.4 makes a kubernetes provider of its own, with the version that it was built with.
_ALSO_ASKED_FOR = {"kubernetes": "4.19.0"}


class Kubernetes(Enum):
    """What stands behind a cluster's endpoint in a rehearsal."""

    SIMULATED = "simulated"
    REAL = "real"


def installed_plugin(provider: str) -> Path | None:
    """The executable of an official plugin of the SDK's version in the user's own Pulumi installation, or None."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    file = home / "plugins" / _folder(provider) / f"pulumi-resource-{provider}"
    return file if file.is_file() else None


def install_plugins(pulumi_home: Path, *, kubernetes: Path | None = None) -> None:
    """Lay out the plugin folder afresh, so that an SDK upgrade leaves no plugin of an older version behind.

    Args:
        pulumi_home: The rehearsal's own Pulumi home.
        kubernetes: The official provider's executable where clusters have API servers, None where they are simulated.
    """
    plugins = pulumi_home / "plugins"
    shutil.rmtree(plugins, ignore_errors=True)
    official = {"random": installed_plugin("random"), "kubernetes": kubernetes}
    for provider in _SDK_OF_PROVIDER:
        file = plugins / _folder(provider) / f"pulumi-resource-{provider}"
        executable = official.get(provider)
        if executable is not None:
            # The engine does not see a folder that is a link; a file in it may be one.
            file.parent.mkdir(parents=True)
            file.symlink_to(executable)
        else:
            write_launcher(file, module=f"rehearsal.{provider}")
    for provider, old in _ALSO_ASKED_FOR.items():
        folder = plugins / f"resource-{provider}-v{old}"
        write_launcher(folder / f"pulumi-resource-{provider}", module=f"rehearsal.{provider}")


def _folder(provider: str) -> str:
    return f"resource-{provider}-v{version(_SDK_OF_PROVIDER[provider])}"


def install_language_host(folder: Path) -> None:
    """Write the stand-in for `pulumi-language-python` into a folder that will be on PATH."""
    write_launcher(folder / "pulumi-language-python", module="rehearsal.language_host")


def write_launcher(file: Path, *, module: str) -> None:
    """Write an executable that starts a module of this package with the interpreter of this process."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # -P keeps the working folder, which is the program's, from shadowing modules of the standard library.
    file.write_text(f'#!/bin/sh\nPYTHONPATH="{_CHECKOUT}" exec "{sys.executable}" -P -u -m {module} "$@"\n')
    file.chmod(0o755)
