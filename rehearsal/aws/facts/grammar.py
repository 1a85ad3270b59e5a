"""The words in which facts about a type are written down.

Owns the shape of the files in `data`, and its JSON form (the digest cache stores it). Does not own their meaning at
run time, nor the judgment of a file (`library.py`): this module is read by every plugin and imports nothing slow.

Paths name arguments as Pulumi does: `healthCheck.port`, `rules[].name`, `tags.*`. A block that the provider limits to
one element is an object in Pulumi, and its path has no brackets.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

Plain: TypeAlias = str | bool | int | float
Condition: TypeAlias = dict[str, list[Plain] | Literal["given", "absent", "off"]]
"""Values by path, of which each must hold: one of those listed, or that it is given at all. A default counts as given;
`false`, `0` and the empty text count as absent where the provider's language cannot tell them apart, and `[false]` fits
what is absent. `off` is what the program itself sets to `false`, `0` or the empty text, where the provider looks so."""

Form = Literal[
    "arn", "cidr", "cidr4", "cidr6", "daily window", "date-time", "ip", "ip4", "json", "number", "port", "regex", "url",
    "weekly window",
]  # fmt: skip
"""What a text must look like. A `daily window` is `hh24:mi-hh24:mi`, a `weekly window` `ddd:hh24:mi-ddd:hh24:mi`,
`number` a number written as text, `port` such a number up to 65535."""

Likeness = Literal["case", "json", "key", "number", "policy", "protocol", "spacing", "trailing dot"]
"""When two different texts mean the same to the provider, so that no change is shown. A `key` is one of KMS, by its id
or its ARN."""

Event = Literal[
    "changed", "added", "removed", "element added", "element removed", "element lost", "elements changed",
    "first element added", "last element removed", "same count", "raised", "lowered", "version raised",
    "version lowered", "major version changed", "other kind",
]  # fmt: skip
"""How the arguments that a rule is about differ. `added` and `removed` are of the whole argument; `elements` are those
of a list or set, and one is `lost` where no more take its place; `same count` is a changed list of the same length;
`other kind` means that of several arguments another one is given than before."""

Stage = Literal["plan", "create", "update", "delete"]


def _nothing() -> Condition:
    return {}


_CONFIG: Any = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, kw_only=True)
class Argument:
    """What holds for one argument.

    `computed`: left out, it keeps what it has or gets what AWS chooses, and taking it out of a program changes nothing.
    `default`: its value when left out. `unordered`: a set, whose order means nothing. `write_only`: sent, never kept
    and never compared. `waits`: a change waits for the maintenance window unless `applyImmediately` is set.
    `kept_here` is told to the reader: known to the provider alone, so that a change of it reaches no AWS API.

    `length` is of a text, `items` of a list, `range` of a number, each a span such as `1..64`, `..64` or `1..`; several
    stand side by side as in `0 | 30..3600`.
    `enumeration` names a shape of botocore, such as `rds:EngineFamily`, whose values are allowed besides `values`;
    `any_case` admits them in any case.
    """

    __pydantic_config__ = _CONFIG

    required: bool = False
    replaces: bool = False
    computed: bool = False
    default: Plain | None = None
    unordered: bool = False
    write_only: bool = False
    waits: bool = False
    kept_here: bool = False
    like: Likeness | None = None
    length: str | None = None
    items: str | None = None
    range: str | None = None
    pattern: str | None = None
    never: str | None = None
    """A pattern that no part of the text may match."""
    values: tuple[Plain, ...] = ()
    enumeration: str | None = None
    any_case: bool = False
    form: Form | None = None


@dataclass(frozen=True, kw_only=True)
class Combination:
    """Arguments that the provider refuses together, or one without another.

    `within` names the objects in which it is judged (`rules[].lifecycle`); paths are relative to it. `when` says in
    which cases; the other words say what must hold then. `stage` is when the provider refuses: at the plan, or only
    when it creates, updates or deletes.
    """

    __pydantic_config__ = _CONFIG

    within: str = ""
    when: Condition = field(default_factory=_nothing)
    conflicts: tuple[str, ...] = ()
    """At most one of these."""
    exactly_one: tuple[str, ...] = ()
    at_least_one: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    """All of these or none."""
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    allowed: dict[str, list[Plain]] = field(default_factory=dict[str, "list[Plain]"])
    """The only values of an argument; one that is left out is allowed."""
    rising: tuple[str, ...] = ()
    """Numbers of which each must be larger than the one before, where both are given."""
    ascending: tuple[str, ...] = ()
    """Numbers of which none may be smaller than the one before, where both are given."""
    unique: tuple[str, ...] = ()
    """Arguments whose values together are different in each of the objects that `within` names."""
    special: str | None = None
    """The name of a rule in `combinations.py` that no other word can say."""
    stage: Stage = "plan"
    says: str = ""
    """Why, in our own words; needed where the arguments' names do not tell."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a change does in certain cases; the first that fits decides, before `replaces` of the arguments.

    `event` is how the arguments `of` differ (several: any of them, or for `other kind` all together), `was` and
    `becomes` are conditions on all arguments before and after.
    """

    __pydantic_config__ = _CONFIG

    of: tuple[str, ...]
    event: Event = "changed"
    was: Condition = field(default_factory=_nothing)
    becomes: Condition = field(default_factory=_nothing)
    does: Literal["replace", "update", "nothing", "refuse"]
    stage: Literal["plan", "update"] = "plan"
    """When a change that is refused is refused."""
    says: str = ""


@dataclass(frozen=True, kw_only=True)
class Dependent:
    """Resources of `type` in the way: those that point to this one's id or ARN, or whose `by` is its `own`."""

    __pydantic_config__ = _CONFIG

    type: str
    by: str | None = None
    own: str = "id"
    unless: str | None = None
    """An argument of the resource that ends, by which the provider takes these away first."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What stands in the way of a deletion, and what stays behind.

    `dependents` forbid it (AWS refuses, however long the provider tries again); `protected_by` is the argument that
    forbids it while it is true; `contents` is what must be gone first, unless the argument `emptied_by` lets the
    provider empty it. `stays_when` are conditions in which the provider deletes nothing, `stays` says what AWS keeps
    afterwards. `first_old` deletes the old one before its replacement is made, whatever its name.

    `contents`, `emptied_by`, `stays` and `nothing` are told to the reader: what the world does about them is
    `rehearsal/aws/endings.py`.
    """

    __pydantic_config__ = _CONFIG

    dependents: tuple[Dependent, ...] = ()
    protected_by: str | None = None
    contents: str | None = None
    emptied_by: str | None = None
    stays_when: Condition | None = None
    stays: str | None = None
    nothing: bool = False
    """Deleting only forgets it: the thing itself is AWS's (a default, a setting of the account) or lives on."""
    first_old: bool = False


@dataclass(frozen=True, kw_only=True)
class TypeFacts:
    """All facts about a type.

    `source` names the files read, below `internal/service` of hashicorp/terraform-provider-aws, with the release or the
    first twelve digits of the commit: `efs/file_system.go@v6.58.0`. `overrides` does so for what pulumi-aws changes.
    """

    __pydantic_config__ = _CONFIG

    source: tuple[str, ...]
    overrides: tuple[str, ...] = ()
    unverified: str = ""
    arguments: dict[str, Argument]
    combinations: tuple[Combination, ...] = ()
    changes: tuple[Change, ...] = ()
    waits_for: tuple[str, ...] = ()
    """Types whose new resources the provider waits for, asking again while AWS does not see them yet."""
    frozen_by: tuple[str, ...] = ()
    """Types whose resources forbid every change but of tags while they point to this one."""
    ending: Ending = field(default_factory=Ending)

    def to_json(self) -> dict[str, Any]:
        """The facts as plain data."""
        return asdict(self)


def facts_from_json(data: Mapping[str, Any]) -> TypeFacts:
    """The reverse of `TypeFacts.to_json`."""
    ending: dict[str, Any] = dict(data["ending"])
    ending["dependents"] = tuple(Dependent(**one) for one in ending["dependents"])
    return TypeFacts(
        source=tuple(data["source"]),
        overrides=tuple(data["overrides"]),
        unverified=data["unverified"],
        arguments={path: Argument(**_tuples(one)) for path, one in data["arguments"].items()},
        combinations=tuple(Combination(**_tuples(one)) for one in data["combinations"]),
        changes=tuple(Change(**_tuples(one)) for one in data["changes"]),
        waits_for=tuple(data["waits_for"]),
        frozen_by=tuple(data["frozen_by"]),
        ending=Ending(**ending),
    )


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    lists = {name: cast("list[Any]", value) for name, value in data.items() if isinstance(value, list)}
    return data | {name: tuple(value) for name, value in lists.items()}
