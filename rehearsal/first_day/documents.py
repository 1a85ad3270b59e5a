"""Takes commands out of the documents: fenced blocks whose first line says who runs them, and where.

A block begins as ```` ```bash as=administrator from=office ````, of which GitHub shows the language only. A block
without settings is for reading. Owns the reading of Markdown; what is run when is in `plan.py`.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADING = re.compile(r"^#+\s+(?P<title>.+?)\s*$")
_OPENING = re.compile(r"^(?P<indent>\s*)```(?P<language>\w+)(?P<settings>(?:\s+[\w-]+=\S+)*)\s*$")
_SETTINGS = frozenset({"as", "from", "on"})


class DocumentError(Exception):
    """A document does not hold what is asked of it; the message names document, line and fix."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """Commands in a document.

    Attributes:
        document: Its path in the repository.
        line: Number of the first line of the commands.
        section: The heading above it.
        commands: The text, as a reader would copy it.
        who: Who runs it.
        where: From which place.
        stacks: The stacks that it is for; empty for all.
    """

    document: str
    line: int
    section: str
    commands: str
    who: str
    where: str
    stacks: tuple[str, ...]


def blocks(root: Path, document: str, section: str) -> list[Block]:
    """Return the blocks that are to be run in one section of a document, in their order.

    Raises:
        DocumentError: There is no such document or section, the section has nothing to run, or a block says only half.
    """
    file = root / document
    if not file.is_file():
        raise DocumentError(f"{document}: there is no such document")
    text = file.read_text(encoding="utf-8").splitlines()
    if section not in {match["title"] for line in text if (match := _HEADING.match(line))}:
        raise DocumentError(f"{document}: there is no section {section!r}")
    found = [block for block in _read(document, text) if block.section == section]
    if not found:
        raise DocumentError(f"{document}: section {section!r} has no block that says `as=` and `from=`")
    return found


def _read(document: str, lines: list[str]) -> Iterator[Block]:
    section, number = "", 0
    while number < len(lines):
        line = lines[number]
        opening = _OPENING.match(line)
        if opening is None:
            if heading := _HEADING.match(line):
                section = heading["title"]
            number += 1
            continue
        end = next((n for n in range(number + 1, len(lines)) if lines[n].strip() == "```"), None)
        if end is None:
            raise DocumentError(f"{document}:{number + 1}: the block is never closed")
        settings = dict(word.split("=", 1) for word in opening["settings"].split())
        if settings:
            yield _block(document, number + 2, section, lines[number + 1 : end], settings)
        number = end + 1


def _block(document: str, line: int, section: str, lines: list[str], settings: dict[str, str]) -> Block:
    if unknown := settings.keys() - _SETTINGS:
        raise DocumentError(f"{document}:{line - 1}: unknown {', '.join(sorted(unknown))}; use as=, from= and on=")
    if not {"as", "from"} <= settings.keys():
        raise DocumentError(f"{document}:{line - 1}: say both who runs it (as=) and where (from=)")
    return Block(
        document=document,
        line=line,
        section=section,
        commands=textwrap.dedent("\n".join(lines)) + "\n",
        who=settings["as"],
        where=settings["from"],
        stacks=tuple(settings["on"].split(",")) if "on" in settings else (),
    )
