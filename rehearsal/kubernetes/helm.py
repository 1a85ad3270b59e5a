"""Real Helm, as a command: finding charts and rendering them.

Owns command lines and their output. Does not decide when to install: `release.py` does; nor where: a cluster does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import yaml

from rehearsal.kubernetes.cluster import RefusedError
from rehearsal.kubernetes.helm_types import Chart, Install

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rehearsal.cloud import Json, JsonObject

HELM_VARIABLE = "FASTORDER_HELM"
_MARGIN_SECONDS = 30
_RENDER_SECONDS = 60
# Helm adds these lines to every error; they say nothing.
_NOISE = ("Use --debug flag", "WARNING: Kubernetes configuration file", "level=")


def find_chart(chart: str, version: str, repository: Mapping[str, Json], *, devel: bool = False) -> Chart:
    """The chart in a folder, an archive or a repository; raises `RefusedError` when Helm cannot find or read it."""
    options = [*(["--version", version] if version else []), *(["--devel"] if devel else [])]
    flags = {"repo": "--repo", "username": "--username", "password": "--password", "caFile": "--ca-file"}
    for key, flag in flags.items():
        if value := repository.get(key):
            options += [flag, str(value)]
    local = Path(chart)
    location = str(local.resolve()) if local.exists() else chart
    shown = cast("JsonObject", yaml.safe_load(run(["show", "chart", location, *options], seconds=_RENDER_SECONDS)))
    return Chart(
        location=location,
        name=str(shown["name"]),
        version=str(shown["version"]),
        app_version=str(shown.get("appVersion") or ""),
        repository=tuple(options),
    )


def render(
    chart: Chart, what: Install, *, kubernetes_version: str, api_versions: Iterable[str], upgrade: bool
) -> tuple[list[JsonObject], list[JsonObject]]:
    """Renders a chart without a cluster: the manifests with CRDs first, and the hooks.

    Raises `RefusedError` with Helm's words: a value that values.schema.json refuses, a template that fails.
    """
    with tempfile.TemporaryDirectory(prefix="fastorder-helm-") as folder:
        command = ["template", what.name, chart.location, *chart.repository, "--namespace", what.namespace]
        command += ["--values", write_values(what.values, Path(folder)), "--kube-version", kubernetes_version]
        command += [] if what.skip_crds else ["--include-crds"]
        command += ["--is-upgrade"] if upgrade else []
        for api_version in sorted(set(api_versions)):
            command += ["--api-versions", api_version]
        text = run(command, seconds=_RENDER_SECONDS)
    documents = parse_manifest(text)
    return (
        [document for document in documents if not is_hook(document)],
        [document for document in documents if is_hook(document)],
    )


def parse_manifest(text: str) -> list[JsonObject]:
    """The objects in a stream of YAML documents, lists taken apart; empty documents are skipped."""
    found: list[JsonObject] = []
    for document in yaml.load_all(text, Loader=yaml.CSafeLoader):
        if not document:
            continue
        items = (
            document["items"] if str(document.get("kind", "")).endswith("List") and "items" in document else [document]
        )
        found.extend(cast("list[JsonObject]", items))
    return found


def is_hook(manifest: JsonObject) -> bool:
    """Whether Helm runs this object as a hook instead of keeping it in the release."""
    metadata = cast("JsonObject", manifest.get("metadata") or {})
    return "helm.sh/hook" in cast("JsonObject", metadata.get("annotations") or {})


def run(command: list[str], *, seconds: float) -> str:
    """Runs Helm and returns what it printed; raises `RefusedError` with its error text.

    Helm gets an empty home of its own, so no repository, plugin or kubeconfig of this machine can leak in.
    """
    with tempfile.TemporaryDirectory(prefix="fastorder-helm-home-") as home:
        own = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": home,
            "HELM_CACHE_HOME": f"{home}/cache",
            "HELM_CONFIG_HOME": f"{home}/config",
            "HELM_DATA_HOME": f"{home}/data",
            "KUBECONFIG": f"{home}/no-kubeconfig",
            **{key: os.environ[key] for key in ("HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE") if key in os.environ},
        }
        try:
            process = subprocess.run(
                [_executable(), *command],
                capture_output=True,
                text=True,
                env=own,
                check=False,
                timeout=seconds + _MARGIN_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            message = f"helm {command[0]} did not end within {seconds:.0f} s"
            raise RefusedError(message) from error
    if process.returncode:
        lines = [line for line in process.stderr.splitlines() if line.strip() and not line.startswith(_NOISE)]
        raise RefusedError("\n".join(lines).removeprefix("Error: ") or f"helm {command[0]} failed")
    return process.stdout


def write_values(values: JsonObject, folder: Path) -> str:
    """A values file readable by this user only: values may hold secrets."""
    path = folder / "values.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(values), encoding="utf-8")
    return str(path)


def _executable() -> str:
    found = os.environ.get(HELM_VARIABLE) or shutil.which("helm")
    if not found:
        message = f"no helm: set {HELM_VARIABLE} to the executable, or put helm on PATH"
        raise RefusedError(message)
    return found
