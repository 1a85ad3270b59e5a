"""The documentation says only what is true: its links lead somewhere, its commands and paths exist."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from model.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def _id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _without_fences(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_every_link_inside_the_repository_leads_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", _without_fences(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in _anchors(linked), f"{target} names no heading"


def test_no_file_holds_both_sides_of_a_merge():
    marks = ["git", "grep", "-nE", "^(<{7}|>{7}|[|]{7}) "]
    found = subprocess.run(marks, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (1, "")


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_every_make_command_names_a_target(page: Path):
    called = re.findall(r"`make ([a-z|-]+)", page.read_text())
    assert {name for group in called for name in group.split("|")} <= TARGETS


@pytest.mark.parametrize("page", PAGES, ids=_id)
def test_every_path_in_backticks_exists(page: Path):
    top = {path.name for path in ROOT.iterdir()}
    for text in re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?)`", _without_fences(page)):
        if text.split("/")[0] in top:
            assert (ROOT / text).exists(), f"{text} is no path of the repository"


def test_every_area_of_the_settings_is_declared_to_the_pulumi_cli():
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    areas = {info.alias or name: info for name, info in Settings.model_fields.items() if name != "environment"}
    assert set(declared) == set(areas)
    for name, info in areas.items():
        kind = info.annotation
        assert isinstance(kind, type)
        assert issubclass(kind, BaseModel)
        keys = {one.alias or field for field, one in kind.model_fields.items()}
        listed = set(re.findall(r"\w+", declared[name]["description"].partition(": ")[2]))
        assert keys <= listed, f"Pulumi.yaml does not name {sorted(keys - listed)} of {name}"
