"""The words in which facts about a type are written down.

Owns the shape of the files in `data`: what may stand there, and that nothing else does. Does not own their meaning at
run time.

Paths name arguments as Pulumi does: `healthCheck.port`, `rules[].name`, `tags.*`. A block that the provider limits to
one element is an object in Pulumi, and its path has no brackets.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Span = tuple[float | None, float | None]
Plain = str | float | bool
Condition = dict[str, list[Plain] | Literal["given", "absent"]]
"""Values by path, of which each must hold: one of those listed, or that it is given at all. A default counts as given;
`false`, `0` and the empty text count as absent where the provider's language cannot tell them apart."""

Form = Literal[
    "arn", "cidr", "cidr4", "cidr6", "daily window", "date-time", "ip", "ip4", "json", "number", "port", "regex", "url",
    "weekly window",
]  # fmt: skip
"""What a text must look like. A `daily window` is `hh24:mi-hh24:mi`, a `weekly window` `ddd:hh24:mi-ddd:hh24:mi`,
`number` a number written as text, `port` such a number up to 65535."""

Likeness = Literal["case", "json", "number", "policy", "protocol", "spacing", "trailing dot"]
"""When two different texts mean the same to the provider, so that no change is shown."""

Event = Literal[
    "changed", "added", "removed", "element added", "element removed", "elements changed", "first element added",
    "last element removed", "same count", "raised", "lowered", "version raised", "version lowered",
    "major version changed", "other kind",
]  # fmt: skip
"""How the arguments that a rule is about differ. `added` and `removed` are of the whole argument; `elements` are those
of a list or set; `same count` is a changed list of the same length; `other kind` means that of several arguments
another one is given than before."""

Stage = Literal["plan", "create", "update", "delete"]


def _span(text: object) -> object:
    """Read `1..64`, `..64` or `1..` as two bounds, both inclusive."""
    if not isinstance(text, str) or text.count("..") != 1:
        message = f"{text!r} is no span: write '1..64', '..64' or '1..'"
        raise ValueError(message)
    low, high = text.split("..")
    return (float(low) if low else None, float(high) if high else None)


Bounds = Annotated[Span, BeforeValidator(_span)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Argument(_Strict):
    """What holds for one argument.

    `computed`: left out, it keeps what it has or gets what AWS chooses, and taking it out of a program changes nothing.
    `default`: its value when left out. `unordered`: a set, whose order means nothing. `write_only`: sent, never kept
    and never compared. `waits`: a change waits for the maintenance window unless `applyImmediately` is set.
    `kept_here`: known to the provider alone, so that a change of it reaches no AWS API.

    `length` is of a text, `items` of a list, `range` of a number. `enumeration` names a shape of botocore, such as
    `rds:EngineFamily`, whose values are allowed besides `values`; `any_case` admits them in any case.
    """

    required: bool = False
    replaces: bool = False
    computed: bool = False
    default: Plain | None = None
    unordered: bool = False
    write_only: bool = False
    waits: bool = False
    kept_here: bool = False
    like: Likeness | None = None
    length: Bounds | None = None
    items: Bounds | None = None
    range: Bounds | None = None
    pattern: str | None = None
    never: str | None = None
    """A pattern that no part of the text may match."""
    values: tuple[Plain, ...] = ()
    enumeration: str | None = None
    any_case: bool = False
    form: Form | None = None


class Combination(_Strict):
    """Arguments that the provider refuses together, or one without another.

    `within` names the objects in which it is judged (`rules[].lifecycle`); paths are relative to it. `when` says in
    which cases; the other words say what must hold then. `stage` is when the provider refuses: at the plan, or only
    when it creates, updates or deletes.
    """

    within: str = ""
    when: Condition = Field(default_factory=dict[str, "list[Plain] | Literal['given', 'absent']"])
    conflicts: tuple[str, ...] = ()
    """At most one of these."""
    exactly_one: tuple[str, ...] = ()
    at_least_one: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    """All of these or none."""
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    allowed: dict[str, list[Plain]] = Field(default_factory=dict[str, "list[Plain]"])
    """The only values of an argument; one that is left out is allowed."""
    rising: tuple[str, ...] = ()
    """Numbers of which each must be larger than the one before, where both are given."""
    unique: tuple[str, ...] = ()
    """Arguments whose values together are different in each of the objects that `within` names."""
    special: str | None = None
    """The name of a rule in `combinations.py` that no other word can say."""
    stage: Stage = "plan"
    says: str = ""
    """Why, in our own words; needed where the arguments' names do not tell."""


class Change(_Strict):
    """What a change does in certain cases; the first that fits decides, before `replaces` of the arguments.

    `event` is how the arguments `of` differ (several: any of them, or for `other kind` all together), `was` and
    `becomes` are conditions on all arguments before and after.
    """

    of: tuple[str, ...]
    event: Event = "changed"
    was: Condition = Field(default_factory=dict[str, "list[Plain] | Literal['given', 'absent']"])
    becomes: Condition = Field(default_factory=dict[str, "list[Plain] | Literal['given', 'absent']"])
    does: Literal["replace", "update", "nothing", "refuse"]
    stage: Literal["plan", "update"] = "plan"
    """When a change that is refused is refused."""
    says: str = ""


class Dependent(_Strict):
    """Resources of `type` in the way: those that point to this one's id or ARN, or whose `by` is its `own`."""

    type: str
    by: str | None = None
    own: str = "id"


class Ending(_Strict):
    """What stands in the way of a deletion, and what stays behind.

    `dependents` forbid it (AWS refuses, however long the provider tries again); `protected_by` is the argument that
    forbids it while it is true; `contents` is what must be gone first, unless the argument `emptied_by` lets the
    provider empty it. `stays_when` are conditions in which the provider deletes nothing, `stays` says what AWS keeps
    afterwards. `first_old` deletes the old one before its replacement is made, whatever its name.
    """

    dependents: tuple[Dependent, ...] = ()
    protected_by: str | None = None
    contents: str | None = None
    emptied_by: str | None = None
    stays_when: Condition | None = None
    stays: str | None = None
    nothing: bool = False
    """Deleting only forgets it: the thing itself is AWS's (a default, a setting of the account) or lives on."""
    first_old: bool = False


class TypeFacts(_Strict):
    """All facts about a type.

    `source` names the files read, below `internal/service` of hashicorp/terraform-provider-aws, with the first twelve
    digits of the commit: `efs/file_system.go@0389f4671dd9`. `overrides` does so for what pulumi-aws changes.
    """

    source: tuple[str, ...]
    overrides: tuple[str, ...] = ()
    unverified: str = ""
    arguments: dict[str, Argument]
    combinations: tuple[Combination, ...] = ()
    changes: tuple[Change, ...] = ()
    ending: Ending = Ending()
