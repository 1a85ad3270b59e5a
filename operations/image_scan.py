"""Waits for a registry's scan of an image and judges it: `python -m operations.image_scan --repository R --digest D`.

Owns the wait and the verdict: critical and high findings refuse the image. Asks by the AWS CLI, in the region that
AWS_REGION names; needs nothing but the standard library.

The CLI's own `ecr wait image-scan-complete` cannot be used. It knows the status COMPLETE only, while Inspector's scans
stay ACTIVE, and it ends at the ScanNotFoundException that the registry answers until Inspector knows the image. Nor
does the status tell the end: both have been seen with no finding yet (aws/aws-sdk#289). What tells it is the time at
which the scan was completed.

Exit code 0 means clean, 1 refused, 2 that the image was not scanned.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from operations.aws_cli import Aws, NotAskedError, RefusedError

_REFUSED: Final = ("CRITICAL", "HIGH")
_SCANNED: Final = frozenset({"COMPLETE", "ACTIVE"})
"""Basic scans end; Inspector's go on as long as the image is there."""
_UNDER_WAY: Final = frozenset({"PENDING", "IN_PROGRESS", *_SCANNED})
"""What may still become a verdict; every other status of the API, such as UNSUPPORTED_IMAGE, stays as it is."""
_PAUSE_SECONDS: Final = 10.0
_LIMIT_MINUTES: Final = 20.0
"""Inspector has been seen to take minutes after a push; the job around it may take 30."""
_UNREADABLE: Final = 2
_UNKNOWN_SCAN: Final = "ScanNotFoundException"


class NotScannedError(ValueError):
    """There is no verdict and will be none; the message says why."""


class _NotYet(Exception):  # noqa: N818 - no error: the scan goes on
    pass


@dataclass(frozen=True, kw_only=True)
class Registry:
    """A repository of the registry.

    Attributes:
        repository: The repository's name.
        aws: Asks the registry.
        clock: Seconds that only grow.
        sleep: Waits for so many seconds.
    """

    repository: str
    aws: Aws
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def findings(self, digest: str, limit_minutes: float = _LIMIT_MINUTES) -> dict[str, int]:
        """Return the number of findings by severity, once the scan was completed.

        Raises:
            NotScannedError: The image cannot be scanned, the CLI was refused, or the scan is not there in time.
        """
        end = self.clock() + limit_minutes * 60
        while True:
            try:
                return counts(self._answer(digest))
            except _NotYet as reason:
                if self.clock() + _PAUSE_SECONDS > end:
                    message = f"the scan was not completed within {limit_minutes:g} minutes: {reason}"
                    raise NotScannedError(message) from reason
            self.sleep(_PAUSE_SECONDS)

    def _answer(self, digest: str) -> dict[str, Any]:
        image = ("--repository-name", self.repository, "--image-id", f"imageDigest={digest}")
        try:
            return self.aws("ecr", "describe-image-scan-findings", *image)
        except RefusedError as error:
            if error.code == _UNKNOWN_SCAN:
                raise _NotYet("the registry knows no scan of the image") from error
            raise NotScannedError(str(error)) from error
        except (NotAskedError, ValueError) as error:
            raise NotScannedError(str(error)) from error


def counts(answer: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of findings by severity that a completed scan tells.

    Raises:
        NotScannedError: The image cannot be scanned.
    """
    scan: dict[str, str] = answer.get("imageScanStatus") or {}
    findings: dict[str, Any] = answer.get("imageScanFindings") or {}
    status = scan.get("status", "unknown")
    if status not in _UNDER_WAY:
        raise NotScannedError(f"the image was not scanned: {status} ({scan.get('description', 'no description')})")
    if status not in _SCANNED or not findings.get("imageScanCompletedAt"):
        raise _NotYet(f"the scan's status is {status}, and it was not completed yet")
    told: dict[str, int] | None = findings.get("findingSeverityCounts")
    if told is not None:
        return told
    listed = (*(findings.get("findings") or ()), *(findings.get("enhancedFindings") or ()))
    return dict(Counter(str(one.get("severity", "UNDEFINED")) for one in listed))


def main(arguments: list[str] | None = None) -> int:
    """Wait, print the counts and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m operations.image_scan", description="Verdict on an image's scan.")
    parser.add_argument("--repository", required=True, help="name of the image's repository")
    parser.add_argument("--digest", required=True, help="the image, as sha256:...")
    parser.add_argument("--minutes", type=float, default=_LIMIT_MINUTES, help="the longest wait (default: %(default)g)")
    options = parser.parse_args(arguments)
    registry = Registry(repository=options.repository, aws=Aws(os.environ["AWS_REGION"]))
    try:
        found = registry.findings(options.digest, options.minutes)
    except NotScannedError as error:
        sys.stderr.write(f"{options.repository}@{options.digest}: {error}\n")
        return _UNREADABLE
    told = ", ".join(f"{number} {severity.lower()}" for severity, number in sorted(found.items())) or "none"
    sys.stdout.write(f"findings: {told}\n")
    return 1 if any(found.get(severity) for severity in _REFUSED) else 0


if __name__ == "__main__":
    sys.exit(main())
