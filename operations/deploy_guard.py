"""The checks before `make deploy`: is this the moment, the place and the state to touch a real account?

Owns no deployment: it answers with exit code 0 or 1, and one line for each reason against. It reads the stack's file,
asks the Pulumi CLI where it is logged in, asks git, and asks the registry for the images of a pass that makes pods of
them; it changes nothing. What the machine lacks is in `machine`, what it does not reach in `reach`.
"""

from __future__ import annotations

import argparse
import ipaddress
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from operations import machine, reach
from operations.aws_cli import Aws, NotAskedError, RefusedError
from operations.images_pushed import wrong_images
from operations.program import ProgramError, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRODUCTION = "prod"
_BRANCH = "main"
# AWS uses 123456789012 and repeated digits in its documentation; no account of ours has such a number.
_ACCOUNT = re.compile(r"\b(?:(\d)\1{11}|123456789012)\b")
# RFC 2606 reserves these top-level names, RFC 5737 these blocks, for examples.
_DOMAIN = re.compile(r"\b[\w.-]+\.(?:example|invalid|test)\b|\bexample\.(?:com|net|org)\b")
_EXAMPLE_BLOCKS = [ipaddress.ip_network(block) for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")


def objections(project: Path, stack: str) -> Iterator[str]:
    """Yield each reason not to deploy a stack now, as one line that names the fix."""
    yield from _placeholders(project / f"Pulumi.{stack}.yaml")
    yield from _missing_login()
    yield from machine.objections()
    if _git(project, "status", "--porcelain"):
        yield "git: the work tree has changes that are not committed; commit them, so that what runs can be found"
    yield from _contents(project, stack)
    branch = _git(project, "branch", "--show-current")
    if stack == _PRODUCTION and branch != _BRANCH:
        yield f"git: prod is deployed from branch {_BRANCH}, this is {branch or 'a detached commit'}; switch first"


def _placeholders(file: Path) -> Iterator[str]:
    if not file.is_file():
        yield f"{file.name}: there is no such stack file"
        return
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        setting = line.split("#", maxsplit=1)[0]
        found = [match.group() for pattern in (_ACCOUNT, _DOMAIN) for match in pattern.finditer(setting)]
        found += [address for address in _ADDRESS.findall(setting) if _is_example(address)]
        for value in found:
            yield f"{file.name}:{number}: {value} is a placeholder; write the value of the real account"


def _is_example(address: str) -> bool:
    try:
        return any(ipaddress.ip_address(address) in block for block in _EXAMPLE_BLOCKS)
    except ValueError:
        return False


def _missing_login() -> Iterator[str]:
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        yield "pulumi: not found on PATH; install the Pulumi CLI with its Python language host"
        return
    if shutil.which("pulumi-language-python") is None:
        yield "pulumi-language-python: not found on PATH; it comes with the Pulumi CLI's installer"
    # Asking for the backend logs nobody in: without a login it fails.
    command = [pulumi, "whoami", "--verbose", "--non-interactive"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        yield "pulumi: not logged in; run `pulumi login <the bucket that bootstrap made>`"
    elif "file://" in asked.stdout:
        yield "pulumi: the backend is a folder of this machine; run `pulumi login <the bucket that bootstrap made>`"


def _contents(project: Path, stack: str) -> Iterator[str]:
    """Yield what is missing for a pass that fills the clusters."""
    try:
        settings = settings_of(project, stack)
    except ProgramError as error:
        yield from str(error).splitlines()
        return
    if not settings["clusters.contents"]:
        return
    aws = Aws(settings.region)
    yield from reach.objections(project, stack, aws)
    try:
        wrong = wrong_images(settings, aws)
    except (NotAskedError, RefusedError) as error:
        yield f"images: the registry could not be asked: {error}"
        return
    for image in wrong:
        yield (
            f"images: {image}; deploy once with clusters.contents: false, which makes the registry, then push it "
            "(workflow images.yml, or operations.images) and write what that prints into workloads"
        )


def _git(project: Path, *arguments: str) -> str:
    command = ["git", "-C", str(project), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main(arguments: list[str] | None = None) -> int:
    """Print the objections, if any, and return 1 if there are."""
    parser = argparse.ArgumentParser(
        prog="python -m operations.deploy_guard", description="Checks before a deployment."
    )
    parser.add_argument("--stack", required=True)
    parser.add_argument("--project", type=Path, default=Path(__file__).resolve().parent.parent)
    options = parser.parse_args(arguments)
    found = list(objections(options.project, options.stack))
    for line in found:
        sys.stderr.write(f"{line}\n")
    if found:
        sys.stderr.write(f"deployment of {options.stack} refused for {len(found)} reason(s)\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
