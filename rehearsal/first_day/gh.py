"""The `gh` command of the rehearsal: the few of GitHub's own that the documents use, sent to the rehearsal's API.

Anything else is refused, so that a document cannot use what was never tried. Source: the manual of GitHub CLI.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, Final

_TIMEOUT_SECONDS: Final = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 1 if GitHub refused."""
    options = _parse(arguments)
    try:
        _AREAS[options.area](options)
    except urllib.error.HTTPError as error:
        sys.stderr.write(f"gh: {json.load(error)['message']} (HTTP {error.code})\n")
        return 1
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gh")
    areas = parser.add_subparsers(dest="area", required=True)
    api = areas.add_parser("api")
    api.add_argument("path")
    api.add_argument("--method", "-X", default="GET")
    api.add_argument("--input", choices=["-"])
    api.add_argument("--raw-field", "-f", action="append", default=[])
    api.add_argument("--silent", action="store_true")
    api.add_argument("--jq", "-q", default="")
    variable = areas.add_parser("variable").add_subparsers(dest="verb", required=True).add_parser("set")
    variable.add_argument("name")
    variable.add_argument("--body", "-b", required=True)
    variable.add_argument("--env", "-e", default="")
    run = areas.add_parser("workflow").add_subparsers(dest="verb", required=True).add_parser("run")
    run.add_argument("workflow")
    run.add_argument("--raw-field", "-f", action="append", default=[])
    return parser.parse_args(arguments)


def _api(options: argparse.Namespace) -> None:
    body = json.load(sys.stdin) if options.input else _fields(options.raw_field)
    found = _call(options.method, options.path.lstrip("/"), body)
    if options.silent:
        return
    for name in filter(None, options.jq.split(".")):
        found = found[name]
    sys.stdout.write(f"{found if options.jq else json.dumps(found)}\n")


def _variable(options: argparse.Namespace) -> None:
    area = f"environments/{options.env}" if options.env else "actions"
    _call("POST", f"repos/{{owner}}/{{repo}}/{area}/variables", {"name": options.name, "value": options.body})


def _workflow(options: argparse.Namespace) -> None:
    body = {"ref": "main", "inputs": _fields(options.raw_field)}
    _call("POST", f"repos/{{owner}}/{{repo}}/actions/workflows/{options.workflow}/dispatches", body)


_AREAS: Final = {"api": _api, "variable": _variable, "workflow": _workflow}


def _fields(given: Sequence[str]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in given)


def _call(method: str, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
    owner, _, name = os.environ["GITHUB_REPOSITORY"].partition("/")
    request = urllib.request.Request(  # noqa: S310 - the rehearsal's own address
        f"{os.environ['GITHUB_API_URL']}/{path.replace('{owner}', owner).replace('{repo}', name)}",
        method=method,
        data=None if method == "GET" else json.dumps(body).encode(),
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
        return json.load(answer) if answer.status != 204 else {}  # noqa: PLR2004 - no content


if __name__ == "__main__":
    sys.exit(main())
