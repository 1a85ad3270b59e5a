"""The environment of every process of a rehearsal, built from an allow-list so that no real account is in reach.

Whatever the caller's shell holds (AWS_PROFILE, keys, a Pulumi access token, KUBECONFIG, a proxy), only the few
variables named here go through. On top of that each way by which an AWS client finds an account is closed one by one:
HOME is an empty folder of the rehearsal, the keys are invented, the instance metadata is off and every endpoint is a
closed port.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Locale, terminal and scratch space: none of them names an account, a credential or a place to fetch one.
_PASSED_THROUGH = ("LANG", "LC_ALL", "LC_CTYPE", "TERM", "TMPDIR", "TZ")
# Port 1 of the loopback is never served (RFC 1078 is historic), so a client that did try would fail at once.
_NOWHERE = "http://127.0.0.1:1"


def isolated_environment(
    caller: Mapping[str, str], home: Path, *, search_path: Sequence[Path], extra: Mapping[str, str]
) -> dict[str, str]:
    """Return the whole environment of a rehearsal's processes.

    Args:
        caller: The environment to take the few harmless variables and the rest of PATH from.
        home: The rehearsal's folder; it gets the Pulumi home, the state backend, the passphrase and an empty user home.
        search_path: Folders to put before the caller's PATH.
        extra: Variables of the stand-ins.
    """
    closed = closed_environment(caller, home / "user", search_path=search_path)
    backend = home / "backend"
    backend.mkdir(exist_ok=True)
    return {**closed, "PULUMI_HOME": str(home / "pulumi"), **_pulumi_variables(home, backend), **extra}


def closed_environment(caller: Mapping[str, str], user_home: Path, *, search_path: Sequence[Path]) -> dict[str, str]:
    """Return the part that keeps accounts out of reach, for processes that are to find their state by themselves.

    Args:
        caller: As above.
        user_home: The home folder of whoever runs the processes; created if missing.
        search_path: As above.
    """
    user_home.mkdir(parents=True, exist_ok=True)
    return {
        **{name: caller[name] for name in _PASSED_THROUGH if name in caller},
        "PATH": os.pathsep.join([*(str(folder) for folder in search_path), caller.get("PATH", os.defpath)]),
        "HOME": str(user_home),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "NO_COLOR": "1",
        **_aws_variables(user_home),
    }


def _pulumi_variables(home: Path, backend: Path) -> dict[str, str]:
    return {
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": _passphrase(home / "passphrase"),
        "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
        # Keeping every earlier state of a throw-away stack costs time and disk for nothing.
        "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
    }


def _aws_variables(user_home: Path) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "rehearsal",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_CONFIG_FILE": str(user_home / "no-aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(user_home / "no-aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": _NOWHERE,
        "AWS_MAX_ATTEMPTS": "1",
    }


def _passphrase(file: Path) -> str:
    """Return the passphrase of this rehearsal's state, invented once and readable by its owner only."""
    if not file.is_file():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text()
