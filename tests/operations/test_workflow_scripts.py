"""The workflows' own scripts, run as GitHub runs them, with stand-ins for the commands that reach GitHub or an account.

What the commands are asked is held against what they know: the engine's own help, and the models of the AWS CLI.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import botocore.session  # pyright: ignore[reportMissingTypeStubs] - botocore has none
import pytest

from rehearsal.pulumi_engine import find_or_build_pulumi
from tests.operations.engine_events import lines, step, told
from tests.operations.test_workflows import CHECKOUT, JOBS, RUNS, steps_of

DIGEST = "sha256:" + "7" * 64
GROUP = "aws:cloudwatch/logGroup:LogGroup"
SAME = lines(step("same", GROUP, "group", before={}, after={}))
DRIFTED = lines(
    step("update", GROUP, "group", before={"days": 30}, after={"days": 1}, diff={"days": "update"}),
)
FAILED = lines(told("no credentials", "error"), result="failed")
IN_CLI: Final = frozenset({"output", "query"})
"""Of the AWS CLI itself, for whatever it asks."""


@dataclass
class Machine:
    """A runner's folder and its commands.

    Attributes:
        folder: Where the job's steps work.
        commands: What stands in for a command, as a shell script; each call is kept with its arguments.
    """

    folder: Path
    commands: dict[str, str] = field(default_factory=dict[str, str])
    code: int = 0
    said: str = ""

    def run(self, job: str, word: str, **values: str) -> Machine:
        """Run the step of the job whose script has the word in it, expressions of GitHub replaced by the values."""
        (found,) = [one for one in steps_of(JOBS[job]) if word in one.get("run", "")]
        stubs = self.folder / "commands"
        stubs.mkdir(exist_ok=True)
        for name, body in self.commands.items():
            stub = stubs / name
            stub.write_text(f'#!/bin/bash\nprintf "%q " {name} "$@" >> "$CALLS"; echo >> "$CALLS"\n{body}\n')
            stub.chmod(0o755)
        for name in (".venv", "operations", "rehearsal", "model"):
            if not (self.folder / name).exists():
                (self.folder / name).symlink_to(CHECKOUT / name)
        script = self.folder / "script"
        script.write_text(found["run"])
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"] if found.get("shell") == "bash" else ["bash", "-e"]
        done = subprocess.run(
            [*shell, str(script)],
            cwd=self.folder,
            env=self._environment(stubs, {**JOBS[job].get("env", {}), **found.get("env", {})}, values),
            capture_output=True,
            text=True,
            check=False,
        )
        self.code, self.said = done.returncode, done.stdout + done.stderr
        return self

    def _environment(self, stubs: Path, asked: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
        given = {name: re.sub(r"\$\{\{ (.*?) \}\}", lambda one: values[one[1]], text) for name, text in asked.items()}
        return {
            "PATH": f"{stubs}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin",
            "CALLS": str(self.folder / "calls"),
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_SHA": "c0ffee",
            "GITHUB_RUN_ID": "7",
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **given,
        }

    def text(self, name: str) -> str:
        file = self.folder / name
        return file.read_text() if file.exists() else ""

    @property
    def calls(self) -> list[list[str]]:
        return [shlex.split(line) for line in self.text("calls").splitlines()]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def says(log: list[str], code: int = 0) -> str:
    return "cat <<'END'\n" + "\n".join(log) + f"\nEND\nexit {code}"


IMAGE = {
    "matrix.image": "web",
    "matrix.row.stack": "dev",
    "matrix.row.account": "498273610554",
}
SKOPEO = f'case "$1" in login) cat > password;; copy) printf {DIGEST} > digest;; esac'


def test_an_image_is_pushed_under_the_commit_and_its_digest_handed_on(machine: Machine):
    machine.commands = {
        "aws": 'case "$2" in batch-get-image) echo None;; get-login-password) echo secret;; esac',
        "skopeo": SKOPEO,
    }
    machine.run("images: push", "skopeo", **IMAGE)
    assert machine.code == 0, machine.said
    registry = "498273610554.dkr.ecr.ap-northeast-2.amazonaws.com"
    copies = [call for call in machine.calls if call[:2] == ["skopeo", "copy"]]
    assert [call[-2:] for call in copies] == [
        ["oci-archive:web.tar", f"docker://{registry}/dev-common-ecr-web-01:c0ffee"]
    ]
    assert machine.text("password") == "secret\n"
    assert machine.text("outputs") == f"digest={DIGEST}\n"
    line = f"`dev-common-ecr-web-01` for `Pulumi.dev.yaml`: `imageTag: c0ffee@{DIGEST}`\n"
    assert machine.text("summary") == line


def test_an_image_that_an_earlier_attempt_pushed_is_left_as_it_is(machine: Machine):
    machine.commands = {"aws": f"echo {DIGEST}", "skopeo": "exit 9"}
    machine.run("images: push", "skopeo", **IMAGE)
    assert machine.code == 0, machine.said
    assert [call[:3] for call in machine.calls] == [["aws", "ecr", "batch-get-image"]]
    assert machine.text("outputs") == f"digest={DIGEST}\n"


@pytest.mark.parametrize("refused", ["batch-get-image", "get-login-password"])
def test_a_registry_that_is_not_there_or_refuses_ends_the_push(machine: Machine, refused: str):
    machine.commands = {"aws": f'if [ "$2" = {refused} ]; then exit 254; fi; echo None', "skopeo": SKOPEO}
    machine.run("images: push", "skopeo", **IMAGE)
    assert machine.code != 0
    assert machine.text("outputs") == ""


STACK = {
    "matrix.stack": "prod",
    "inputs.stack": "prod",
    "github.server_url": "https://github.com",
    "github.repository": "o/r",
    "github.run_id": "7",
}


@pytest.mark.parametrize(
    ("log", "engine", "code", "page"),
    [(SAME, 0, 0, "none-prod.md"), (DRIFTED, 0, 0, "issue-prod.md"), (FAILED, 255, 1, "issue-prod.md")],
)
def test_the_night_writes_the_page_of_its_verdict(machine: Machine, log: list[str], engine: int, code: int, page: str):
    machine.commands = {"pulumi": says(log, engine)}
    machine.run("drift: compare", "pulumi refresh", **STACK)
    assert machine.code == code, machine.said
    assert [one.name for one in machine.folder.glob("*-prod.md")] == [page]
    assert "[This run](https://github.com/o/r/actions/runs/7). Objects inside the clusters" in machine.text(page)


@pytest.mark.parametrize(
    ("log", "engine", "warned"), [(SAME, 0, False), (DRIFTED, 0, True), (FAILED, 255, True), ([], 255, True)]
)
def test_a_deployment_tells_of_the_clusters_and_goes_on(machine: Machine, log: list[str], engine: int, warned: bool):
    machine.commands = {"pulumi": says(log, engine)}
    machine.run("deploy-stack: deploy", "pulumi refresh", **STACK)
    assert machine.code == 0, machine.said
    assert ("::warning::" in machine.said) is warned
    assert ("Inside the clusters" in machine.text("summary")) is bool(log)


@pytest.mark.parametrize(("refusal", "code"), [("NoSuchHostedZone", 0), ("AccessDenied", 1)])
def test_an_account_that_is_not_ready_is_in_the_summary_and_one_that_nobody_may_ask_ends_it(
    machine: Machine, refusal: str, code: int
):
    machine.commands = {"aws": f"echo 'An error occurred ({refusal}) when calling it: no' >&2; exit 254"}
    machine.run("deploy-stack: preview", "operations.preflight", **STACK)
    assert machine.code == code, machine.said
    assert ("::warning::the account is not ready for prod" in machine.said) is (code == 0)
    assert f"the zone exists: {'could not be asked: ' if code else ''}An error occurred" in machine.text("summary")
    assert machine.text("summary").endswith("could not be asked\n```\n")


CREATED = lines(step("create", GROUP, "group", after={"days": 30}))


@pytest.mark.parametrize(("log", "engine", "code"), [(CREATED, 0, 0), (FAILED, 255, 1)])
def test_a_preview_before_the_review_is_in_the_summary_and_ends_what_cannot_be_deployed(
    machine: Machine, log: list[str], engine: int, code: int
):
    machine.commands = {"pulumi": says(log, engine)}
    machine.run("deploy-stack: preview", "pulumi preview", **STACK)
    assert machine.code == code, machine.said
    assert "Preview of `prod`" in machine.text("summary")


@pytest.mark.parametrize(("log", "engine", "code"), [(CREATED, 0, 0), (FAILED, 255, 1)])
def test_a_pull_requests_preview_writes_the_page_even_if_it_failed(
    machine: Machine, log: list[str], engine: int, code: int
):
    machine.commands = {"pulumi": says(log, engine)}
    machine.run("preview-stack: preview", "pulumi preview", **STACK)
    assert machine.code == 0, machine.said
    machine.run("preview-stack: preview", "operations.report", **STACK)
    assert machine.code == code, machine.said
    assert "[This run](https://github.com/o/r/actions/runs/7)" in machine.text("page-prod.md")


@pytest.mark.parametrize("pages", [[], ["page-prod.md"]])
def test_the_comment_is_written_if_there_is_a_page(machine: Machine, pages: list[str]):
    (machine.folder / "pages").mkdir()
    for page in pages:
        (machine.folder / "pages" / page).touch()
    machine.commands = {"python3": "exit 0"}
    values = {"github.token": "t", "github.event.pull_request.number": "12"}
    machine.run("preview-stack: comment", "operations.github", **values)
    assert machine.code == 0, machine.said
    asked = ["python3", "-m", "operations.github", "comment"]
    assert machine.calls == [[*asked, f"pages/{page}", "--pull", "12"] for page in pages]


def test_each_page_of_the_night_becomes_an_issue_or_closes_one(machine: Machine):
    (machine.folder / "pages").mkdir()
    for page in ("issue-prod.md", "none-dev.md"):
        (machine.folder / "pages" / page).touch()
    machine.commands = {"python3": "exit 0"}
    machine.run("drift: issue", "operations.github", **{"github.token": "t"})
    assert machine.code == 0, machine.said
    asked = ["python3", "-m", "operations.github", "issue"]
    assert machine.calls == [
        [*asked, "pages/issue-prod.md", "--title", "Drift in prod"],
        [*asked, "pages/none-dev.md", "--title", "Drift in dev", "--close"],
    ]


def commands(program: str) -> dict[str, list[str]]:
    """Every call of a program in the workflows and the Makefile's way to a real account, as words, by its text."""
    makefile = (CHECKOUT / "Makefile").read_text()
    texts = [*RUNS.values(), makefile[makefile.index("\ndeploy:") :].partition("\n\n")[0]]
    joined = "\n".join(re.sub(r"\\\n\s*", " ", text) for text in texts)
    calls = re.findall(rf"(?:^|[\s(;=])({program} [a-z][^|>&;)\n]*)", joined, re.MULTILINE)
    return {call.strip(): shlex.split(re.sub(r"\$\(\w+\)|\$\{?\w+\}?", "value", call)) for call in calls}


PULUMI = commands("pulumi")
AWS = commands("aws")


def test_calls_are_found():
    assert {call[1] for call in PULUMI.values()} == {"login", "install", "preview", "refresh", "up", "stack"}
    assert {call[2] for call in AWS.values()} == {"batch-get-image", "get-login-password"}


@pytest.mark.parametrize("call", PULUMI)
def test_the_engine_knows_every_flag(call: str):
    words = [word for word in PULUMI[call][1:] if not word.startswith("-")]
    verb = words[:2] if words[0] == "stack" else words[:1]
    helped = subprocess.run(
        [str(find_or_build_pulumi()), *verb, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert f"pulumi {' '.join(verb)}" in helped
    flags = {word.partition("=")[0] for word in PULUMI[call] if word.startswith("--")}
    assert flags <= {*re.findall(r"--[\w-]+", helped)}


def option_of(name: str) -> str:
    """A name of the service's model as the AWS CLI writes it: `BatchGetImage` and `imageIds` with hyphens."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


@pytest.mark.parametrize("call", AWS)
def test_the_aws_cli_knows_every_option(call: str):
    _, service, operation, *options = AWS[call]
    if operation == "get-login-password":  # the CLI's own, without options
        assert options == []
        return
    session: Any = cast("Any", botocore.session).get_session()
    model = session.get_service_model(service)
    names = {option_of(name): name for name in cast("list[str]", model.operation_names)}
    shape = model.operation_model(names[operation]).input_shape
    known = {option_of(name) for name in cast("dict[str, object]", shape.members)}
    given = {option[2:] for option in options if option.startswith("--")}
    assert given - IN_CLI <= known
    assert {option_of(name) for name in cast("list[str]", shape.required_members)} <= given
