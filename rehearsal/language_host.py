"""A stand-in for `pulumi-language-python`, used where Pulumi's own is not installed (it is not on the Go proxy).

The engine starts it for each operation, as it would start the official one, so the plain CLI works: configuration
schema and defaults, working folder and policy packs behave as in a real deployment. It runs the program in its own
process and starts policy packs with the same interpreter. Packages, templates and code generation, which a rehearsal
never asks for, stay unimplemented.
"""

from __future__ import annotations

import asyncio
import os
import runpy
import signal
import subprocess
import sys
import traceback
from concurrent import futures
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
from pulumi import log
from pulumi.errors import RunError
from pulumi.runtime import reset_options, run_in_stack, set_all_config
from pulumi.runtime.proto import LanguageRuntimeServicer, language_pb2, language_pb2_grpc, plugin_pb2

from rehearsal.parent import end_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from google.protobuf.empty_pb2 import Empty

# Assets and rendered manifests pass through gRPC messages; Pulumi's own hosts allow 400 MiB.
_MAX_MESSAGE_BYTES = 400 * 1024 * 1024
_THREADS = 4


class PythonLanguageHost(LanguageRuntimeServicer):
    """Answers what the engine asks of a language during preview, update, refresh and destroy."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802, ARG002
        """Say which release this is: the SDK's own, having no other."""
        return plugin_pb2.PluginInfo()

    def GetRequiredPackages(  # noqa: N802
        self,
        request: language_pb2.GetRequiredPackagesRequest,  # noqa: ARG002
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Ask for no plugin up front: those the program uses are looked up when their first resource appears."""
        return language_pb2.GetRequiredPackagesResponse()

    def Run(  # noqa: N802
        self,
        request: language_pb2.RunRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> language_pb2.RunResponse:
        """Run the program once. What goes wrong in it is logged here, so the engine need not say it again."""
        reset_options(
            project=request.project,
            stack=request.stack,
            organization=request.organization or "organization",
            monitor_address=request.monitor_address,
            engine_address=self._engine_address,
            parallel=request.parallel,
            preview=request.dryRun,
        )
        set_all_config(dict(request.config), list(request.configSecretKeys))
        folder = Path(request.info.program_directory)
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        return language_pb2.RunResponse(bail=not _run_program(folder / request.info.entry_point))

    def RunPlugin(  # noqa: N802
        self,
        request: language_pb2.RunPluginRequest,
        context: grpc.ServicerContext,
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Start a policy pack and pass its output on until it ends or the engine hangs up."""
        command = [sys.executable, "-u", "-m", "pulumi.policy", *request.args, request.info.program_directory]
        environment = dict(variable.split("=", 1) for variable in request.env) or dict(os.environ)
        environment.pop("PYTHONPATH", None)
        with subprocess.Popen(command, cwd=request.pwd, env=environment, stdout=subprocess.PIPE) as pack:
            context.add_callback(pack.terminate)
            if pack.stdout is not None:
                for line in pack.stdout:
                    yield language_pb2.RunPluginResponse(stdout=line)
        yield language_pb2.RunPluginResponse(exitcode=pack.returncode)


def _run_program(entry_point: Path) -> bool:
    def program() -> None:
        runpy.run_path(str(entry_point), run_name="__main__")

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(run_in_stack(program))
    except RunError as error:
        log.error(str(error))
    except grpc.RpcError as error:
        # The engine closes the monitor when it gives up first, and has then told the reason itself.
        if error.code() is not grpc.StatusCode.UNAVAILABLE:
            log.error(error.details() or str(error))
    except Exception as error:  # noqa: BLE001 - any error of the program is the program's, and must reach its author
        log.error(f"Program failed with an unhandled exception:\n{_from_program_on(error, entry_point.parent)}")
    else:
        return True
    finally:
        _close(loop)
    return False


def _from_program_on(error: Exception, folder: Path) -> str:
    """Return the traceback without the frames that lead to the program's first own line."""
    trace = traceback.TracebackException.from_exception(error)
    frames = list(trace.stack)
    own = [index for index, frame in enumerate(frames) if frame.filename.startswith(f"{folder}/")]
    trace.stack = traceback.StackSummary.from_list(frames[own[0] :] if own else frames)
    return "".join(trace.format())


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what a failed program left open; otherwise Python complains about it after the real message."""
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    if pending:
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.close()


def main() -> None:
    """Serve on a free port of the loopback, printed on the first line as the plugin protocol wants, until interrupted.

    The last argument is the engine's address. The engine ends its plugins by SIGINT; a program still running then has
    lost its engine and has nothing to finish.
    """

    def leave(_signal: int, _frame: FrameType | None) -> None:
        os._exit(0)

    signal.signal(signal.SIGINT, leave)
    options = [
        ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_THREADS), options=options)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(PythonLanguageHost(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    end_with_parent()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    # The launcher's PYTHONPATH is for this module only: the program sees the paths that a real host gives it.
    os.environ.pop("PYTHONPATH", None)
    sys.path.remove(str(Path(__file__).resolve().parent.parent))
    main()
