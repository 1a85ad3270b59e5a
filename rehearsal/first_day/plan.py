"""What makes up the first day: sections of the documents, in the order in which they are followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DAY: Final = (("bootstrap", "bootstrap/README.md", "Run it"),)
"""Each chapter: its name, a document and a section of it."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a team would fill in for one stack.

    Attributes:
        account: AWS account.
        values: Variables that the documents ask the reader to set, by name, besides STACK and ACCOUNT.
        repository: Owner and name at GitHub.
        identity: Numbers of owner and repository, which GitHub puts into the subjects of newer repositories; or None.
        person: Who operates.
        region: Home region.
    """

    account: str
    values: dict[str, str]
    repository: str = "kinoplex/fast-order"
    identity: tuple[str, str] | None = ("90417733", "1304267049")
    person: str = ""
    region: str = "ap-northeast-2"


# OWNER_ID and REPOSITORY_ID are the numbers in `identity`.
_GITHUB: Final = {"REPOSITORY": "kinoplex/fast-order", "OWNER_ID": "90417733", "REPOSITORY_ID": "1304267049"}
SETTINGS: Final = {
    "dev": Setting(account="048271390556", values={**_GITHUB, "ZONE": "dev.kinoplex.kr"}),
    "prod": Setting(account="731905526481", values={**_GITHUB, "ZONE": "kinoplex.kr"}),
}
"""Of each stack whose day is rehearsed. The first number begins with a zero, which must survive every file."""
