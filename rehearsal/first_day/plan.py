"""What makes up the first day: sections of the documents, in the order in which they are followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DAY: Final = (
    ("environments", "docs/reference/pipeline.md", "Set it up before bootstrap"),
    ("bootstrap", "bootstrap/README.md", "Run it"),
    ("pipeline", "docs/reference/pipeline.md", "Set it up after bootstrap"),
    ("deployment", "docs/reference/pipeline.md", "The first deployment of a stack"),
    ("people", "docs/runbooks/reach-a-private-cluster.md", "See what runs"),
    ("drift", "docs/reference/pipeline.md", "Drift"),
    *(
        ("take-down", "docs/runbooks/take-a-protected-stack-down.md", section)
        for section in ("Before you begin", "Keep what must survive", "Lift the protection", "Take it down")
    ),
    ("take-down", "docs/runbooks/take-a-protected-stack-down.md", "Take dev down"),
)
"""Each chapter: its name, a document and a section of it."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a team would fill in for one stack.

    Attributes:
        account: AWS account. One of them begins with a zero, which must survive every file.
        zone: Name of the public zone.
        vcpus: How many the preflight asks for.
        repository: Owner and name at GitHub.
        owner_id: Number of the owner there.
        repository_id: Number of the repository there.
        office: Address from which people call.
        person: Name of the user of IAM who operates.
        region: Home region.
    """

    account: str
    zone: str
    vcpus: str
    repository: str = "kinoplex/fast-order"
    owner_id: int = 90417733
    repository_id: int = 1304267049
    office: str = "121.78.40.17"
    person: str = "operator"
    region: str = "ap-northeast-2"

    @property
    def person_arn(self) -> str:
        """What AWS calls the person."""
        return f"arn:aws:iam::{self.account}:user/{self.person}"

    def variables(self, stack: str) -> dict[str, str]:
        """Return the variables that the documents ask the reader to export."""
        return {
            "ACCOUNT": self.account,
            "AGREED_BY": "the owner, in the minutes of 2026-11-30",
            "CONNECTION": f"arn:aws:codeconnections:{self.region}:{self.account}:connection/{_CONNECTION}",
            "MAIL": "operations@kinoplex.kr",
            "OFFICE": f"{self.office}/32",
            "OPERATOR": self.person_arn,
            "OWNER_ID": str(self.owner_id),
            "RDS_CA_BUNDLE_SHA256": "0" * 64,
            "REPOSITORY": self.repository,
            "REPOSITORY_ID": str(self.repository_id),
            "REVIEWERS": "4711",
            "STACK": stack,
            "VCPUS": self.vcpus,
            "ZONE": self.zone,
        }


_CONNECTION: Final = "5c1f1f6e-8a0e-4f0a-9d0b-2d3f7c1f9a11"
SETTINGS: Final = {
    "dev": Setting(account="048271390556", zone="dev.kinoplex.kr", vcpus="32"),
    "prod": Setting(account="731905526481", zone="kinoplex.kr", vcpus="402"),
}
"""Of each stack whose day is rehearsed."""
