"""Whether the program can run on this machine at all: `python -m operations.machine`.

Owns what the eks component asks of whatever machine runs it, for a preview as well. It looks for the AWS CLI before it
does anything (pulumi-eks, dependencies.ts), whose `eks get-token` the kubeconfig calls. AWS_PROFILE is welcome: the
program keeps it out of the kubeconfig (components/cluster.py).

Exit code 1 means that something is in the way, and each line says what.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Final

_OLDEST: Final[Mapping[int, tuple[int, int]]] = {1: (1, 24), 2: (2, 7)}
"""Of each major version of the CLI the oldest that pulumi-eks takes."""
_INSTALL: Final = "install version 2.7 or newer (or 1.24 or newer of version 1)"


def objections() -> Iterator[str]:
    """Yield each reason why the program cannot run here, as one line that names the fix."""
    aws = shutil.which("aws")
    if aws is None:
        yield f"aws: not found on PATH, and the eks component needs the AWS CLI even for a preview; {_INSTALL}"
        return
    asked = subprocess.run([aws, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"aws-cli/(\d+)\.(\d+)", asked.stdout)
    if found is None:
        yield f"aws: --version does not say which AWS CLI it is; {_INSTALL}"
        return
    version = int(found[1]), int(found[2])
    if version < _OLDEST.get(version[0], _OLDEST[2]):
        yield f"aws: the AWS CLI is {found[1]}.{found[2]}, too old for the eks component; {_INSTALL}"


def main() -> int:
    """Print the objections and return 1 if there are any."""
    found = list(objections())
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
