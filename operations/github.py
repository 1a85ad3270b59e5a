"""Puts a page on GitHub: one comment per pull request and stack, one open issue per stack; reads its environments.

Owns the calls of GitHub's REST API. Does not judge an environment (`operations/environments.py`). A page's first line
is its hidden marker; the comment or issue that begins with the same marker, and that a workflow wrote, is edited and
no other is added. Runs in a workflow, from whose environment it takes the API's address, the repository and the token.

    python -m operations.github comment PAGE --pull NUMBER
    python -m operations.github issue PAGE --title TITLE [--close]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

_PER_PAGE: Final = 100
_TIMEOUT_SECONDS: Final = 30
_TOKEN: Final = "GITHUB_TOKEN"  # noqa: S105 - the name of a variable
_WRITER: Final = "github-actions[bot]"
_NEEDED: Final = ("GITHUB_API_URL", "GITHUB_REPOSITORY", _TOKEN)


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository behind the API, and what the token may do with it."""

    api: str
    name: str
    token: str

    @classmethod
    def from_environment(cls) -> Repository:
        """Return the repository that a workflow runs for.

        Raises:
            KeyError: One of the variables that a workflow has is not set; the argument names them.
        """
        missing = [name for name in _NEEDED if not os.environ.get(name)]
        if missing:
            raise KeyError(", ".join(missing))
        api, name, token = (os.environ[variable] for variable in _NEEDED)
        return cls(api=api, name=name, token=token)

    def comment(self, pull: int, page: str) -> str:
        """Write the page as the comment of its marker and return the comment's address."""
        for known in self._pages(f"issues/{pull}/comments"):
            if _is_ours(known, page):
                return str(self._call("PATCH", f"issues/comments/{known['id']}", {"body": page})["html_url"])
        return str(self._call("POST", f"issues/{pull}/comments", {"body": page})["html_url"])

    def issue(self, title: str, page: str, *, close: bool = False) -> str | None:
        """Write the page as the open issue of its marker, or close that issue, and return its address."""
        known = next((one for one in self._pages("issues?state=open") if _is_ours(one, page)), None)
        if known is None and close:
            return None
        if known is None:
            return str(self._call("POST", "issues", {"title": title, "body": page})["html_url"])
        change = {"body": page, "title": title, **({"state": "closed"} if close else {})}
        return str(self._call("PATCH", f"issues/{known['number']}", change)["html_url"])

    def environment(self, name: str) -> Mapping[str, Any] | None:
        """Return how the environment is protected, as GitHub tells it, or None if there is no such environment.

        The patterns of the branches that it admits are added as `branches`. Needs the right to read actions.
        """
        try:
            found: dict[str, Any] = self._call("GET", f"environments/{name}")
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return None
            raise
        # Patterns count only where the environment says so; without, it admits every branch or every protected one.
        policy: dict[str, bool] = found.get("deployment_branch_policy") or {}
        listed: dict[str, Any] = (
            self._call("GET", f"environments/{name}/deployment-branch-policies?per_page={_PER_PAGE}")
            if policy.get("custom_branch_policies")
            else {}
        )
        return {**found, "branches": [str(one["name"]) for one in listed.get("branch_policies", [])]}

    def _pages(self, path: str) -> Iterator[Mapping[str, Any]]:
        number = 1
        while True:
            joint = "&" if "?" in path else "?"
            found: list[Mapping[str, Any]] = self._call("GET", f"{path}{joint}per_page={_PER_PAGE}&page={number}")
            yield from found
            if len(found) < _PER_PAGE:
                return
            number += 1

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
        request = urllib.request.Request(  # noqa: S310 - the API's address, which the workflow's runner sets
            f"{self.api}/repos/{self.name}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            return json.load(answer)


def _is_ours(known: Mapping[str, Any], page: str) -> bool:
    # Anyone may write our marker; only a workflow's own writing is edited.
    author: dict[str, Any] = known.get("user") or {}
    marker = page.split("\n", 1)[0]
    return author.get("login") == _WRITER and str(known.get("body") or "").splitlines()[:1] == [marker]


def main(arguments: list[str] | None = None) -> int:
    """Write the page and print its address; 1 if GitHub refused."""
    parser = argparse.ArgumentParser(prog="python -m operations.github", description="A page on GitHub.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    comment = kinds.add_parser("comment", help="one comment per marker on a pull request")
    comment.add_argument("page", type=Path)
    comment.add_argument("--pull", type=int, required=True, help="the pull request's number")
    issue = kinds.add_parser("issue", help="one open issue per marker")
    issue.add_argument("page", type=Path)
    issue.add_argument("--title", required=True)
    issue.add_argument("--close", action="store_true", help="close the issue, if there is one")
    options = parser.parse_args(arguments)
    try:
        repository = Repository.from_environment()
    except KeyError as error:
        sys.stderr.write(f"{error.args[0]}: not set; this command runs in a GitHub workflow\n")
        return 1
    try:
        page = options.page.read_text(encoding="utf-8")
        if options.kind == "comment":
            address = repository.comment(options.pull, page)
        else:
            address = repository.issue(options.title, page, close=options.close)
    except OSError as error:
        sys.stderr.write(f"GitHub: {error}\n")
        return 1
    sys.stdout.write(f"{address or 'there is no such issue'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
