"""Lets the first day of a stack pass: each block of the plan in its turn, and what GitHub does after it.

Owns the order, the record of what was done, and the words of a failure. A failing step ends the day.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rehearsal.account.past import NEW, delegate, give_past
from rehearsal.aws.authorization.caller import ADMINISTRATOR
from rehearsal.cloud import Cloud
from rehearsal.endpoint.server import serve
from rehearsal.first_day.accounts import Account, SignInError
from rehearsal.first_day.documents import Block, blocks
from rehearsal.first_day.expressions import ExpressionError
from rehearsal.first_day.github import GitHub, GitHubError, serve_api
from rehearsal.first_day.machines import NOBODY, Machine, Machines
from rehearsal.first_day.plan import SETTINGS, Setting
from rehearsal.first_day.repository import Repository
from rehearsal.first_day.workflows import Ran, Workflows

if TYPE_CHECKING:
    from rehearsal.toolchain import Toolchain

_LAST_LINES: Final = 30
_NAMES_OF_SERVERS: Final = "pulumi stack output nameServers"
"""Whoever has seen them enters them in the parent zone, which is in nobody's rehearsal."""
_MAINTAINER: Final = "maintainer"


class FirstDayError(Exception):
    """A step of the day failed; the message says which, who did it from where, and what it said last."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """A step of the day.

    Attributes:
        chapter: Of the plan.
        source: Document and line, or workflow and job.
        title: The first command, or the name of the step.
        who: Who did it in the account.
        where: From where.
        seconds: How long it took.
    """

    chapter: str
    source: str
    title: str
    who: str
    where: str
    seconds: float


@dataclass(kw_only=True)
class Morning:
    """A day that has begun: the account, GitHub, and the machines of the people who are at work."""

    account: Account
    machines: Machines
    github: GitHub
    workflows: Workflows
    people: dict[str, Machine] = field(default_factory=dict[str, Machine])


@dataclass(kw_only=True)
class Day:
    """The first day of one stack, in a folder of its own.

    Attributes:
        stack: `dev` or `prod`.
        home: The folder.
        checkout: The repository whose documents, workflows and program are rehearsed.
        toolchain: Engine and Helm.
        on_step: Called with each step as it ends.
    """

    stack: str
    home: Path
    checkout: Path
    toolchain: Toolchain
    on_step: Callable[[Done], None] = lambda _: None
    steps: list[Done] = field(default_factory=list[Done])

    def __post_init__(self) -> None:
        self.home = self.home.resolve()
        self.setting: Setting = SETTINGS[self.stack]
        self.cloud = self.home / "cloud"
        self.calls = self.home / "calls.jsonl"

    def pass_by(self, plan: Sequence[tuple[str, str, str]]) -> None:
        """Let the whole day pass; raises `FirstDayError` at the first step that fails."""
        with self.begun() as morning:
            self.follow(plan, morning)

    def follow(self, plan: Sequence[tuple[str, str, str]], morning: Morning) -> None:
        """Follow chapters of a day that has begun; raises `FirstDayError` at the first step that fails."""
        for chapter, document, section in plan:
            for block in blocks(self.checkout, document, section):
                if not block.stacks or self.stack in block.stacks:
                    self.do(chapter, block, morning)

    @contextmanager
    def begun(self) -> Generator[Morning]:
        """Begin the day: an empty account, a repository that nobody has set up, nobody at work."""
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True)
        give_past(self.cloud, NEW)
        repository = Repository.of(self.checkout, self.home / "origin.git")
        account = Account(number=self.setting.account, cloud=Cloud(self.cloud), calls=self.calls)
        github = GitHub(
            repository=repository,
            name=self.setting.repository,
            owner_id=self.setting.owner_id,
            repository_id=self.setting.repository_id,
        )
        with serve_api(github) as api, serve(account.cloud, account.caller, account.allow) as endpoint:
            machines = Machines(
                home=self.home,
                account=account,
                endpoint=endpoint,
                api=api,
                project=github.name,
                office=self.setting.office,
                repository=repository,
                toolchain=self.toolchain,
            )
            workflows = Workflows(github=github, machines=machines, artifacts=self.home / "artifacts")
            yield Morning(account=account, machines=machines, github=github, workflows=workflows)

    def do(self, chapter: str, block: Block, morning: Morning) -> None:
        """Run a block and what GitHub starts after it; raises `FirstDayError` when something of it fails."""
        before = morning.github.repository.head
        source = f"{block.document}:{block.line}"
        try:
            machine = self._person(block, morning)
        except SignInError as error:
            raise FirstDayError(f"{source}: as {block.who} from {block.where}: {error}") from error
        result = machine.run(block.commands, self.setting.variables(self.stack))
        self._record(chapter, source, block.commands.splitlines()[0], machine, result.seconds)
        if result.code != 0:
            at = max(result.line - 1, 0)
            command = block.commands.splitlines()[at]
            source = f"{block.document}:{block.line + at}"
            raise FirstDayError(_failure(source, command, machine.caller, machine.place, result.output))
        if _NAMES_OF_SERVERS in block.commands:
            delegate(self.cloud)
        try:
            events = morning.github.asked()
            if morning.github.repository.head != before:
                events += morning.github.pushed(before)
            for event in events:
                for ran in morning.workflows.run(event):
                    self._read(chapter, ran)
        except (GitHubError, SignInError, ExpressionError) as error:
            raise FirstDayError(f"{source}: {error}") from error

    def _person(self, block: Block, morning: Morning) -> Machine:
        machine = morning.people.get(block.where)
        if machine is None:
            machine = morning.people[block.where] = morning.machines.persons(block.where)
        machine.region = self.setting.region
        if block.who in {ADMINISTRATOR, _MAINTAINER}:
            machine.caller = ADMINISTRATOR if block.who == ADMINISTRATOR else NOBODY
        else:
            role = f"arn:aws:iam::{self.setting.account}:role/{self.stack}-common-role-{block.who}-01"
            machine.caller = morning.account.assume_as_person(role, self.setting.person_arn, mfa=True)
        return machine

    def _read(self, chapter: str, ran: Ran) -> None:
        self._record(chapter, ran.job, ran.step, ran, ran.result.seconds)
        if ran.result.code != 0:
            line = ran.commands.splitlines()[max(ran.result.line - 1, 0)]
            raise FirstDayError(_failure(f"{ran.job} / {ran.step}", line, ran.who, ran.where, ran.result.output))

    def _record(self, chapter: str, source: str, title: str, by: Machine | Ran, seconds: float) -> None:
        who = by.caller if isinstance(by, Machine) else by.who
        where = by.place if isinstance(by, Machine) else by.where
        done = Done(chapter=chapter, source=source, title=title, who=who, where=where, seconds=seconds)
        self.steps.append(done)
        self.on_step(done)


def _failure(source: str, command: str, who: str, where: str, output: str) -> str:
    last = "\n".join(output.rstrip().splitlines()[-_LAST_LINES:])
    return f"{source}: as {who} from {where}: `{command.strip()}` failed:\n{last}"
