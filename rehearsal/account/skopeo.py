"""The `skopeo` command of a rehearsal: `login` and `copy` to the simulated registry, and nothing else.

No registry client can be had without a registry: this stands for it where documents and workflows push an image.
What is copied is a name and a digest; the digest follows from the content of what is named, as far as it is there.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.account import images
from rehearsal.account.number import account_number
from rehearsal.account.permission import permit
from rehearsal.cloud import Cloud

if TYPE_CHECKING:
    from collections.abc import Sequence

_PUSHES: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
)
_FLAGS_WITH_VALUE: Final = ("--username", "--digestfile", "--format", "-u")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options: dict[str, str] = {}
    plain: list[str] = []
    while words:
        word = words.pop(0)
        if word in _FLAGS_WITH_VALUE and words:
            options[word] = words.pop(0)
        elif not word.startswith("-"):
            plain.append(word)
        else:
            options[word.partition("=")[0]] = word.partition("=")[2]
    verb, *operands = plain or [""]
    if verb == "login" and len(operands) == 1:
        return _login(options)
    if verb == "copy" and len(operands) == 2:  # noqa: PLR2004 - from and to
        return _copy(operands[0], operands[1], options)
    sys.stderr.write(f"the rehearsal's skopeo has login and copy only, not: {' '.join(plain) or 'nothing'}\n")
    return 1


def _login(options: dict[str, str]) -> int:
    if "--password-stdin" not in options or not sys.stdin.read().strip():
        sys.stderr.write("no password: pipe `aws ecr get-login-password` into it with --password-stdin\n")
        return 1
    sys.stdout.write("Login Succeeded!\n")
    return 0


def _copy(source: str, target: str, options: dict[str, str]) -> int:
    cloud = Cloud.from_environment()
    address = target.removeprefix("docker://")
    repository, region = images.place_of(address)
    arn = f"arn:aws:ecr:{region}:{account_number()}:repository/{repository}"
    for action in _PUSHES:
        reason = permit(cloud, action, arn, region)
        if reason:
            sys.stderr.write(f"denied: {reason}\n")
            return 1
    try:
        image = images.push(cloud, address, _content(source))
    except images.PushError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if "--digestfile" in options:
        Path(options["--digestfile"]).write_text(image.digest)
    return 0


def _content(source: str) -> str:
    place = Path(source.partition(":")[2].partition(":")[0])
    if place.is_file():
        return hashlib.sha256(place.read_bytes()).hexdigest()
    if (place / "index.json").is_file():
        return hashlib.sha256((place / "index.json").read_bytes()).hexdigest()
    return source


if __name__ == "__main__":
    sys.exit(main())
