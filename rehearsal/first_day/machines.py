"""The machines of the day: people's terminals and the runners of workflows, all with one simulated account in reach.

Owns what each process finds around it: tools, Pulumi home, credentials of its session, addresses of S3 and KMS, and the
variables that tell the stand-ins who calls from where. Nothing of the machine that this runs on gets in but its tools.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.account.command import install_aws_command
from rehearsal.environment import closed_environment
from rehearsal.first_day.accounts import Account, Session
from rehearsal.first_day.github import GitHubError
from rehearsal.first_day.repository import Repository
from rehearsal.first_day.shell import Result, Terminal
from rehearsal.plugins import install_language_host, install_plugins, write_launcher
from rehearsal.pulumi_engine import VERSION
from rehearsal.tool_cache import cache_root

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.toolchain import Toolchain

_HOSTED = re.compile(r"^(ubuntu|windows|macos)-")
_ROLE = re.compile(r"^arn:aws:iam::(?P<account>\d{12}):role/(?P<name>[\w+=,.@-]+)$")
NOBODY: Final = "nobody"
_NONE: Final = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
_TOOLS: Final = {
    "curl": "rehearsal.vantage.curl",
    "docker": "rehearsal.first_day.docker",
    "gh": "rehearsal.first_day.gh",
    "kubectl": "rehearsal.first_day.kubectl",
    "session-manager-plugin": "rehearsal.first_day.forwarding",
}
"""Stand-ins of tools on each machine, by name."""


@dataclass(kw_only=True)
class Machines:
    """Makes machines.

    Attributes:
        home: Folder of the day.
        account: The simulated account.
        endpoint: Address of its S3 and KMS.
        api: Address of GitHub's API.
        project: Owner and name of the repository at GitHub.
        office: The office's address.
        repository: What runners check out.
        toolchain: The engine and Helm.
    """

    home: Path
    account: Account
    endpoint: str
    api: str
    project: str
    office: str
    repository: Repository
    toolchain: Toolchain
    _started: int = field(default=0, init=False)

    def persons(self, place: str) -> Machine:
        """Return a person's machine, with a clone of the repository, Pulumi and a terminal that stays open."""
        machine = self._machine(self.home / "people" / place)
        machine.place, machine.lasting = place, True
        machine.check_out()
        machine.install_pulumi(VERSION)
        return machine

    def start(self, *, job: str, label: str, subject: str, token: bool) -> Machine:
        """Return the machine of a job: one of GitHub's, or ours inside the network, as its label says."""
        self._started += 1
        machine = self._machine(self.home / "jobs" / f"{self._started:02}")
        machine.job, machine.subject, machine.may_have_token = job, subject, token
        machine.place = "hosted-runner" if _HOSTED.match(label) else "vpc-runner"
        return machine

    def _machine(self, folder: Path) -> Machine:
        folder.mkdir(parents=True, exist_ok=True)
        tools = folder / "tools"
        install_aws_command(tools)
        # Version managers' own `python3` puts their other commands, an `aws` perhaps, before those of the rehearsal.
        (tools / "python3").symlink_to(Path(sys.executable).resolve())
        for tool, module in _TOOLS.items():
            write_launcher(tools / tool, module=module)
        return Machine(folder=folder, machines=self)


@dataclass(kw_only=True)
class Machine:
    """One machine: a folder with a home, tools and work, and a terminal.

    Attributes:
        place: Where it stands.
        caller: Who it is in the account; a machine that nobody signed in at has no credentials.
        region: Of the session.
        job: What it runs, if it is a runner.
        subject: What GitHub says of that job.
        may_have_token: Whether GitHub says it by a token.
        lasting: Whether a command finds what the one before exported, as in a terminal that stays open.
    """

    folder: Path
    machines: Machines
    place: str = "office"
    caller: str = NOBODY
    region: str = ""
    job: str = ""
    subject: str = ""
    may_have_token: bool = False
    lasting: bool = False
    _terminal: Terminal | None = field(default=None, init=False)
    _count: int = field(default=0, init=False)

    @property
    def work(self) -> Path:
        """The folder that commands begin in."""
        return self.folder / "work"

    @property
    def scratch(self) -> Path:
        """A folder for what is thrown away."""
        return self.folder / "scratch"

    @property
    def _pulumi(self) -> Path:
        """Pulumi's home, named to it: by itself it takes that of the account in the password file."""
        return self.folder / "home" / ".pulumi"

    def check_out(self) -> None:
        """Clone the repository."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.machines.repository.clone(self.work)

    def install_pulumi(self, version: str) -> None:
        """Put the engine on PATH, with the plugins of the rehearsal."""
        if version != VERSION:
            raise GitHubError(f"pulumi/actions: version {version} is not that of the rehearsal, {VERSION}")
        tools = self.folder / "tools"
        (tools / "pulumi").symlink_to(self.machines.toolchain.pulumi)
        if self.machines.toolchain.official_language_host is None:
            install_language_host(tools)
        install_plugins(self._pulumi)

    def sign_in(self, role_arn: str, region: str, seconds: int) -> None:
        """Become a role by GitHub's identity token, as configure-aws-credentials does."""
        if not self.may_have_token:
            raise GitHubError(f"{self.job}: no identity token: the job needs the permission `id-token: write`")
        match = _ROLE.match(role_arn)
        if match is None:
            raise GitHubError(f"{self.job}: role-to-assume is no role's ARN: {role_arn!r}")
        self.caller = self.machines.account.assume_by_github(role_arn, self.subject, seconds)
        self.region = region

    def run(self, commands: str, environment: Mapping[str, str], *, pipefail: bool = True) -> Result:
        """Run commands in the machine's terminal; `pipefail` is what GitHub adds for `shell: bash`."""
        if self._terminal is None or not self.lasting:
            self.work.mkdir(exist_ok=True)
            self.scratch.mkdir(exist_ok=True)
            shell = self.folder / "shell"
            shutil.rmtree(shell, ignore_errors=True)
            self._terminal = Terminal(folder=shell, working=self.work, environment=self._closed())
        self._count += 1
        log = self.folder / f"{self._count:02}.log"
        flags = "uo pipefail" if self.lasting else " -o pipefail" if pipefail else ""
        return self._terminal.run(commands, {**self._account(), **environment}, log, flags=flags)

    def _closed(self) -> dict[str, str]:
        closed = closed_environment(os.environ, self.folder / "home", search_path=[self.folder / "tools"])
        return {**closed, "PULUMI_HOME": str(self._pulumi)}

    def _account(self) -> dict[str, str]:
        account, signed_in = self.machines.account, self.caller != NOBODY
        return {
            "XDG_CACHE_HOME": str(cache_root().parent),
            "FASTORDER_CLOUD_DIR": str(account.cloud.folder),
            "FASTORDER_ACCOUNT": account.number,
            "FASTORDER_CALLER": self.caller,
            "FASTORDER_CALLS": str(account.calls),
            "FASTORDER_PLACE": self.place,
            "FASTORDER_OFFICE": self.machines.office,
            "FASTORDER_HELM": str(self.machines.toolchain.helm),
            "GITHUB_API_URL": self.machines.api,
            "GITHUB_REPOSITORY": self.machines.project,
            "AWS_ENDPOINT_URL_S3": self.machines.endpoint,
            "AWS_ENDPOINT_URL_KMS": self.machines.endpoint,
            **({"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region} if self.region else {}),
            **(account.credentials(Session(caller=self.caller, place=self.place)) if signed_in else _NONE),
            "GITHUB_SHA": self.machines.repository.head,
            "GITHUB_STEP_SUMMARY": str(self.scratch / "summary.md"),
            "RUNNER_TEMP": str(self.scratch),
        }
