"""The images: Dockerfiles without a finding, and with the marker `images` built, measured and run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HADOLINT = Path(sys.executable).with_name("hadolint")


def hadolint(dockerfile: Path) -> str:
    # Without a file of settings: what is ignored says so, with its reason, at its line.
    return subprocess.run([HADOLINT, "--no-color", dockerfile], capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("workload", ["web", "was"])
def test_the_dockerfiles_have_no_finding(workload: str) -> None:
    assert hadolint(ROOT / "workloads" / workload / "Dockerfile") == ""


def test_the_check_of_dockerfiles_finds_what_it_should(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN apt-get install curl\n")
    assert {"DL3006", "DL3008"} <= set(hadolint(tmp_path / "Dockerfile").split())


@pytest.mark.images
@pytest.mark.timeout(1800)
def test_both_images_are_small_enough_and_do_as_they_must(helm: str) -> None:
    assert os.geteuid() == 0, "buildah without an engine needs root"
    assert shutil.which("buildah"), "install the packages of operations/images/apt-packages.txt"
    command = [sys.executable, "-m", "operations.images", "--helm", helm]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr[-3000:]
    said = [line.partition(" image: ")[0] for line in result.stdout.splitlines() if "does as it must" in line]
    assert said == ["web", "was"]
