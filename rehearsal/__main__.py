"""The command line of the rehearsal: `python -m rehearsal up|preview|refresh|drift|destroy|outputs|export|tools`.

`tools` finds or builds what the others need, so that the tests do not build inside a test's time limit.

Exit code 0 means that the operation succeeded, 1 that it failed, with the reason in the last lines, 130 that it was
interrupted. It never works on a real account: `make deploy` does, by the plain CLI.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TextIO, get_args

from rehearsal.account.past import NEW, PREPARED, PastError
from rehearsal.aws.authorization.caller import ADMINISTRATOR
from rehearsal.aws_cli import find_or_fetch_aws_cli
from rehearsal.outcome import Event
from rehearsal.plugins import Kubernetes
from rehearsal.progress import Progress
from rehearsal.project_files import UnknownStackError
from rehearsal.pulumi_engine import ToolchainError
from rehearsal.report import EventProgress, show, terminal
from rehearsal.session import Part, Rehearsal, RehearsalError
from rehearsal.toolchain import prepare_toolchain
from rehearsal.vantage.places import Place

_CHECKOUT = Path(__file__).resolve().parent.parent
_OPERATIONS = ("preview", "up", "refresh", "drift", "destroy", "outputs", "export", "tools")
_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one operation and return the exit code."""
    options = _parse(arguments)
    try:
        kubernetes = Kubernetes(options.kubernetes)
        toolchain = prepare_toolchain(kubernetes)
        if options.operation == "tools":
            find_or_fetch_aws_cli()
            return 0
        # What lives in real clusters is not in the simulated one, so each has a rehearsal of its own.
        folder = options.stack if kubernetes is Kubernetes.SIMULATED else f"{options.stack}-{kubernetes.value}"
        rehearsal = Rehearsal(
            project=options.project,
            stack=options.stack,
            home=options.home or _CHECKOUT / ".rehearsal" / folder,
            toolchain=toolchain,
            policy_pack=None if options.no_policy else _policy_pack(options.project),
            kubernetes=kubernetes,
            past=options.past,
            place=Place(options.place),
            caller=options.caller,
            calls=options.calls,
            cloud=options.cloud.resolve() if options.cloud else Path("cloud"),
        )
        if options.operation == "export":
            sys.stdout.write(json.dumps(rehearsal.export(), indent=2) + "\n")
            return 0
        return _outputs(rehearsal, options) if options.operation == "outputs" else _operate(rehearsal, options)
    except (ToolchainError, RehearsalError, UnknownStackError, PastError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the engine and its plugins have ended\n")
        return _INTERRUPTED


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description="Run the stack with no AWS account.")
    parser.add_argument("operation", choices=_OPERATIONS)
    parser.add_argument("--stack", default="dev", help="which Pulumi.<stack>.yaml (default: dev)")
    parser.add_argument(
        "--project", type=Path, default=_CHECKOUT, help="folder of Pulumi.yaml (default: this checkout)"
    )
    parser.add_argument(
        "--home", type=Path, help="folder of the rehearsal (default: .rehearsal/<stack>, or .rehearsal/<stack>-real)"
    )
    parser.add_argument(
        "--past",
        default=PREPARED,
        help=f"what the account held before: {NEW}, {PREPARED} (default) or a file; told once, when it is first made",
    )
    parser.add_argument("--cloud", type=Path, help="folder of the simulated account (default: cloud, in --home)")
    parser.add_argument(
        "--from",
        dest="place",
        choices=[place.value for place in Place],
        default=Place.ANYWHERE.value,
        help="where to act from (default: anywhere, which reaches every API server)",
    )
    parser.add_argument(
        "--as", dest="caller", metavar="ROLE", default=ADMINISTRATOR, help="role of the account that asks AWS"
    )
    parser.add_argument("--calls", type=Path, help="write every call to AWS to this file")
    parser.add_argument("--kubernetes", choices=[kind.value for kind in Kubernetes], default=Kubernetes.SIMULATED.value)
    parser.add_argument("--no-policy", action="store_true", help="run without the policy pack")
    parser.add_argument("--part", choices=get_args(Part), default="all", help="drift: what is compared (default: all)")
    parser.add_argument("--events", type=Path, help="write the engine's events to this file")
    parser.add_argument("--show-secrets", action="store_true", help="outputs: show secrets in clear")
    return parser.parse_args(arguments)


def _policy_pack(project: Path) -> Path | None:
    pack = project / "policy"
    return pack if (pack / "PulumiPolicy.yaml").is_file() else None


def _operate(rehearsal: Rehearsal, options: argparse.Namespace) -> int:
    operations = {
        "preview": rehearsal.preview,
        "up": lambda: rehearsal.up(preview_first=True),
        "refresh": rehearsal.refresh,
        "drift": lambda: rehearsal.drift(options.part),
        "destroy": rehearsal.destroy,
    }
    with Progress(f"{options.operation} {options.stack}") as progress, _event_log(options.events) as log:
        follow = EventProgress(progress)

        def on_event(event: Event) -> None:
            follow(event)
            if log is not None:
                log.write(json.dumps(event) + "\n")

        rehearsal.on_event = on_event
        outcome = operations[options.operation]()
    shows_outputs = outcome.succeeded and options.operation in {"up", "refresh"}
    show(outcome, options.stack, rehearsal.outputs() if shows_outputs else {})
    return 0 if outcome.succeeded else 1


def _event_log(file: Path | None) -> AbstractContextManager[TextIO | None]:
    if file is None:
        return nullcontext()
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.open("w", encoding="utf-8")


def _outputs(rehearsal: Rehearsal, options: argparse.Namespace) -> int:
    outputs = rehearsal.outputs(show_secrets=options.show_secrets)
    terminal().print_json(json.dumps(outputs))
    return 0


if __name__ == "__main__":
    # Whoever ends it otherwise than by Ctrl-C wants the same order: engine, plugins, clusters.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
