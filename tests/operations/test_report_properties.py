"""What holds for every report: values stay literal, the limit holds, the same events give the same text."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from operations.cost.difference import difference
from operations.cost.prices import load
from operations.markdown import LIMIT, Section, code, length, page
from operations.report.comment import comment
from tests.operations.engine_events import create, preview, replace, step, told, violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

    from rehearsal.outcome import Outcome

PRICES = load()
OURS = re.compile(r"</?(details|summary|br)>|<!-- fast-order preview of prod -->")
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "`", "``", " ` ", "<script>alert(1)</script>", "</details>", "-->", "@everyone", "#1", "| a |", "\n\n# h1",
            "\r\n- item", "[x](javascript:alert(1))", "![x](https://tracker)", "\u202egnp", "\x00", "a\\", "$x$", "  ",
        ]
    ),
)  # fmt: skip


def tokens(markdown: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        yield token
        yield from token.children or ()


@given(HOSTILE)
def test_any_text_is_one_code_span_and_nothing_else(text: str):
    (paragraph,) = [token for token in tokens(f"before {code(text)} after") if token.type == "inline"]
    kinds = [child.type for child in paragraph.children or ()]
    assert kinds == ["text", "code_inline", "text"]
    shown = (paragraph.children or [])[1].content
    visible = "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text)
    assert shown.strip() == (visible.strip() or '""')


@st.composite
def previews(draw: st.DrawFn) -> Outcome:
    def names() -> str:
        return draw(HOSTILE)

    made = [
        create(f"aws:{names()}", names(), tag=names()),
        *replace("aws:rds/cluster:Cluster", names(), draw(HOSTILE), names(), names()),
        step("update", names(), names(), before={"a": names()}, after={"a": names()}, diff={"a": "update"}),
        step(names(), names(), names(), before={}),
        violation(names(), names(), f"{names()}\n{names()}\nFix: {names()}", severity=names()),
        violation(names(), names(), names(), level="advisory"),
        told(f"waived: {names()} on {names()}"),
        told(names(), "error"),
    ]
    return preview(*made, result="failed")


def written(outcome: Outcome, limit: int = LIMIT) -> str:
    return comment(outcome, "prod", difference(outcome.steps, PRICES, "prod"), limit=limit)


@given(previews())
def test_nothing_that_others_wrote_becomes_html_link_or_image(outcome: Outcome):
    found = list(tokens(written(outcome)))
    html = "".join(one.content for one in found if one.type in {"html_block", "html_inline"})
    assert re.sub(r"[^<>]*", "", OURS.sub("", html)) == ""
    assert not [one for one in found if one.type == "image"]
    links = [str(one.attrs["href"]) for one in found if one.type == "link_open"]
    assert all(link.startswith("docs/reference/policy-rules.md#") for link in links)
    assert {one.tag for one in found if one.type == "heading_open"} <= {"h3", "h4"}


@given(previews(), st.integers(2_000, 6_000))
def test_no_report_is_longer_than_its_limit(outcome: Outcome, limit: int):
    assert length(written(outcome, limit)) <= limit


@given(st.lists(st.lists(st.text("ab😀", max_size=40), max_size=30), max_size=6), st.integers(600, 1_200))
def test_a_cut_page_keeps_whole_lines_of_earlier_sections_first_and_counts_the_rest(
    content: list[list[str]], limit: int
):
    sections = [
        Section(title=f"Part {number}", lines=[f"- {number}.{line} {text}" for line, text in enumerate(texts)])
        for number, texts in enumerate(content)
    ]
    text = page("head", sections, "foot", limit)
    assert length(text) <= limit
    assert text.startswith("head\n")
    assert text.endswith("foot\n")
    cut = False
    for section in sections:
        kept = [line for line in section.lines if f"\n{line}\n" in text]
        assert kept == list(section.lines)[: len(kept)]
        missing = len(section.lines) - len(kept)
        assert not (cut and kept)
        assert (f"#### {section.title} ({len(section.lines)})" in text) == bool(section.lines)
        cut = cut or missing > 0
    rest = sum(int(number) for number in re.findall(r"^- and (\d+) more", text, re.MULTILINE))
    assert rest == sum(len(one.lines) for one in sections) - len(re.findall(r"^- \d+\.", text, re.MULTILINE))


def test_a_limit_without_room_for_the_head_is_refused():
    with pytest.raises(ValueError, match="no room"):
        page("h" * 100, [], "", 50)


def test_thousands_of_changes_fit_one_comment_and_the_dangerous_ones_are_all_there():
    made = [create("aws:iam/role:Role", f"role-{number:05}", name="n" * 80) for number in range(5_000)]
    lost = [
        event for number in range(20) for event in replace("aws:s3/bucket:Bucket", f"b{number}", "bucket", "a", "b")
    ]
    text = written(preview(*made, *lost))
    assert 60_000 < length(text) <= LIMIT
    assert text.count("**replace**") == 20
    assert re.search(r"and \d+ more, for which a comment has no room", text)


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_the_engine_tells_things_does_not_matter(order: random.Random):
    events = [
        *(create("aws:kms/key:Key", f"key-{number}") for number in range(4)),
        *(violation(f"rule-{number}", "a", f"t\nfound\nFix: f{number}") for number in range(4)),
        *(told(f"waived: rule-{number} on x: because") for number in range(4)),
    ]
    shuffled = [*events]
    order.shuffle(shuffled)
    assert written(preview(*shuffled)) == written(preview(*events))
