"""Markdown that holds what others wrote: values shown literally, and a page that ends at a limit.

Owns escaping and the cut. Everything that is not ours (names, URNs, property values, messages) goes through `code`:
GitHub renders nothing in a code span, neither Markdown nor HTML, mentions nor links. A cut page keeps whole lines, the
important sections first, and says in each section how many lines it lacks.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIMIT: Final = 65_536
"""Length of a comment on GitHub; it refuses longer ones (measured here in UTF-16 units, the stricter way to count)."""
_LONGEST_VALUE: Final = 300
_ELLIPSIS: Final = "…"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the page: a heading and lines, each a list item of its own."""

    title: str
    lines: Sequence[str]
    folded: bool = False
    """Whether a reader must unfold it; for what is long and seldom read."""


def length(text: str) -> int:
    """Return the length of a text as GitHub counts it at worst."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def code(text: str, limit: int = _LONGEST_VALUE) -> str:
    """Return any text as one code span that shows it literally, cut at `limit` characters.

    What cannot be seen (line breaks, control and direction characters) is shown by its number.
    """
    shown = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text[:limit])
    if len(text) > limit:
        shown += _ELLIPSIS
    if not shown.strip():
        shown = '""'
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    # A span drops one space on each side, so a backtick at either end needs one; spaces at both ends must not be lost.
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def page(head: str, sections: Sequence[Section], foot: str, limit: int = LIMIT) -> str:
    """Return head, sections and foot, no longer than `limit`; earlier sections keep more of their lines.

    Raises:
        ValueError: The limit has no room for the head, the foot and every section's title.
    """
    filled = [section for section in sections if section.lines]
    kept = [0] * len(filled)
    if length(_join(head, filled, kept, foot)) > limit:
        raise ValueError(f"a limit of {limit} has no room for the head and {len(filled)} titles")
    spare = limit - length(_join(head, filled, kept, foot))
    for number, section in enumerate(filled):
        for line in section.lines:
            spare -= length(line) + 1
            if spare < 0:
                return _join(head, filled, kept, foot)
            kept[number] += 1
    return _join(head, filled, kept, foot)


def write(text: str, file: Path | None) -> None:
    """Write a page to a file, or to standard output."""
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text, encoding="utf-8")


def _join(head: str, sections: Sequence[Section], kept: Sequence[int], foot: str) -> str:
    parts = [_render(section, count) for section, count in zip(sections, kept, strict=True)]
    return "\n\n".join([head, *parts, foot]) + "\n"


def _render(section: Section, kept: int) -> str:
    title = f"{section.title} ({len(section.lines)})"
    missing = len(section.lines) - kept
    lines = [*section.lines[:kept], *([f"- and {missing} more, for which a comment has no room"] if missing else [])]
    if section.folded:
        return "\n".join(["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>"])
    return "\n".join([f"#### {title}", "", *lines])
