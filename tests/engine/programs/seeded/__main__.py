"""Our own program with violations sown beside its resources: one seed per rule of the policy pack.

The seeds come as a file (`tests/engine/seeds.py` writes it). Where the program has a resource of a seed's type, the
seed is a copy of that resource, references and all, with only the violation written over it; other types are
registered as the file says. Without a checkout the seeds stand alone: for rules that one resource of the platform
satisfies for the whole stack.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import pulumi
from pulumi import _types as sdk_types  # pyright: ignore[reportPrivateUsage]
from pulumi.runtime import register_stack_transformation

if TYPE_CHECKING:
    from collections.abc import Mapping

Sample: TypeAlias = dict[str, Any]
Made: TypeAlias = dict[str, pulumi.Resource]

ROLE = re.compile(r"((?:dev|stg|prod)-[a-z]+-[a-z0-9]+-)[a-z0-9]+")
numbers = count(1)
config = pulumi.Config("seeds")
seeds = json.loads(Path(config.require("file")).read_text(encoding="utf-8"))
checkout = config.get("checkout")
originals: dict[str, pulumi.ResourceTransformationArgs] = {}
platform: Mapping[str, Any] | None = None if checkout else {}


def remember(args: pulumi.ResourceTransformationArgs) -> None:
    """Keep the program's first resource of each type."""
    if platform is None:
        originals.setdefault(args.type_, args)


def sow(seed: dict[str, Any]) -> None:
    """Register the resources of one seed."""
    made: Made = {}
    for sample in seed["resources"]:
        made[sample["name"]] = register(f"{seed['label']}-{sample['name']}", sample, made)


def register(name: str, sample: Sample, made: Made) -> pulumi.Resource:
    """Register one resource: a component, a changed copy of the program's, or what the file says."""
    token, parent = sample["type"], made.get(sample["parent"] or "")
    if not token.startswith("aws:"):
        return pulumi.ComponentResource(token, name, {}, pulumi.ResourceOptions(parent=parent))
    opts = pulumi.ResourceOptions(parent=parent, provider=account, protect=sample["protect"] or None)
    original = originals.get(token)
    if original is None:
        wanted = dict.fromkeys(sample["outputs"])
        return pulumi.CustomResource(token, name, {**wanted, **realize(sample["properties"], made)}, opts)
    owner = original.opts.parent
    if parent is None and owner is not None:
        opts.parent, name = owner, f"{owner.pulumi_resource_name}-{name}"
    return copy(original, name, sample, made, opts)


def copy(
    original: pulumi.ResourceTransformationArgs, name: str, sample: Sample, made: Made, opts: pulumi.ResourceOptions
) -> pulumi.Resource:
    """Register a resource like the program's, with the sample's properties written over it."""
    kind = type(original.resource)
    # The class of the arguments tells the SDK how nested properties are spelt; it is InitArgs where Args is taken.
    module = vars(sys.modules[kind.__module__])
    arguments = cast("type[object]", module.get(f"{kind.__name__}InitArgs") or module[f"{kind.__name__}Args"])
    spelt: dict[str, str] = {
        wire: python for python, wire in sdk_types.input_type_py_to_pulumi_names(arguments).items()
    }
    properties = {**cast("dict[str, Any]", original.props)}
    properties |= {spelt.get(key, key): None for key in cast("list[str]", sample["unset"])}
    for key in cast("list[str]", sample["given"]):
        properties[spelt.get(key, key)] = realize(sample["properties"][key], made)
    called = cast("str", spelt.get(sample["called"], sample["called"]))
    physical = properties.get(called)
    if sample["called"] not in sample["given"] and isinstance(physical, str):
        # Two resources of one name would be taken for each other.
        properties[called] = ROLE.sub(rf"\g<1>seed{next(numbers)}", physical)
    given = object.__new__(arguments)
    given.__dict__.update(properties)
    copied = cast("pulumi.CustomResource", object.__new__(kind))
    pulumi.CustomResource.__init__(copied, original.type_, name, cast("dict[str, Any]", given), opts)
    return copied


def realize(value: Any, made: Made) -> Any:  # noqa: ANN401 - JSON of any shape
    """Put the outputs of resources in the place of references to them."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        if "$resource" in items:
            return output(made[items["$resource"]], items["$output"])
        return {key: realize(item, made) for key, item in items.items()}
    return [realize(item, made) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def output(resource: pulumi.Resource, wire: str) -> Any:  # noqa: ANN401 - an output of any type
    """Return an output by the engine's name."""
    if type(resource) is pulumi.CustomResource:
        return getattr(resource, wire)
    return getattr(resource, re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", wire))


register_stack_transformation(remember)
if checkout:
    sys.path.insert(0, checkout)
    os.chdir(checkout)
    platform = runpy.run_path(str(Path(checkout) / "__main__.py"), run_name="__main__")
# The provider of the program's account, which all its components share.
account = platform["opts"].providers[0] if platform else None
for sown in seeds["seeds"]:
    sow(sown)
