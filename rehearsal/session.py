"""A rehearsal of one stack: the operations of the Pulumi CLI, on the real engine, with no account.

Owns the folder of a rehearsal (workspace, Pulumi home, state backend, simulated cloud) and the one lock on it. The
command line and the engine tests both work through `Rehearsal`; how results look on a terminal is in `report.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from rehearsal.account.number import VARIABLE as ACCOUNT_VARIABLE
from rehearsal.account.number import account_of
from rehearsal.account.past import PREPARED, give_past
from rehearsal.aws.authorization.caller import ADMINISTRATOR
from rehearsal.aws.authorization.caller import VARIABLE as CALLER_VARIABLE
from rehearsal.aws.authorization.record import VARIABLE as CALLS_VARIABLE
from rehearsal.controlplane.lifecycle import OWNER_VARIABLE, clusters
from rehearsal.engine_process import EngineProcess
from rehearsal.environment import isolated_environment
from rehearsal.outcome import Event, Json, Outcome, OutcomeReader
from rehearsal.plugins import Kubernetes, install_language_host, install_plugins, write_launcher
from rehearsal.project_files import Yaml, copy_project_files
from rehearsal.tool_cache import cache_root, try_lock
from rehearsal.vantage.places import VARIABLE as PLACE_VARIABLE
from rehearsal.vantage.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from rehearsal.toolchain import Toolchain

Part: TypeAlias = Literal["all", "account", "clusters"]
IN_CLUSTERS: Final = "urn:pulumi:**kubernetes:**"
"""The CLI's pattern for the URNs of all that only an API server can tell of, releases included."""


class RehearsalError(Exception):
    """A rehearsal cannot begin or answer; the message says why and what to do."""


@dataclass(kw_only=True)
class Rehearsal:
    """One stack of a project in a folder of its own.

    Args:
        project: The folder of the project's `Pulumi.yaml`.
        stack: The stack's name; its file must exist in the project.
        home: The folder of the rehearsal; everything it writes is in there.
        toolchain: The executables to use.
        policy_pack: The folder of a policy pack to run with each preview and update, or None.
        policy_config: A JSON file that sets the pack's enforcement for this stack, or None.
        kubernetes: What stands behind the clusters' endpoints.
        config: Values to use instead of those in the stack's file, by key.
        place: Where the engine runs, as far as API servers of clusters are concerned.
        cloud: The folder of the simulated account, which outlives operations as the real one would; in `home` where it
            is relative. Rehearsals that name the same one work on the same account, one after the other.
        past: What the account holds when its folder is first made: `new`, `prepared` or the path of a file.
        caller: Whom AWS is asked as: `administrator`, who may do everything, or the name of a role in the account.
        calls: The file that every call to AWS is written to, or None.
        on_event: Called with each event of the engine, for progress.
    """

    project: Path
    stack: str
    home: Path
    toolchain: Toolchain
    policy_pack: Path | None = None
    policy_config: Path | None = None
    kubernetes: Kubernetes = Kubernetes.SIMULATED
    config: Mapping[str, Yaml] = field(default_factory=dict[str, "Yaml"])
    place: Place = Place.ANYWHERE
    cloud: Path = Path("cloud")
    past: str = PREPARED
    caller: str = ADMINISTRATOR
    calls: Path | None = None
    on_event: Callable[[Event], None] | None = None

    def __post_init__(self) -> None:
        self.project = self.project.resolve()
        self.home = self.home.resolve()
        self.cloud = (self.home / self.cloud).resolve()

    def preview(self, *, refresh: bool = False) -> Outcome:
        """Plan an update."""
        return self._operate("preview", [*self._policy_flags(), *(["--refresh"] if refresh else [])], planning=True)

    def up(self, *, preview_first: bool = False) -> Outcome:
        """Bring the simulated cloud to what the program says.

        Args:
            preview_first: Plan before anything is touched, as the CLI does by itself; costs about as long again.
        """
        skip = [] if preview_first else ["--skip-preview"]
        return self._operate("up", ["--yes", *skip, *self._policy_flags()])

    def refresh(self) -> Outcome:
        """Take what is really in the simulated cloud into the stack's state; the steps tell what had drifted."""
        return self._operate("refresh", ["--yes", "--skip-preview"])

    def drift(self, part: Part = "all") -> Outcome:
        """Tell what in the simulated cloud differs from the stack's state, and change neither.

        Args:
            part: What is compared: the account without what is inside its clusters, as every night does it with rights
                that reach no cluster; that alone, as a deployment does it before it begins; or both.
        """
        chosen = {"all": [], "account": ["--exclude", IN_CLUSTERS], "clusters": ["--target", IN_CLUSTERS]}[part]
        return self._operate("refresh", ["--preview-only", *chosen], planning=True)

    def destroy(self) -> Outcome:
        """Delete everything that the stack made. Protected resources make it fail before anything is deleted."""
        return self._operate("destroy", ["--yes"])

    def outputs(self, *, show_secrets: bool = False) -> dict[str, Json]:
        """Return the stack's outputs; secrets read `[secret]` unless they are asked for."""
        flags = ["--show-secrets"] if show_secrets else []
        return cast("dict[str, Json]", json.loads(self._ask(["stack", "output", "--json", *flags])))

    def export(self) -> dict[str, Json]:
        """Return the stack's state, secrets sealed."""
        return cast("dict[str, Json]", json.loads(self._ask(["stack", "export"])))

    def _operate(self, verb: str, flags: Sequence[str], *, planning: bool = False) -> Outcome:
        outcome = Outcome(operation=verb)
        reader = OutcomeReader(outcome, planning=planning)
        load_began: float | None = None

        def on_event(event: Event) -> None:
            nonlocal load_began
            if "policyLoadEvent" in event:
                load_began = time.monotonic()
            elif "preludeEvent" in event and load_began is not None:
                outcome.policy_load_seconds = time.monotonic() - load_began
            reader.read(event)
            if self.on_event is not None:
                self.on_event(event)

        with self._engine() as engine, self._clusters():
            start = time.monotonic()
            code, output, errors = engine.run([verb, "--json", *flags, "--stack", self.stack], on_event)
            outcome.seconds = time.monotonic() - start
        outcome.succeeded = code == 0
        outcome.said = f"{errors}{output}"
        return outcome

    def _ask(self, arguments: Sequence[str]) -> str:
        with self._engine() as engine:
            code, output, errors = engine.run([*arguments, "--stack", self.stack])
        if code != 0:
            raise RehearsalError(f"`pulumi {' '.join(arguments)}` failed: {errors.strip()}")
        return output

    def _policy_flags(self) -> list[str]:
        flags = ["--policy-pack", str(self.policy_pack.resolve())] if self.policy_pack else []
        return flags + (["--policy-pack-config", str(self.policy_config.resolve())] if self.policy_config else [])

    @contextmanager
    def _engine(self) -> Generator[EngineProcess]:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            if not try_lock(lock.fileno()):
                raise RehearsalError(f"another rehearsal of {self.stack} runs in {self.home}: wait for it or stop it")
            # Holding our own lock proves that a lock in the backend is left over from a killed engine.
            shutil.rmtree(self.home / "backend" / ".pulumi" / "locks", ignore_errors=True)
            give_past(self.cloud, self.past)
            workspace = self.home / "workspace"
            config = copy_project_files(self.project, self.stack, workspace, self.config)
            engine = EngineProcess(
                executable=self.toolchain.pulumi, folder=workspace, environment=self._environment(account_of(config))
            )
            self._create_stack(engine)
            yield engine

    def _clusters(self) -> AbstractContextManager[None]:
        return clusters(self.cloud) if self.kubernetes is Kubernetes.REAL else nullcontext()

    def _environment(self, account: str) -> dict[str, str]:
        bin_folder = self.home / "bin"
        shutil.rmtree(bin_folder, ignore_errors=True)
        bin_folder.mkdir()
        if self.toolchain.official_language_host is None:
            install_language_host(bin_folder)
        provider = None
        if self.kubernetes is Kubernetes.REAL:
            provider = self.toolchain.kubernetes_provider
            write_launcher(bin_folder / "aws", module="rehearsal.eks.token")
        install_plugins(self.home / "pulumi", kubernetes=provider)
        return isolated_environment(
            dict(os.environ),
            self.home,
            search_path=[bin_folder],
            extra={
                # The plugins' HOME is empty, so the cache of tools must be named to them.
                "XDG_CACHE_HOME": str(cache_root().parent),
                "FASTORDER_CLOUD_DIR": str(self.cloud),
                CALLER_VARIABLE: self.caller,
                **({CALLS_VARIABLE: str(self.calls.resolve())} if self.calls else {}),
                ACCOUNT_VARIABLE: account,
                PLACE_VARIABLE: self.place.value,
                OWNER_VARIABLE: str(os.getpid()),
                "FASTORDER_HELM": str(self.toolchain.helm),
                "FASTORDER_KUBERNETES": self.kubernetes.value,
            },
        )

    def _create_stack(self, engine: EngineProcess) -> None:
        if any((self.home / "backend" / ".pulumi" / "stacks").glob(f"*/{self.stack}.json")):
            return
        code, output, errors = engine.run(["stack", "init", self.stack])
        if code != 0:
            raise RehearsalError(f"stack {self.stack} cannot be created: {errors.strip() or output.strip()}")
