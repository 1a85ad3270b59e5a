"""The words in which resource types are described: shapes of values, properties, limits and whole resource types.

Owns the data model and its JSON form (the digest cache stores it). Does not know where a description comes from
(`sdk.py`, `limits.py`, `replacement.py`) nor what is done with it (`checking.py`, `outputs.py`, `diffing.py`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from rehearsal.aws.facts.grammar import TypeFacts, facts_from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

Span: TypeAlias = tuple[float | None, float | None]
"""Both ends of a span, inclusive; None where it is open."""
Kind = Literal["string", "integer", "number", "boolean", "list", "map", "object", "document", "asset", "any"]


@dataclass(frozen=True)
class Shape:
    """The shape of a value. `document` is a JSON text that may also be given as an object (IAM policies)."""

    kind: Kind
    item: Shape | None = None
    object_name: str = ""

    def __str__(self) -> str:
        """The shape as a person would say it, for error messages."""
        if self.kind in {"list", "map"}:
            return f"a {self.kind} of {self.item}"
        words = {
            "string": "a string",
            "integer": "a whole number",
            "number": "a number",
            "boolean": "true or false",
            "document": "a JSON document",
            "asset": "an asset or archive",
            "any": "any value",
        }
        return words.get(self.kind, f"an object {self.object_name}")


@dataclass(frozen=True)
class Limit:
    """What AWS accepts in one value; lengths in characters (or elements for lists), numbers inclusive.

    `spans` are given where one span does not say it, from the lowest. `never` is a pattern that no part of a text may
    match, `form` one of `rehearsal.aws.facts.grammar.Form`.
    """

    minimum: float | None = None
    maximum: float | None = None
    spans: tuple[Span, ...] = ()
    pattern: str | None = None
    never: str | None = None
    values: tuple[str, ...] = ()
    any_case: bool = False
    form: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Property:
    """One property: `required` for inputs means must be given, for outputs means is always there."""

    name: str
    shape: Shape
    required: bool
    default: str | None = None
    replaces: bool = False


@dataclass(frozen=True)
class ResourceType:
    """All that the packages say about one resource type.

    `objects` holds the nested shapes by name, inputs and outputs apart because AWS returns more than it accepts.
    `limits` is keyed by path (`healthCheck.port`, `rules[].name`). `replacement` says which properties cannot change in
    place and which source says so, keyed by path without the list steps; `facts`, read from the provider's own source,
    say so and more where they exist. `import_example` and `import_text` are the provider's own words on ids.
    """

    token: str
    inputs: Mapping[str, Property]
    outputs: Mapping[str, Property]
    input_objects: Mapping[str, Mapping[str, Property]]
    output_objects: Mapping[str, Mapping[str, Property]]
    import_example: str = ""
    import_text: str = ""
    limits: Mapping[str, Limit] = field(default_factory=dict[str, Limit])
    replacement: Mapping[str, str] = field(default_factory=dict[str, str])
    cloudformation: str = ""
    operation: str = ""
    facts: TypeFacts | None = None

    @property
    def module(self) -> str:
        """The SDK module, `ec2` in `aws:ec2/vpc:Vpc`."""
        return self.token.split(":")[1].split("/")[0]

    @property
    def class_name(self) -> str:
        """The class, `Vpc` in `aws:ec2/vpc:Vpc`."""
        return self.token.rsplit(":", 1)[1]

    def to_json(self) -> dict[str, Any]:
        """The description as plain data."""
        return asdict(self)


def resource_type_from_json(data: Mapping[str, Any]) -> ResourceType:
    """The reverse of `ResourceType.to_json`."""
    return ResourceType(
        token=data["token"],
        inputs=_properties(data["inputs"]),
        outputs=_properties(data["outputs"]),
        input_objects={name: _properties(value) for name, value in data["input_objects"].items()},
        output_objects={name: _properties(value) for name, value in data["output_objects"].items()},
        import_example=data["import_example"],
        import_text=data["import_text"],
        limits={path: _limit(value) for path, value in data["limits"].items()},
        replacement=data["replacement"],
        cloudformation=data["cloudformation"],
        operation=data["operation"],
        facts=facts_from_json(data["facts"]) if data["facts"] else None,
    )


def _limit(data: Mapping[str, Any]) -> Limit:
    listed: dict[str, Any] = {
        "values": tuple(data["values"]),
        "spans": tuple((low, high) for low, high in data["spans"]),
    }
    return Limit(**(dict(data) | listed))


def _properties(data: Mapping[str, Any]) -> dict[str, Property]:
    return {name: Property(**(value | {"shape": _shape(value["shape"])})) for name, value in data.items()}


def _shape(data: Mapping[str, Any]) -> Shape:
    item = data["item"]
    return Shape(kind=data["kind"], item=_shape(item) if item else None, object_name=data["object_name"])
