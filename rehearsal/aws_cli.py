"""The AWS CLI of the rehearsal: the real one, unpacked from its wheel, in front of the simulated account.

Owns how the program comes to be. What it is answered is `rehearsal/account/command.py`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from rehearsal.tool_cache import cached_folder
from rehearsal.wheels import install_wheels

VERSION: Final = "1.46.3"
_REQUIREMENTS: Final = Path(__file__).parent / "account" / "aws-cli.txt"


def find_or_fetch_aws_cli() -> Path:
    """Return the folder of the AWS CLI's Python packages.

    Raises:
        ToolchainError: They cannot be fetched.
    """
    return cached_folder("aws-cli", VERSION, _unpack)


def _unpack(scratch: Path) -> None:
    install_wheels(_REQUIREMENTS, scratch, label=f"AWS CLI {VERSION} (20 MB)")
    # Two thirds of its files are the texts of `aws help`.
    shutil.rmtree(scratch / "awscli" / "examples", ignore_errors=True)
