"""The commands by which docs/reference/pipeline.md sets GitHub up do what the workflows and their checks ask for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from operations import environments

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "pipeline.md").read_text()
BLOCKS = [
    re.sub(r"^ {3}", "", block, flags=re.MULTILINE) for block in re.findall(r"```bash[^\n]*\n(.*?)```", PAGE, re.DOTALL)
]
# Takes the calls of `gh api` as GitHub does and keeps them, one JSON object a line.
GH = f"""#!{sys.executable}
import json, sys
arguments = sys.argv[1:]
call = {{"arguments": [one for one in arguments if one != "--silent"]}}
if "--input" in arguments:
    call["body"] = json.load(sys.stdin)
with open(__file__ + ".calls", "a") as calls:
    calls.write(json.dumps(call) + "\\n")
"""


def calls(tmp_path: Path, script: str, **variables: str) -> list[dict[str, Any]]:
    """What a block of the page asks of `gh`."""
    command = tmp_path / "gh"
    command.write_text(GH)
    command.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], check=True, env={"PATH": path, **variables})
    return [json.loads(line) for line in Path(f"{command}.calls").read_text().splitlines()]


def block(word: str) -> str:
    (found,) = [one for one in BLOCKS if word in one]
    return found


@pytest.fixture
def made(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """The environments that the page makes, as GitHub would tell of them."""
    found: dict[str, dict[str, Any]] = {}
    for call in calls(tmp_path, block("guard()"), REVIEWERS="4711"):
        _, _, method, path, *rest = call["arguments"]
        name, _, under = path.removeprefix("repos/{owner}/{repo}/environments/").partition("/")
        if method == "PUT":
            body = call["body"]
            rule = {"type": "required_reviewers", "reviewers": body["reviewers"]}
            told = {key: body[key] for key in ("deployment_branch_policy", "can_admins_bypass")}
            found[name] = {"protection_rules": [rule], "branches": [], **told}
        else:
            assert (method, under, rest[0]) == ("POST", "deployment-branch-policies", "-f")
            found[name]["branches"].append(rest[1].removeprefix("name="))
    return found


def test_the_page_makes_the_environments_that_a_deployment_asks_for(made: dict[str, dict[str, Any]]):
    asked = {
        pattern.format(stack=stack): (stack, branch)
        for stack in ("dev", "stg", "prod")
        for pattern, branch in environments.ADMITTED.items()
    }
    assert {*made} == {*asked}
    for name, (stack, branch) in asked.items():
        assert list(environments.objections(stack, name, branch, made[name])) == []
        assert made[name]["deployment_branch_policy"] == {"protected_branches": False, "custom_branch_policies": True}
        reviewers = made[name]["protection_rules"][0]["reviewers"]
        assert reviewers == ([{"type": "Team", "id": 4711}] if stack in environments.REVIEWED else [])
