"""`python -m rehearsal` as a person or CI runs it: what it prints and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal.outcome import Step
from rehearsal.report import area

_CHECKOUT = Path(__file__).parents[2]


def _run(operation: str, program: str, home: Path, *more: str) -> subprocess.CompletedProcess[str]:
    project = _CHECKOUT / "tests" / "engine" / "programs" / program
    command = [sys.executable, "-m", "rehearsal", operation, "--project", str(project), "--stack", "test"]
    return subprocess.run(
        [*command, "--home", str(home), *more], cwd=_CHECKOUT, capture_output=True, text=True, check=False, timeout=120
    )


def test_an_update_ends_with_a_table_and_the_outputs_without_secrets_or_color(tmp_path: Path) -> None:
    update = _run("up", "randoms", tmp_path)
    assert update.returncode == 0, update.stderr
    assert "area of test" in update.stdout
    assert "│ random       │      3 │" in update.stdout
    assert "up of test succeeded in" in update.stdout
    assert "[secret]" in update.stdout
    assert "\x1b" not in update.stdout + update.stderr
    shown = _run("outputs", "randoms", tmp_path, "--show-secrets").stdout
    assert '"password": "[secret]"' not in shown
    assert '"password": "[secret]"' in _run("outputs", "randoms", tmp_path).stdout


@pytest.mark.parametrize(
    ("program", "arguments", "reason"),
    [
        ("refused", [], "is 0, below the minimum 1"),
        ("randoms", ["--stack", "nowhere"], "no file Pulumi.nowhere.yaml"),
    ],
)
def test_a_failure_ends_with_exit_code_1_and_its_reason_last(
    tmp_path: Path, program: str, arguments: list[str], reason: str
) -> None:
    preview = _run("preview", program, tmp_path, *arguments)
    assert preview.returncode == 1
    assert reason in (preview.stdout or preview.stderr).splitlines()[-1]
    assert "Traceback" not in preview.stdout + preview.stderr


@pytest.mark.parametrize(
    ("qualified", "expected"),
    [
        ("fastorder:network:Network$aws:ec2/vpc:Vpc", "network"),
        ("fastorder:was_tier:WasTier$fastorder:workload:Workload$kubernetes:core/v1:Secret", "was tier"),
        ("fastorder:keys:Keys", "keys"),
        ("random:index/randomId:RandomId", "random"),
        ("pulumi:providers:aws", "providers"),
    ],
)
def test_a_resource_belongs_to_the_area_of_its_outermost_component(qualified: str, expected: str) -> None:
    step = Step(
        urn=f"urn:pulumi:dev::fast-order::{qualified}::x",
        op="create",
        type=qualified.rsplit("$", 1)[-1],
        changed=(),
        parent="",
        protected=False,
        retained=False,
    )
    assert area(step) == expected
