"""The house rules of the code itself: direction of imports, size, docstrings, collected tests, nothing private."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import Final

import pytest
from importlinter.cli import lint_imports

from tests.unit.testkit import ROOT

PACKAGES: Final = ("model", "components", "policy", "rehearsal", "operations", "functions")
LONGEST_MODULE: Final = 300
LONGEST_DOORWAY: Final = 80
TEXT: Final = {".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".java", ".xml", ".tpl", ".conf", ".js", ".sh", ".sql"}


def tracked() -> list[Path]:
    """Return the files of the repository, without what only lies about in the checkout."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def modules() -> list[Path]:
    found = [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES]
    assert len(found) > 50
    return [ROOT / "__main__.py", *found]


def test_imports_point_one_way(capsys: pytest.CaptureFixture[str]):
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


def test_no_module_is_longer_than_three_hundred_lines():
    long = {str(path.relative_to(ROOT)): lines for path in modules() if (lines := _lines(path)) > LONGEST_MODULE}
    assert not long


def test_the_doorway_reads_on_one_page():
    assert _lines(ROOT / "__main__.py") <= LONGEST_DOORWAY


def test_every_module_says_what_it_owns():
    silent = [
        str(path.relative_to(ROOT)) for path in modules() if len(ast.get_docstring(_tree(path)) or "") < len("It owns.")
    ]
    assert not silent


def test_the_model_knows_no_pulumi():
    guilty = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules()
        if path.relative_to(ROOT).parts[0] == "model"
        for node in ast.walk(_tree(path))
        for name in _imported(node)
        if name.partition(".")[0].startswith("pulumi")
    ]
    assert not guilty


def test_components_read_no_configuration():
    """The doorway does, for both programs, so that nothing else has to."""
    guilty = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.relative_to(ROOT).parts[0] == "components" and path.name != "doorway.py"
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"Config", "get_stack", "get_project", "environ"}
    ]
    assert not guilty


def test_every_file_with_tests_is_collected_and_every_collected_file_has_tests():
    files = [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] == "tests"]
    assert files
    lost = [str(path.relative_to(ROOT)) for path in files if _has_tests(path) != path.name.startswith("test_")]
    assert not lost


@pytest.mark.parametrize("mark", ["TO" + "DO", "FIX" + "ME", "XX" + "X:"])
def test_no_file_puts_work_off(mark: str):
    assert not [str(path.relative_to(ROOT)) for path in _texts() if mark in path.read_text(errors="ignore")]


def test_no_file_holds_a_path_of_one_machine():
    roots = [f"/{folder}/" for folder in ("wo" + "rk", "ro" + "ot", "home", "Us" + "ers")]
    found = [
        f"{path.relative_to(ROOT)} holds {root}"
        for path in _texts()
        # A Dockerfile speaks of paths inside its image.
        if path.name != "Dockerfile"
        for text in [path.read_text(errors="ignore")]
        for root in roots
        # Only where a path begins: a folder of that name inside another is nobody's home.
        if any(f"{before}{root}" in text for before in (" ", '"', "'", "`", "=", "(", "\n"))
    ]
    assert not found


def test_the_locked_requirements_name_no_package_source():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "--index-url" not in text
        assert "http" not in text


def _texts() -> list[Path]:
    found = [path for path in tracked() if path.suffix in TEXT or path.name in {"Makefile", "Dockerfile", "run"}]
    assert len(found) > 100
    return found


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def _has_tests(path: Path) -> bool:
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        for node in ast.walk(_tree(path))
    )
