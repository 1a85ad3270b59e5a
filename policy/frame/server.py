"""The pack's start inside the engine, stricter than the SDK's.

Owns what only the analyzer's protocol carries: the stack's name and whether this is a preview, from which the levels
in `config/` follow without a flag; and the configuration that the engine passes, in which the SDK overlooks unknown
rule names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import grpc
import pulumi_policy
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel, Policy
from pulumi_policy import policy as sdk

from . import engine, levels, waivers
from .rule import Rule
from .session import Session

PROTO_LEVELS = {
    "advisory": proto.ADVISORY,
    "mandatory": proto.MANDATORY,
    "remediate": proto.REMEDIATE,
    "disabled": proto.DISABLED,
}


class Context(Protocol):
    """The part of a gRPC call's context that is used here."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        """End the call with an error."""
        ...


if TYPE_CHECKING:

    class Servicer:
        """The analyzer's side of the engine's protocol, as far as it is used here."""

        def __init__(
            self, name: str, version: str, policies: list[Policy], enforcement_level: EnforcementLevel
        ) -> None: ...

        def Analyze(self, request: proto.AnalyzeRequest, context: Context | None) -> proto.AnalyzeResponse:  # noqa: N802
            """Check one resource's inputs."""
            ...

        def AnalyzeStack(  # noqa: N802
            self, request: proto.AnalyzeStackRequest, context: Context | None
        ) -> proto.AnalyzeResponse:
            """Check all resources' outputs."""
            ...

        def ConfigureStack(self, request: proto.AnalyzerStackConfigureRequest, context: Context | None) -> object:  # noqa: N802
            """Learn which stack is checked."""
            ...

        def GetAnalyzerInfo(self, request: object, context: Context | None) -> proto.AnalyzerInfo:  # noqa: N802
            """Say which policies there are."""
            ...

        def Configure(self, request: proto.ConfigureAnalyzerRequest, context: Context | None) -> object:  # noqa: N802
            """Take levels and settings."""
            ...

else:
    # The SDK keeps its servicer to itself; its version is pinned, and tests run the pack through it.
    Servicer = sdk._PolicyAnalyzerServicer  # noqa: SLF001


def serve(rules: dict[str, Rule]) -> None:
    """Serve the pack to the engine until it is stopped; a broken waiver file or level file ends it with one line."""
    try:
        session = Session(waivers.load(rules), previewing=os.environ.get("PULUMI_DRY_RUN") == "true")
        stack_levels = levels.load(os.environ.get("PULUMI_STACK", ""), rules)
    except (waivers.WaiverError, levels.LevelError) as error:
        sys.exit(f"policy pack: {error}")
    strict: Any = servicer_class(rules, session, stack_levels)
    sdk._PolicyAnalyzerServicer = strict  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    pulumi_policy.PolicyPack(engine.NAME, policies=engine.policies(rules, session))


def servicer_class(rules: dict[str, Rule], session: Session, initial: levels.Levels) -> type[Servicer]:
    """Return the SDK's analyzer, told about stacks and refusing rule names that do not exist.

    Args:
        rules: All rules of the pack.
        session: Learns whether the engine previews.
        initial: Levels to begin with; the stack's file is added when the engine names the stack.
    """

    class StrictServicer(Servicer):
        def ConfigureStack(self, request: proto.AnalyzerStackConfigureRequest, context: Context | None) -> object:  # noqa: N802
            session.previewing = request.dry_run
            _or_abort(context, lambda: initial.update(levels.load(request.stack, rules)))
            return super().ConfigureStack(request, context)

        def GetAnalyzerInfo(self, request: object, context: Context | None) -> proto.AnalyzerInfo:  # noqa: N802
            info = super().GetAnalyzerInfo(request, context)
            for name, value in initial.items():
                settings = value if isinstance(value, dict) else {"enforcementLevel": value}
                config = info.initialConfig[name]
                level = settings.get("enforcementLevel")
                if isinstance(level, str):
                    config.enforcementLevel = PROTO_LEVELS[level]
                properties: dict[str, Any] = {key: item for key, item in settings.items() if key != "enforcementLevel"}
                config.properties.update(properties)
            return info

        def Configure(self, request: proto.ConfigureAnalyzerRequest, context: Context | None) -> object:  # noqa: N802
            _or_abort(context, lambda: levels.check_names(request.policyConfig, rules, "policy configuration"))
            return super().Configure(request, context)

    return StrictServicer


def _or_abort(context: Context | None, action: Callable[[], None]) -> None:
    """Answer the engine with an error instead of raising, so that it shows the message and stops."""
    try:
        action()
    except levels.LevelError as error:
        if context is None:
            raise
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
