"""States, type by type, what a rehearsal on the stand-in proves about AWS and what it leaves unproven.

Owns the measurement and its table in docs/reference/fidelity.md; the claims follow from the same descriptions that the
stand-in works with, so they cannot be rosier than it is. Run `python -m rehearsal.aws.fidelity` to rewrite the page for
the types it lists, with `--stack-export FILE` to add the types of a stack's exported state.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rehearsal.aws.catalog import describe
from rehearsal.aws.knowledge import knowledge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rehearsal.aws.shapes import ResourceType, Shape

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "fidelity.md"
_ROW: Final = re.compile(r"^\| `(aws:[^`]+)`", re.MULTILINE)
_HEAD: Final = """# What the AWS stand-in verifies, and what it does not

Written by `python -m rehearsal.aws.fidelity`; a test fails when it is out of date, and another one when a type that the
program uses has no facts. For every type the stand-in checks **names, types and required arguments** against the Pulumi
SDK, nested ones too, refuses dangling ids and types that CloudFormation lists in most regions and not in the one asked,
and keeps unique names unique. What else holds follows from **facts** (`rehearsal/aws/facts/data`): what the official
provider's source says of the type, in words of our own, read from the newest stored version between 2026-11-24 and
2026-12-01.

- **read in**: the files of hashicorp/terraform-provider-aws below `internal/service`, each with the commit. Where none
  stands, `replacement.py` guesses from the SDK's documentation and the CloudFormation schema.
- **values**: arguments (of all, nested ones too) whose length, range, form, pattern or enumeration is checked, by the
  facts or by the API's model in botocore. All other values are accepted unseen.
- **replaces**: arguments whose change makes a new resource; **rules**: combinations that are refused, and changes that
  do this or that depending on more than the argument.
- **outputs**: computed outputs with a form from the table `types.toml`, and those guessed from their names. All are
  invented.

Every operation asks for the permissions that it needs, where a rehearsal runs as a role ([how](rehearsal.md)).

Unverified on AWS for every type: whether those permissions are all, service quotas, what only the API refuses beyond
the facts, engine and add-on versions on offer, capacity, prices, the time that anything takes, and whatever happens
inside a resource. [first-deploy.md](first-deploy.md) lists what to prove in a real account.

| type | read in | values | replaces | rules | outputs | open |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """What is verified of one type, by what."""

    token: str
    sources: tuple[str, ...]
    arguments: int
    limited: int
    replacing: int
    rules: int
    outputs_by_table: int
    outputs_by_convention: int
    open: str


def measure(token: str) -> Fidelity:
    """Measures a type; raises `rehearsal.aws.sdk.UnknownTypeError` for tokens that the SDK does not have."""
    resource, entry = describe(token), knowledge(token)
    computed = {
        prop.name for prop in resource.outputs.values() if prop.name not in resource.inputs and prop.name != "tagsAll"
    }
    by_table = computed & ({*entry.outputs} | ({"arn"} if entry.arn else set[str]()))
    known = resource.facts
    replacing = (
        [path for path, argument in known.arguments.items() if argument.replaces] if known else resource.replacement
    )
    return Fidelity(
        token=token,
        sources=known.source if known else (),
        arguments=len(resource.inputs) + sum(len(members) for members in resource.input_objects.values()),
        limited=len(_limited(resource)),
        replacing=len(replacing),
        rules=len(known.combinations) + len(known.changes) if known else 0,
        outputs_by_table=len(by_table),
        outputs_by_convention=len(computed - by_table),
        open=known.unverified if known else "its source has not been read",
    )


def render(tokens: Iterable[str]) -> str:
    """The whole page for these types."""
    return _HEAD + "".join(f"{_row(measure(token))}\n" for token in sorted(set(tokens)))


def listed_types(page: str) -> tuple[str, ...]:
    """The types that a page lists."""
    return tuple(_ROW.findall(page))


def types_of_state(state: dict[str, Any]) -> tuple[str, ...]:
    """The AWS types in a stack's exported state."""
    resources: list[dict[str, Any]] = state["deployment"]["resources"]
    return tuple(sorted({str(resource["type"]) for resource in resources if resource["type"].startswith("aws:")}))


def _limited(resource: ResourceType) -> set[tuple[str, str]]:
    """The arguments with a limit, each once by its class: one that is used in many places has many paths."""
    found: set[tuple[str, str]] = set()
    for path in resource.limits:
        *above, last = path.replace("[]", "").split(".")
        owner, members = "", resource.inputs
        for step in above:
            owner = _class(members[step].shape) if step in members else ""
            members = resource.input_objects.get(owner, {})
        if last in members:
            found.add((owner, last))
    return found


def _class(shape: Shape) -> str:
    while shape.item:
        shape = shape.item
    return shape.object_name


def _row(found: Fidelity) -> str:
    sources = ", ".join(f"`{source}`" for source in found.sources) or "no source"
    outputs = f"{found.outputs_by_table} table, {found.outputs_by_convention} guessed"
    values = f"{found.limited} of {found.arguments}"
    return f"| `{found.token}` | {sources} | {values} | {found.replacing} | {found.rules} | {outputs} | {found.open} |"


def _wanted(page: str, exports: Iterable[Path]) -> Iterator[str]:
    yield from listed_types(page)
    for export in exports:
        yield from types_of_state(json.loads(export.read_text(encoding="utf-8")))


def main() -> None:
    """Rewrites the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--stack-export", type=Path, action="append", default=[], help="a file of `pulumi stack export`"
    )
    parser.add_argument("types", nargs="*", help="more type tokens")
    options = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    PAGE.write_text(render([*_wanted(page, options.stack_export), *options.types]), encoding="utf-8")


if __name__ == "__main__":
    main()
