"""Whether a manifest is one that a Kubernetes API server of a given version would take.

Owns validation against the published schemas (the PyPI package kubernetes-validate carries them; the strict set refuses
unknown fields) and against the schemas inside CustomResourceDefinitions, and their rules on fields that stay what they
are. Does not run admission, quota, defaulting or other CEL rules of definitions: the real API servers do.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import jsonschema
from referencing import Registry, Resource

from rehearsal.kubernetes.values import UNKNOWN, has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rehearsal.cloud import Json, JsonObject

Definitions: TypeAlias = "Iterable[JsonObject]"
"""CustomResourceDefinition objects."""

# Errors about the shape around an unknown value are still errors; all others may vanish once the value is known.
_CERTAIN_DESPITE_UNKNOWNS = frozenset({"additionalProperties", "required"})


_UNCHANGED = re.compile(r"self\.(\w+) == oldSelf\.\1")


class UnknownKindError(Exception):
    """No schema for this apiVersion and kind: the API server would answer "no matches for kind"."""


def problems(manifest: JsonObject, version: str, definitions: Definitions) -> list[str]:
    """What the API server would complain about, each as `path: reason`; empty when it would take the manifest.

    Unknown values are taken for right. Args: `version` is like 1.36; `definitions` are those installed in the cluster.
    Raises `UnknownKindError`.
    """
    validator = _validator(str(manifest.get("apiVersion")), str(manifest.get("kind")), version, definitions)
    errors = cast("Iterator[jsonschema.ValidationError]", validator.iter_errors(manifest))  # pyright: ignore[reportUnknownMemberType]
    found = sorted(errors, key=lambda error: [str(step) for step in error.absolute_path])
    return [
        f"{_path(error.absolute_path)}: {_reason(error)}"
        for error in found
        if error.validator in _CERTAIN_DESPITE_UNKNOWNS or not has_unknown(cast("Json", error.instance))
    ]


def forbidden_changes(before: JsonObject, after: JsonObject, definitions: Definitions) -> list[str]:
    """What of an object may not change by its definition and does, as `path: reason`."""
    api_version, kind = str(after.get("apiVersion")), str(after.get("kind"))
    custom = definition_of(api_version, kind, definitions)
    if custom is None:
        return []
    versions = cast("list[JsonObject]", cast("JsonObject", custom["spec"])["versions"])
    served = next(item for item in versions if item["name"] == api_version.rpartition("/")[2])
    schema = cast("JsonObject", cast("JsonObject", served["schema"])["openAPIV3Schema"])
    return list(_forbidden_changes(before, after, schema, ""))


def _forbidden_changes(before: Json, after: Json, schema: JsonObject, path: str) -> Iterator[str]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return
    for rule in cast("list[JsonObject]", schema.get("x-kubernetes-validations") or []):
        field = _UNCHANGED.fullmatch(str(rule["rule"]))
        if field and before.get(field[1]) != after.get(field[1]):
            yield f"{path}.{field[1]}: {rule.get('message') or rule['rule']}"
    for name, inner in cast("dict[str, JsonObject]", schema.get("properties") or {}).items():
        yield from _forbidden_changes(before.get(name), after.get(name), inner, f"{path}.{name}")


def definition_of(api_version: str, kind: str, definitions: Definitions) -> JsonObject | None:
    """The CustomResourceDefinition that serves this kind, if any."""
    group, _, version = api_version.rpartition("/")
    for definition in definitions:
        spec = cast("JsonObject", definition["spec"])
        names = cast("JsonObject", spec["names"])
        versions = cast("list[JsonObject]", spec["versions"])
        if spec["group"] == group and names["kind"] == kind and any(item["name"] == version for item in versions):
            return definition
    return None


def _validator(api_version: str, kind: str, version: str, definitions: Definitions) -> jsonschema.Draft202012Validator:
    custom = definition_of(api_version, kind, definitions)
    if custom is not None:
        return _custom_validator(json.dumps(custom, sort_keys=True), api_version.rpartition("/")[2])
    return _published_validator(api_version, kind, version)


@cache
def _published_validator(api_version: str, kind: str, version: str) -> jsonschema.Draft202012Validator:
    group, _, api = api_version.rpartition("/")
    name = "-".join(part for part in (kind.lower(), group.split(".")[0], api) if part)
    try:
        schema = _load(version, f"{name}.json")
    except FileNotFoundError as error:
        message = f'no matches for kind "{kind}" in version "{api_version}" (Kubernetes {version})'
        raise UnknownKindError(message) from error
    return jsonschema.Draft202012Validator(schema, registry=_registry(version))


@cache
def _registry(version: str) -> Registry[Any]:
    definitions = Resource[Any].from_contents(_load(version, "_definitions.json"))
    return definitions @ Registry[Any]()


def _load(version: str, name: str) -> JsonObject:
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}.0-local-strict"
    with as_file(folder) as real:
        return json.loads((Path(real) / name).read_text(encoding="utf-8"))


@cache
def _custom_validator(definition: str, version: str) -> jsonschema.Draft202012Validator:
    spec = json.loads(definition)["spec"]
    schema = next(item for item in spec["versions"] if item["name"] == version)["schema"]["openAPIV3Schema"]
    strict = _strict(schema)
    strict["properties"] = {
        **cast("JsonObject", strict.get("properties", {})),
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
    }
    return jsonschema.Draft202012Validator(strict)


def _strict(schema: JsonObject) -> JsonObject:
    """The structural schema as plain JSON Schema that refuses unknown fields, like a server with strict validation."""
    made = {key: value for key, value in schema.items() if not key.startswith("x-kubernetes-") and key != "format"}
    if isinstance(properties := schema.get("properties"), dict):
        made["properties"] = {key: _strict(cast("JsonObject", value)) for key, value in properties.items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if isinstance(inner := schema.get(key), dict):
            made[key] = _strict(inner)
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if made.pop("nullable", None):
        return {"anyOf": [{"type": "null"}, made]}
    return made


def _path(steps: Iterable[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.lstrip(".") or "object"


def _reason(error: jsonschema.ValidationError) -> str:
    return re.sub(r"\s+", " ", str(error.message)).replace(UNKNOWN, "<unknown>")[:300]
