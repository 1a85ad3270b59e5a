"""The pack's start inside the engine, stricter than the SDK's.

Owns what only the analyzer's protocol carries: the stack's name and whether this is a preview, from which the levels
in `config/` follow without a flag; and the configuration that the engine passes, in which the SDK overlooks unknown
rule names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
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
LEVEL_NAMES = {number: name for name, number in PROTO_LEVELS.items()}


class Context(Protocol):
    """The part of a gRPC call's context that is used here."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        """End the call with an error."""
        ...


if TYPE_CHECKING:

    class Servicer:
        """The analyzer's side of the engine's protocol, as far as it is used here."""

        def __init__(
            self, name: str, version: str, policies: list[Policy], enforcement_level: EnforcementLevel, *more: object
        ) -> None: ...

        def Analyze(self, request: proto.AnalyzeRequest, context: Context | None) -> proto.AnalyzeResponse:  # noqa: N802
            """Check one resource's inputs."""
            ...

        def Remediate(  # noqa: N802
            self, request: proto.AnalyzeRequest, context: Context | None
        ) -> proto.RemediateResponse:
            """Rewrite one resource's inputs."""
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
        stack_levels = session.levels(os.environ.get("PULUMI_PROJECT", ""), os.environ.get("PULUMI_STACK", ""), rules)
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
        def __init__(
            self, name: str, version: str, policies: list[Policy], enforcement_level: EnforcementLevel, *more: object
        ) -> None:
            super().__init__(name, version, policies, enforcement_level, *more)
            self._narrow = _Narrow(rules, name, version, policies, enforcement_level)
            self._index = Servicer(name, version, [engine.index_policy(session)], enforcement_level)

        def Analyze(self, request: proto.AnalyzeRequest, context: Context | None) -> proto.AnalyzeResponse:  # noqa: N802
            return self._narrow.servicer([request.type]).Analyze(request, context)

        def Remediate(self, request: proto.AnalyzeRequest, context: Context | None) -> proto.RemediateResponse:  # noqa: N802
            return self._narrow.servicer([request.type]).Remediate(request, context)

        def AnalyzeStack(  # noqa: N802
            self, request: proto.AnalyzeStackRequest, context: Context | None
        ) -> proto.AnalyzeResponse:
            # The SDK unpacks all resources anew for each policy: one policy keeps them, the others are shown none.
            self._index.AnalyzeStack(request, context)
            types = (item.type for item in request.resources)
            return self._narrow.servicer(types).AnalyzeStack(proto.AnalyzeStackRequest(), context)

        def ConfigureStack(self, request: proto.AnalyzerStackConfigureRequest, context: Context | None) -> object:  # noqa: N802
            session.previewing = request.dry_run
            _or_abort(context, lambda: initial.update(session.levels(request.project, request.stack, rules)))
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
            self._narrow.configure(request)
            return super().Configure(request, context)

    return StrictServicer


class _Narrow:
    """The SDK's servicers with only the policies that look at the types at hand.

    The SDK unpacks each resource anew for each of its policies, which for two hundred of them costs more than all
    checks together.
    """

    def __init__(
        self, rules: dict[str, Rule], name: str, version: str, policies: list[Policy], level: EnforcementLevel
    ) -> None:
        self._rules = rules
        self._identity = (name, version)
        self._policies = policies
        self._level = level
        self._servicers: dict[frozenset[str], Servicer] = {}
        self._configuration: proto.ConfigureAnalyzerRequest | None = None

    def configure(self, request: proto.ConfigureAnalyzerRequest) -> None:
        """Pass levels and settings on to every servicer that is made from now on."""
        self._configuration = request
        self._servicers.clear()

    def servicer(self, tokens: Iterable[str]) -> Servicer:
        """Return the servicer for resources of the given types."""
        key = frozenset(tokens)
        if key not in self._servicers:
            chosen = [policy for policy in self._policies if self._looks_at(policy, key)]
            servicer = self._servicers[key] = Servicer(*self._identity, chosen or self._policies[-1:], self._level)
            if self._configuration is not None:
                servicer.Configure(self._configuration, None)
        return self._servicers[key]

    def _looks_at(self, policy: Policy, tokens: frozenset[str]) -> bool:
        rule = self._rules.get(policy.name)
        return rule is None or any(rule.applies_to(token) for token in tokens)


def _or_abort(context: Context | None, action: Callable[[], None]) -> None:
    """Answer the engine with an error instead of raising, so that it shows the message and stops."""
    try:
        action()
    except levels.LevelError as error:
        if context is None:
            raise
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
