"""Renders IAM policy documents as the provider's `getPolicyDocument` does.

Owns the JSON form only: lists of one become plain strings, lists are sorted in reverse, statements of source documents
come first and those of override documents replace statements of the same Sid. Does not judge policies.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rehearsal.cloud import Json

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject

_VERSION = "2012-10-17"
_LISTS = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}


def render(arguments: JsonObject) -> JsonObject:
    """The function's results for its arguments."""
    statements: list[JsonObject] = []
    for source in _list(arguments.get("sourcePolicyDocuments")):
        statements += _statements_of(str(source))
    statements = _overridden(
        statements, [_statement(entry) for entry in _list(arguments.get("statements")) if isinstance(entry, dict)]
    )
    for override in _list(arguments.get("overridePolicyDocuments")):
        statements = _overridden(statements, _statements_of(str(override)))
    document: JsonObject = {"Version": str(arguments.get("version") or _VERSION)}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    document["Statement"] = list[Json](statements)
    return {"json": json.dumps(document, indent=2), "minifiedJson": json.dumps(document, separators=(",", ":"))}


def _statements_of(document: str) -> list[JsonObject]:
    statement: Json = json.loads(document).get("Statement", [])
    return [entry for entry in (statement if isinstance(statement, list) else [statement]) if isinstance(entry, dict)]


def _overridden(base: list[JsonObject], added: list[JsonObject]) -> list[JsonObject]:
    result = list(base)
    for statement in added:
        same = next(
            (index for index, old in enumerate(result) if statement.get("Sid") and old.get("Sid") == statement["Sid"]),
            None,
        )
        if same is None:
            result.append(statement)
        else:
            result[same] = statement
    return result


def _statement(entry: JsonObject) -> JsonObject:
    rendered: JsonObject = {}
    if entry.get("sid"):
        rendered["Sid"] = entry["sid"]
    rendered["Effect"] = entry.get("effect") or "Allow"
    for name, key in _LISTS.items():
        if entry.get(name):
            rendered[key] = _one_or_many(entry[name])
    for name, key in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if entry.get(name):
            rendered[key] = _principals(_list(entry[name]))
    conditions = _conditions(_list(entry.get("conditions")))
    if conditions:
        rendered["Condition"] = conditions
    return rendered


def _principals(entries: list[Json]) -> Json:
    found: dict[str, list[Json]] = {}
    for entry in entries:
        if isinstance(entry, dict):
            found.setdefault(str(entry.get("type")), []).extend(_list(entry.get("identifiers")))
    if found == {"*": ["*"]}:
        return "*"
    return {kind: _one_or_many(identifiers) for kind, identifiers in found.items()}


def _conditions(entries: list[Json]) -> JsonObject:
    found: dict[str, dict[str, Json]] = {}
    for entry in entries:
        if isinstance(entry, dict):
            variables = found.setdefault(str(entry.get("test")), {})
            variables[str(entry.get("variable"))] = _one_or_many(entry.get("values"), ordered=True)
    return {test: dict[str, Json](variables) for test, variables in found.items()}


def _one_or_many(value: Json, *, ordered: bool = False) -> Json:
    values = [str(element) for element in _list(value)]
    if len(values) == 1:
        return values[0]
    return list[Json](values if ordered else sorted(values, reverse=True))


def _list(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
