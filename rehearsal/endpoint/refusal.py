"""How the endpoint refuses, and whom it asks whether a caller may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

Context: TypeAlias = Mapping[str, str | Sequence[str]]
"""Condition keys of a request, such as `kms:ViaService`; several values where the key has several."""


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the API, not a failure of ours
    """An answer other than success.

    Attributes:
        status: HTTP status.
        code: AWS's error code.
        message: What the caller is told.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Authority(Protocol):
    """Whoever decides whether a caller may do something."""

    def __call__(self, caller: str, action: str, resource: str, context: Context, /) -> None:
        """Return if it may; otherwise raise `Refusal` with what AWS would say."""
        ...
