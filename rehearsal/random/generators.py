"""What each resource type of pulumi-random generates from its inputs.

Owns arguments, their defaults and limits, and the outputs, as pulumi-random 4.21 documents them. Left out, with an
error that says so: `RandomPet`, whose word lists are the official plugin's, and `RandomUuid7`, which Python 3.11 cannot
make. `bcryptHash` of a password is not computed, as the standard library has no bcrypt. A `seed` makes a value
repeatable here, but not equal to the official plugin's.
"""

from __future__ import annotations

import base64
import random
import string
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
Inputs: TypeAlias = "Mapping[str, Value]"
Outputs: TypeAlias = "dict[str, Value]"

_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
_SYSTEM = random.SystemRandom()


class ArgumentError(Exception):
    """An argument that the type does not take; carries its name and the reason."""

    def __init__(self, argument: str, reason: str) -> None:
        super().__init__(reason)
        self.argument = argument


@dataclass(frozen=True, kw_only=True)
class Generator:
    """One resource type: the arguments it takes, and how id and outputs come from them."""

    required: frozenset[str]
    optional: frozenset[str]
    computed: frozenset[str]
    generate: Callable[[Inputs], tuple[str, Outputs]]
    """Returns the id and the computed outputs. Raises ArgumentError for values out of range."""


def _text(inputs: Inputs) -> tuple[str, Outputs]:
    length = _whole(inputs, "length", minimum=1)
    digits = bool(inputs.get("numeric", inputs.get("number", True)))
    classes = {
        "minLower": string.ascii_lowercase if inputs.get("lower", True) else "",
        "minUpper": string.ascii_uppercase if inputs.get("upper", True) else "",
        "minNumeric": string.digits if digits else "",
        "minSpecial": str(inputs.get("overrideSpecial") or _SPECIAL) if inputs.get("special", True) else "",
    }
    chosen: list[str] = []
    for argument, characters in classes.items():
        minimum = _whole(inputs, argument, minimum=0, default=0)
        if minimum and not characters:
            raise ArgumentError(argument, f"is {minimum}, but that class of characters is switched off")
        chosen += [_SYSTEM.choice(characters) for _ in range(minimum)]
    alphabet = "".join(classes.values())
    if len(chosen) > length or not alphabet:
        raise ArgumentError(
            "length", f"is {length}: shorter than the minimums together ({len(chosen)}), or no class on"
        )
    chosen += [_SYSTEM.choice(alphabet) for _ in range(length - len(chosen))]
    _SYSTEM.shuffle(chosen)
    result = "".join(chosen)
    return result, {"result": result}


def _password(inputs: Inputs) -> tuple[str, Outputs]:
    # The id is shown everywhere in clear; the official plugin uses this word for passwords.
    return "none", _text(inputs)[1]


def _identifier(inputs: Inputs) -> tuple[str, Outputs]:
    raw = _SYSTEM.randbytes(_whole(inputs, "byteLength", minimum=1))
    prefix = str(inputs.get("prefix") or "")
    url = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    forms = {"b64Url": url, "b64Std": base64.b64encode(raw).decode(), "hex": raw.hex(), "dec": str(int.from_bytes(raw))}
    return url, {name: prefix + form for name, form in forms.items()}


def _bytes(inputs: Inputs) -> tuple[str, Outputs]:
    raw = _SYSTEM.randbytes(_whole(inputs, "length", minimum=1))
    return "none", {"base64": base64.b64encode(raw).decode(), "hex": raw.hex()}


def _integer(inputs: Inputs) -> tuple[str, Outputs]:
    low, high = _whole(inputs, "min"), _whole(inputs, "max")
    if low > high:
        raise ArgumentError("min", f"is {low}, above max {high}")
    result = _source(inputs).randint(low, high)
    return str(result), {"result": result}


def _shuffle(inputs: Inputs) -> tuple[str, Outputs]:
    items = list(cast("list[Value]", inputs["inputs"]))
    _source(inputs).shuffle(items)
    return "-", {"results": items[: _whole(inputs, "resultCount", minimum=0, default=len(items))]}


def _uuid(_inputs: Inputs) -> tuple[str, Outputs]:
    result = str(uuid.uuid4())
    return result, {"result": result}


def _source(inputs: Inputs) -> random.Random:
    seed = inputs.get("seed")
    return random.Random(str(seed)) if seed else _SYSTEM  # noqa: S311 - a seed asks for a repeatable value


def _whole(inputs: Inputs, argument: str, *, minimum: int | None = None, default: int | None = None) -> int:
    value = inputs.get(argument, default)
    if not isinstance(value, int | float) or value != int(value):
        raise ArgumentError(argument, f"is {value!r}, not a whole number")
    if minimum is not None and value < minimum:
        raise ArgumentError(argument, f"is {int(value)}, below the minimum {minimum}")
    return int(value)


def _generator(
    generate: Callable[[Inputs], tuple[str, Outputs]],
    *,
    required: str = "",
    optional: str = "",
    computed: str = "result",
) -> Generator:
    return Generator(
        required=frozenset(required.split()),
        optional=frozenset(optional.split()) | {"keepers"},
        computed=frozenset(computed.split()),
        generate=generate,
    )


_TEXT_ARGUMENTS = "lower minLower upper minUpper number numeric minNumeric special minSpecial overrideSpecial"

GENERATORS = {
    "random:index/randomString:RandomString": _generator(_text, required="length", optional=_TEXT_ARGUMENTS),
    "random:index/randomPassword:RandomPassword": _generator(_password, required="length", optional=_TEXT_ARGUMENTS),
    "random:index/randomId:RandomId": _generator(
        _identifier, required="byteLength", optional="prefix", computed="b64Url b64Std hex dec"
    ),
    "random:index/randomBytes:RandomBytes": _generator(_bytes, required="length", computed="base64 hex"),
    "random:index/randomInteger:RandomInteger": _generator(_integer, required="min max", optional="seed"),
    "random:index/randomShuffle:RandomShuffle": _generator(
        _shuffle, required="inputs", optional="resultCount seed", computed="results"
    ),
    "random:index/randomUuid:RandomUuid": _generator(_uuid),
    "random:index/randomUuid4:RandomUuid4": _generator(_uuid),
}
