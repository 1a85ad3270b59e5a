"""The fidelity page says what the stand-in really verifies, for the types that the program uses."""

from __future__ import annotations

import re
from pathlib import Path

from rehearsal.aws import sdk
from rehearsal.aws.fidelity import PAGE, listed_types, measure, render, types_of_state

CHECKOUT = Path(__file__).parents[3]
PROGRAMS = ("components/*.py", "bootstrap/**/*.py", "tests/engine/programs/*/__main__.py")
RESOURCE = re.compile(r"\baws\.([a-z0-9_]+)\.([A-Z]\w+)\(")


def test_the_page_is_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(listed_types(page)), "run `python -m rehearsal.aws.fidelity` and commit the page"


def test_the_page_covers_every_type_that_a_program_makes() -> None:
    files = [file for pattern in PROGRAMS for file in CHECKOUT.glob(pattern)]
    classes = {(module, name) for file in files for module, name in RESOURCE.findall(file.read_text())}
    known = {(token.split(":")[1].split("/")[0], token.rsplit(":", 1)[1]): token for token in sdk.registry()}
    used = {known[pair] for module, name in classes if (pair := (module.removesuffix("_"), name)) in known}
    assert used
    missing = used - set(listed_types(PAGE.read_text(encoding="utf-8")))
    assert missing == set(), f"run `python -m rehearsal.aws.fidelity {' '.join(sorted(missing))}` and commit the page"


def test_every_type_of_the_page_has_facts_from_the_providers_source() -> None:
    unread = [token for token in listed_types(PAGE.read_text(encoding="utf-8")) if not measure(token).sources]
    assert unread == [], "read its source and write the facts down in rehearsal/aws/facts/data"


def test_an_argument_that_is_used_in_many_places_counts_once() -> None:
    found = measure("aws:wafv2/webAcl:WebAcl")
    assert 0 < found.limited < found.arguments


def test_the_types_of_a_state_are_read_from_its_export() -> None:
    resources = [{"type": "aws:iam/role:Role"}, {"type": "pulumi:pulumi:Stack"}, {"type": "aws:iam/role:Role"}]
    assert types_of_state({"deployment": {"resources": resources}}) == ("aws:iam/role:Role",)
