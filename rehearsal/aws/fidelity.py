"""States, type by type, what a rehearsal on the stand-in proves about AWS and what it leaves unproven.

Owns the measurement and its table in docs/reference/fidelity.md; the claims follow from the same descriptions that the
stand-in works with, so they cannot be rosier than it is. Run `python -m rehearsal.aws.fidelity` to rewrite the page for
the types it lists, with `--stack-export FILE` to add the types of a stack's exported state.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rehearsal.aws.catalog import describe
from rehearsal.aws.knowledge import knowledge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "fidelity.md"
_ROW = re.compile(r"^\| `(aws:[^`]+)`", re.MULTILINE)
_HEAD = """# What the AWS stand-in verifies, and what it does not

Written by `python -m rehearsal.aws.fidelity`; a test fails when it is out of date. For every type the stand-in checks
**names, types and required arguments** against the Pulumi SDK, nested ones too, and applies AWS's rules on unique
names, dangling ids, deletion protection and dependents, and refuses types that CloudFormation lists in most
regions and not in the resource's. Buckets, vaults and repositories that hold something are not deleted but by force,
databases leave their final snapshot, keys wait for their end. The columns say what else holds:

- **limits**: arguments (of all, nested ones too) whose length, range, pattern or enumeration is checked, and where the
  limits come from. All other values are accepted unseen.
- **replacement**: arguments known to force a replacement, by source: `docs` the provider's own documentation in the
  SDK, `CFN` the CloudFormation schema (close to, not the same as, the provider's rule), `table` our own table
  `types.toml`, `guess` a convention for types that CloudFormation does not have.
- **outputs**: computed outputs with a form from the table, and those guessed from their names. All are invented.

Every operation asks for the permissions that it needs, where a rehearsal runs as a role ([how](rehearsal.md)).

Unverified on AWS for every type: whether those permissions are all, service quotas, combinations of arguments that AWS
refuses (but for the few in `rehearsal/aws/refusals.py`), engine and add-on versions on offer, capacity, prices, the
time that anything takes, and whatever happens inside a resource.
[first-deploy.md](first-deploy.md) lists what to prove in a real account.

| type | limits | replacement | outputs | unverified on AWS |
|---|---|---|---|---|
"""
_SOURCES = {"docstring": "docs", "CloudFormation": "CFN", "types.toml": "table", "convention": "guess"}


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """What is verified of one type, by what."""

    token: str
    arguments: int
    limited: int
    limit_sources: tuple[str, ...]
    replacement: Counter[str]
    outputs_by_table: int
    outputs_by_convention: int

    @property
    def unverified(self) -> tuple[str, ...]:
        """What stays open for this type besides what the page says of all."""
        found = [f"{self.arguments - self.limited} of {self.arguments} values"]
        if "docs" not in self.replacement and "CFN" not in self.replacement and "table" not in self.replacement:
            found.append("replacement rules")
        if self.outputs_by_convention:
            found.append(f"form of {self.outputs_by_convention} outputs")
        return tuple(found)


def measure(token: str) -> Fidelity:
    """Measures a type; raises `rehearsal.aws.sdk.UnknownTypeError` for tokens that the SDK does not have."""
    resource, entry = describe(token), knowledge(token)
    computed = {
        prop.name for prop in resource.outputs.values() if prop.name not in resource.inputs and prop.name != "tagsAll"
    }
    by_table = computed & ({*entry.outputs} | ({"arn"} if entry.arn else set[str]()))
    # The counts are of distinct arguments: a nested class that is used in many places counts once.
    arguments = len(resource.inputs) + sum(len(members) for members in resource.input_objects.values())
    limited = {path.replace("[]", "") for path in resource.limits}
    return Fidelity(
        token=token,
        arguments=arguments,
        limited=min(len(limited), arguments),
        limit_sources=tuple(sorted({limit.source for limit in resource.limits.values()})),
        replacement=Counter(_SOURCES[source] for source in resource.replacement.values()),
        outputs_by_table=len(by_table),
        outputs_by_convention=len(computed - by_table),
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


def _row(found: Fidelity) -> str:
    rules = ", ".join(f"{count} {source}" for source, count in sorted(found.replacement.items())) or "none known"
    limits = f"{found.limited} of {found.arguments}"
    if found.limit_sources:
        limits += f" ({', '.join(found.limit_sources)})"
    outputs = f"{found.outputs_by_table} table, {found.outputs_by_convention} guessed"
    return f"| `{found.token}` | {limits} | {rules} | {outputs} | {'; '.join(found.unverified)} |"


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
