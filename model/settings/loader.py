"""From a stack's configuration texts to the settings tree, or to one line per mistake.

Owns the merge with the defaults, strict validation and the wording of errors: key, value, rule, fix. Does not own
where the texts come from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Generic, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from model.naming import Environment
from model.settings.defaults import DEFAULTS, Tree, merge
from model.settings.tree import Settings

Root = TypeVar("Root", bound=BaseModel)
PROJECT: Final = "fast-order"
_ENVIRONMENTS: Final[tuple[Environment, ...]] = get_args(Environment)
_FIXES: Final[Mapping[str, str]] = {
    "bool_type": "write true or false",
    "string_type": "write a text, in quotes if it looks like a number",
    "int_type": "write a whole number without quotes",
    "int_from_float": "write a whole number",
    "float_type": "write a number without quotes",
    "multiple_of": "write a multiple of {multiple_of}",
    "greater_than_equal": "write {ge} or more",
    "less_than_equal": "write {le} or less",
    "literal_error": "write one of these",
    "tuple_type": "write a list",
    "model_type": "write its settings below it, indented",
}
"""What to do about an error of pydantic's, by its type; the rest is answered with the field's example."""

_SHOWN: Final = 60
"""Characters of a wrong value that are shown; the rest helps nobody to find it."""


class SettingsError(ValueError):
    """Wrong settings; the message has one line for each, naming key, value, rule and fix."""


def load(stack: str, config: Mapping[str, str]) -> Settings:
    """Return the settings of a stack.

    Args:
        stack: Name of the stack, which is the environment.
        config: Text by key without the project's prefix, as Pulumi hands it over: JSON for objects.

    Raises:
        SettingsError: A key is unknown, a value breaks a rule, or the stack is none of dev, stg and prod.
    """
    return Loader(PROJECT, Settings, DEFAULTS).load(stack, config)


@dataclass(frozen=True)
class Loader(Generic[Root]):
    """Loads the settings of one Pulumi project.

    Attributes:
        project: Its name, which begins each key.
        tree: Class of all its settings; one of them is the environment.
        defaults: By environment.
    """

    project: str
    tree: type[Root]
    defaults: Mapping[Environment, Tree]

    def load(self, stack: str, config: Mapping[str, str]) -> Root:
        """Return the settings of a stack.

        Raises:
            SettingsError: As for the function of this name.
        """
        if stack not in _ENVIRONMENTS:
            raise SettingsError(f"stack {stack!r} is no environment: select one of {', '.join(_ENVIRONMENTS)}")
        environment = stack
        given: Tree = {key: self._parse(key, text) for key, text in config.items()}
        if "environment" in given:
            raise SettingsError(
                self._line(("environment",), given["environment"], "comes from the stack's name: remove it")
            )
        tree = merge(self.defaults[environment], given) | {"environment": environment}
        try:
            return self.tree.model_validate_json(json.dumps(tree))
        except ValidationError as error:
            raise SettingsError("\n".join(self._explain(detail, tree) for detail in error.errors())) from error

    def _parse(self, key: str, text: str) -> Tree:
        try:
            value: object = json.loads(text)
        except json.JSONDecodeError as error:
            raise SettingsError(
                self._line((key,), text, "must be an object: write its settings below it, indented")
            ) from error
        if not isinstance(value, dict):
            raise SettingsError(self._line((key,), value, "must be an object: write its settings below it, indented"))
        return cast(Tree, value)

    def _explain(self, detail: ErrorDetails, tree: Tree) -> str:
        where, kind = detail["loc"], detail["type"]
        value: object = detail["input"]
        if kind == "extra_forbidden":
            return self._line(where, value, f"is no setting: {self._suggest(where)}")
        if kind == "missing":
            return self._line(where, None, "is missing: set it in the stack file")
        if kind == "value_error":
            rule = detail["msg"].removeprefix("Value error, ")
            if where:
                return self._line(where, value, rule if ": " in rule else f"{rule}: {self._fix(where)}")
            key, _, rest = rule.partition(": ")
            return self._line(tuple(key.split(".")), _lookup(tree, key.split(".")), rest)
        fix = _FIXES[kind].format(**detail.get("ctx", {})) if kind in _FIXES else self._fix(where)
        return self._line(where, value, f"{detail['msg'][0].lower()}{detail['msg'][1:]}: {fix}")

    def _line(self, where: Sequence[int | str], value: object, rule: str) -> str:
        shown = json.dumps(value, default=str)
        if len(shown) > _SHOWN:
            shown = f"{shown[:_SHOWN]}…"
        # A key with a line break in it must not make two lines of one.
        key = ".".join(part if part.isprintable() else json.dumps(part) for part in map(str, where))
        return f"{self.project}:{key}" + (f" = {shown}" if value is not None else "") + f" {rule}"

    def _suggest(self, where: Sequence[int | str]) -> str:
        known = [info.alias or name for name, info in self._fields(where[:-1]).items()]
        close = get_close_matches(str(where[-1]), known, n=1)
        return f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}" if known else "remove it"

    def _fix(self, where: Sequence[int | str]) -> str:
        keys = [part for part in where if isinstance(part, str)]
        for name, info in self._fields(keys[:-1]).items():
            if keys and keys[-1] == (info.alias or name) and info.examples:
                return f"write for example {info.examples[0]}"
        return "correct it"

    def _fields(self, where: Sequence[int | str]) -> Mapping[str, FieldInfo]:
        """Return the fields of the settings class that stands at a path of yaml keys."""
        model: type[BaseModel] = self.tree
        for part in where:
            found = next((info for name, info in model.model_fields.items() if part == (info.alias or name)), None)
            options = (found.annotation, *get_args(found.annotation)) if found else ()
            below = next((one for one in options if isinstance(one, type) and issubclass(one, BaseModel)), None)
            if below is None:
                return {}
            model = below
        return model.model_fields


def _lookup(tree: object, path: Sequence[str]) -> object:
    for part in path:
        if not isinstance(tree, dict):
            return None
        tree = cast("dict[str, object]", tree).get(part)
    return tree
