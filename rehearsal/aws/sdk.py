"""Reads resource types out of the installed pulumi_aws SDK, from its source text.

Owns the way from a type token to property names, shapes, required flags, documented defaults and the "forces
replacement" remarks. The text is read instead of imported because importing one module of the SDK costs seconds and
hundreds of megabytes (`ec2/_inputs.py` alone has 28,000 lines), while one class of it is found by a search.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rehearsal.aws.shapes import Kind, Property, ResourceType, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_GETTER = re.compile(
    r'    @pulumi\.getter(?:\(name="(?P<camel>\w+)"\))?\n'
    r"(?:    @_utilities\.deprecated\(.*?\)\n(?=    def ))?"
    r"    def (?P<snake>\w+)\(self\) -> (?P<type>.+?):\n"
    r'(?:        """\n(?P<doc>.*?)\n        """)?',
    re.DOTALL,
)
_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
_IMPORT = re.compile(r"\$ pulumi import \S+ \S+ '?\"?([^\s'\"]+)")
_IMPORT_TEXT = re.compile(r"Using `pulumi import`,([^\n]*)")
_DEFAULT = re.compile(r"[Dd]efault(?:s to|s to:| is|:| value is| value:)?:? `([^`]*)`")
# The sentences by which the provider's authors say that a change is not possible in place.
_REPLACES = re.compile(
    r"forces? (?:a |the )?(?:new|replacement|re-?creation|creation of a new|the creation of a new)|forces? new|"
    r"will (?:force|create) a new|will cause a? ?(?:new|replacement|re-?creation)|"
    r"will be (?:destroyed and )?re-?created",
    re.IGNORECASE,
)
_SCALARS: Mapping[str, Kind] = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


class UnknownTypeError(LookupError):
    """The SDK has no such resource type or function."""


@cache
def sdk_folder() -> Path:
    """The folder of the installed SDK, found without importing it."""
    spec = importlib.util.find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        message = "the Python package pulumi_aws is not installed: install requirements-dev.txt"
        raise ModuleNotFoundError(message)
    return Path(spec.origin).parent


@cache
def registry() -> Mapping[str, str]:
    """All resource tokens of the SDK with the dotted module each class lives in."""
    text = _text(sdk_folder() / "__init__.py")
    start = text.index('resource_modules="""') + len('resource_modules="""')
    modules: list[dict[str, Any]] = json.loads(text[start : text.index('"""', start)])
    return {token: str(module["fqn"]) for module in modules for token in module["classes"]}


def read_resource_type(token: str) -> ResourceType:
    """What the SDK says about a type; raises `UnknownTypeError` when it has none of that name."""
    if token not in registry():
        message = f"pulumi_aws has no resource type {token}"
        raise UnknownTypeError(message)
    class_name = token.rsplit(":", 1)[1]
    folder = sdk_folder().joinpath(*registry()[token].split(".")[1:])
    file = _resource_file(folder, token, class_name)
    classes = _classes(file)
    first = re.search(r"__all__ = \['(\w+)'", _text(file))
    arguments_class = first.group(1) if first else f"{class_name}Args"
    inputs = _properties(classes[arguments_class])
    outputs = _properties(classes[class_name])
    body = classes[class_name]
    examples, text = _IMPORT.findall(body), _IMPORT_TEXT.search(body)
    return ResourceType(
        token=token,
        inputs=inputs,
        outputs=outputs,
        input_objects=_objects(folder / "_inputs.py", inputs),
        output_objects=_objects(folder / "outputs.py", outputs),
        import_example=examples[0] if examples else "",
        import_text=text.group(1) if text else "",
    )


def read_function(token: str) -> tuple[frozenset[str], frozenset[str]]:
    """Argument and result names (camelCase) of a function token such as `aws:index/getRegion:getRegion`."""
    module, name = token.split(":")[1].split("/", maxsplit=1)[0], token.rsplit(":", 1)[1]
    folder = sdk_folder() if module == "index" else sdk_folder() / {"lambda": "lambda_"}.get(module, module)
    file = folder / f"{snake(name)}.py"
    if not file.is_file():
        message = f"pulumi_aws has no function {token}"
        raise UnknownTypeError(message)
    text = _text(file)
    arguments = frozenset(re.findall(r"__args__\['(\w+)'\]", text))
    results = frozenset(_properties(text))
    return arguments, results


def snake(camel: str) -> str:
    """The SDK's file name for a class or function: `getManagedPrefixList` gives `get_managed_prefix_list`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", camel).lower()


def _resource_file(folder: Path, token: str, class_name: str) -> Path:
    named = folder / f"{snake(token.split(':')[1].rsplit('/', maxsplit=1)[-1])}.py"
    declaration = f"\nclass {class_name}(pulumi.CustomResource):"
    for file in (named, *sorted(folder.glob("*.py"))):
        if file.is_file() and declaration in _text(file):
            return file
    message = f"no file in {folder.name} defines {class_name}"
    raise UnknownTypeError(message)


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def _classes(file: Path) -> Mapping[str, str]:
    text = _text(file)
    found = [(match.group(1), match.start()) for match in _CLASS.finditer(text)]
    ends = [start for _, start in found[1:]] + [len(text)]
    return {name: text[start:end] for (name, start), end in zip(found, ends, strict=True)}


def _properties(body: str) -> dict[str, Property]:
    found: dict[str, Property] = {}
    for match in _GETTER.finditer(body):
        name = match["camel"] or match["snake"]
        shape, required = _parse(ast.parse(match["type"], mode="eval").body)
        doc = match["doc"] or ""
        default = _DEFAULT.search(doc)
        found[name] = Property(
            name=name,
            shape=shape,
            required=required,
            default=default.group(1) if default else None,
            replaces=_REPLACES.search(doc) is not None,
        )
    return found


def _objects(file: Path, properties: Mapping[str, Property]) -> dict[str, dict[str, Property]]:
    """The nested objects that the properties reach, each read once (some refer to themselves)."""
    found: dict[str, dict[str, Property]] = {}
    waiting = [prop.shape for prop in properties.values()]
    while waiting:
        shape = waiting.pop()
        if shape.item:
            waiting.append(shape.item)
        if shape.kind == "object" and shape.object_name not in found:
            body = _classes(file).get(shape.object_name)
            found[shape.object_name] = _properties(body) if body else {}
            waiting += [prop.shape for prop in found[shape.object_name].values()]
    return found


def _parse(node: ast.expr) -> tuple[Shape, bool]:
    """The shape of a type hint, and whether the value is required (no `Optional` around it)."""
    if isinstance(node, ast.Subscript):
        outer = node.value.attr if isinstance(node.value, ast.Attribute) else ast.unparse(node.value)
        handler = _GENERICS.get(outer)
        if handler:
            return handler(node.slice)
    if isinstance(node, ast.Constant):
        name = str(node.value).removeprefix("outputs.")
        if name == node.value and not name.endswith(("Args", "ArgsDict")):
            # A closed enumeration of strings, such as rds's EngineType.
            return Shape("string"), True
        return Shape("object", object_name=name), True
    name = node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)
    if name in {"Asset", "Archive"}:
        return Shape("asset"), True
    return Shape(_SCALARS.get(name, "any")), True


def _parse_optional(inner: ast.expr) -> tuple[Shape, bool]:
    return _parse(inner)[0], False


def _parse_sequence(inner: ast.expr) -> tuple[Shape, bool]:
    return Shape("list", item=_parse(inner)[0]), True


def _parse_mapping(inner: ast.expr) -> tuple[Shape, bool]:
    values = inner.elts[1] if isinstance(inner, ast.Tuple) else inner
    return Shape("map", item=_parse(values)[0]), True


def _parse_union(inner: ast.expr) -> tuple[Shape, bool]:
    members = [_parse(member)[0] for member in (inner.elts if isinstance(inner, ast.Tuple) else [inner])]
    kinds = {member.kind for member in members}
    if "asset" in kinds:
        return Shape("asset"), True
    if any(member.object_name.startswith("PolicyDocument") for member in members):
        return Shape("document"), True
    # A string beside classes is an open enumeration: the SDK offers names, AWS decides.
    return (Shape("string"), True) if kinds <= {"string", "object"} else (Shape("any"), True)


_GENERICS: Mapping[str, Callable[[ast.expr], tuple[Shape, bool]]] = {
    "Input": _parse,
    "Output": _parse,
    "Optional": _parse_optional,
    "Sequence": _parse_sequence,
    "Mapping": _parse_mapping,
    "Union": _parse_union,
}
