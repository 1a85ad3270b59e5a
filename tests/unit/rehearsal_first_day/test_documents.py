"""Commands come out of documents as they are written, with who runs them and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.first_day.documents import DocumentError, blocks
from rehearsal.first_day.plan import DAY

_CHECKOUT = Path(__file__).parents[3]
_DOCUMENT = """# Title

```bash as=administrator from=office
in the title's section
```

## Do it

For reading only:

```bash
never run
```

1. First:

   ```bash as=operator from=bastion on=stg,prod
   cd somewhere

   ls |
     wc
   ```

## Not yet
"""


def _write(tmp_path: Path, text: str = _DOCUMENT) -> Path:
    (tmp_path / "a.md").write_text(text)
    return tmp_path


def test_a_sections_marked_blocks_are_found_with_their_line_and_their_indent_taken_away(tmp_path: Path) -> None:
    (block,) = blocks(_write(tmp_path), "a.md", "Do it")
    assert block.commands == "cd somewhere\n\nls |\n  wc\n"
    assert (block.who, block.where, block.stacks, block.line) == ("operator", "bastion", ("stg", "prod"), 18)
    assert _DOCUMENT.splitlines()[block.line - 1].strip() == "cd somewhere"


@pytest.mark.parametrize(
    ("text", "section", "said"),
    [
        (_DOCUMENT, "Do something else", "no section 'Do something else'"),
        (_DOCUMENT, "Not yet", "'Not yet' has no block"),
        ("## A\n```bash as=operator\nls\n```\n", "A", "a.md:2: say both who runs it"),
        ("## A\n```bash as=operator from=office by=night\nls\n```\n", "A", "a.md:2: unknown by"),
        ("## A\n```bash as=operator from=office\nls\n", "A", "a.md:2: the block is never closed"),
    ],
)
def test_what_is_missing_is_named_with_its_place(tmp_path: Path, text: str, section: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        blocks(_write(tmp_path, text), "a.md", section)


def test_the_plan_names_documents_and_sections_that_exist() -> None:
    for _, document, section in DAY:
        assert blocks(_CHECKOUT, document, section)
