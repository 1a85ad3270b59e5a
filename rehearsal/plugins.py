"""Which plugin answers for which provider: an official one that is installed, or a stand-in of this package.

The engine looks up `PULUMI_HOME/plugins/resource-<name>-v<version>` by the exact version of the SDK in use. Where the
official plugin can do its work without an account it is preferred, being the thing itself:

* `random` needs nothing from outside.
* `kubernetes` needs an API server, so it is used with real ones (`Kubernetes.REAL`) only.
* `aws` never: it asks the account's identity service before anything else. The simulated cloud answers instead.
* `eks` never: its code is on no package registry. It would work: a rehearsal answers the `aws` command that it needs,
  and only a public endpoint's health page, which it polls for up to five minutes before it goes on, is missing.
"""

from __future__ import annotations

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


def install_plugins(pulumi_home: Path, *, kubernetes: Kubernetes, official: Path) -> None:
    """Lay out the plugin folder afresh, so that an SDK upgrade leaves no plugin of an older version behind.

    Args:
        pulumi_home: The rehearsal's own Pulumi home.
        kubernetes: What stands behind the clusters; decides whether the official kubernetes plugin can work.
        official: The plugin folder of the user's own Pulumi installation; it need not exist.
    """
    plugins = pulumi_home / "plugins"
    shutil.rmtree(plugins, ignore_errors=True)
    usable = {"random"} | ({"kubernetes"} if kubernetes is Kubernetes.REAL else set[str]())
    for provider, sdk in _SDK_OF_PROVIDER.items():
        folder = f"resource-{provider}-v{version(sdk)}"
        executable = f"pulumi-resource-{provider}"
        if provider in usable and (official / folder / executable).is_file():
            plugins.mkdir(parents=True, exist_ok=True)
            (plugins / folder).symlink_to(official / folder)
        else:
            write_launcher(plugins / folder / executable, module=f"rehearsal.{provider}")
    for provider, old in _ALSO_ASKED_FOR.items():
        folder = plugins / f"resource-{provider}-v{old}"
        write_launcher(folder / f"pulumi-resource-{provider}", module=f"rehearsal.{provider}")


def install_language_host(folder: Path) -> None:
    """Write the stand-in for `pulumi-language-python` into a folder that will be on PATH."""
    write_launcher(folder / "pulumi-language-python", module="rehearsal.language_host")


def write_launcher(file: Path, *, module: str) -> None:
    """Write an executable that starts a module of this package with the interpreter of this process."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # -P keeps the working folder, which is the program's, from shadowing modules of the standard library.
    file.write_text(f'#!/bin/sh\nPYTHONPATH="{_CHECKOUT}" exec "{sys.executable}" -P -u -m {module} "$@"\n')
    file.chmod(0o755)
