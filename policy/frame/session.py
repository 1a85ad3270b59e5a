"""What one run of the pack remembers between the engine's calls.

Owns the bridge from the SDK's arguments to plain resources. The engine shows a resource's inputs one by one while the
program runs and all outputs together at the end; only inputs tell "left out" from "AWS decides", so they are kept for
the stack rules, which share one index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from pulumi_policy import PolicyResource, ResourceValidationArgs, StackValidationArgs

from .levels import Levels, load
from .resources import Finding, Resource, Stack
from .rule import Rule
from .values import Unknown, Value, plain
from .waivers import Waiver, WaiverFile

Properties = dict[str, Value]


@dataclass
class Session:
    """State of one engine run: recorded inputs, the current stack's index and the waivers that were used."""

    waivers: WaiverFile
    previewing: bool = False
    used: set[Waiver] = field(default_factory=set[Waiver])
    _inputs: dict[str, Properties] = field(default_factory=dict[str, Properties])
    _recorded_by: dict[str, str] = field(default_factory=dict[str, str])
    stack: Stack = field(default_factory=lambda: Stack([]))

    def levels(self, project: str, stack: str, rules: Mapping[str, Rule]) -> Levels:
        """Return the levels of a stack of our project; in any other project the rules' own levels hold.

        Raises:
            LevelError: The stack's file names an unknown rule, level or setting.
        """
        return load(stack, rules) if project == self.waivers.project else {}

    def record(self, args: ResourceValidationArgs, rule_id: str) -> None:
        """Keep a resource's inputs, once per pass of the rules over it."""
        if self._recorded_by.setdefault(args.urn, rule_id) == rule_id:
            self._inputs[args.urn] = cast("Properties", plain(args.props))

    def resource(self, args: ResourceValidationArgs) -> Resource:
        """Return the view of a single resource's inputs."""
        return Resource(
            args.resource_type,
            args.name,
            args.urn,
            cast("Properties", plain(args.props)),
            parent=args.opts.parent,
            protect=args.opts.protect,
        )

    def index(self, args: StackValidationArgs) -> None:
        """Take over the stack that `args` shows, for all rules that look at it."""
        self.stack = Stack([self._view(item, cast("Properties", plain(item.props))) for item in args.resources])
        self._inputs.clear()
        self._recorded_by.clear()

    def unwaived(self, rule_id: str, findings: list[Finding]) -> list[Finding]:
        """Return the findings that no waiver covers, and remember the waivers that were needed."""
        rest: list[Finding] = []
        for finding in findings:
            waiver = self.waivers.match(rule_id, finding)
            if waiver is None:
                rest.append(finding)
            else:
                self.used.add(waiver)
        return rest

    def _view(self, item: PolicyResource, outputs: Properties) -> Resource:
        inputs = self._inputs.get(item.urn)
        return Resource(
            item.resource_type,
            item.name,
            item.urn,
            inputs if inputs is not None and _agree(inputs, outputs) else outputs,
            outputs=outputs,
            references={
                name: tuple(target.urn for target in targets) for name, targets in item.property_dependencies.items()
            },
            dependencies=[target.urn for target in item.dependencies],
            parent=item.parent.urn if item.parent else item.opts.parent,
            protect=item.opts.protect,
        )


def _agree(inputs: Properties, outputs: Properties) -> bool:
    """Tell whether the recorded inputs are this resource's: what both know and say simply must be the same."""
    return all(
        name not in outputs
        or not isinstance(value, bool | int | float | str)
        or isinstance(outputs[name], Unknown)
        or outputs[name] == value
        for name, value in inputs.items()
    )
