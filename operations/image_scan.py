"""Judges a registry's scan of an image: `python -m operations.image_scan FINDINGS`.

Owns the verdict: critical and high findings refuse the image. Reads what `aws ecr describe-image-scan-findings`
answers, of the basic and of Inspector's scan alike.

Exit code 0 means clean, 1 refused, 2 that the image was not scanned.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_REFUSED: Final = ("CRITICAL", "HIGH")
_SCANNED: Final = frozenset({"COMPLETE", "ACTIVE"})
"""Basic scans end; Inspector's go on as long as the image is there."""
_UNREADABLE: Final = 2


def counts(answer: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of findings by severity.

    Raises:
        ValueError: The image was not scanned.
    """
    scan: dict[str, str] = answer.get("imageScanStatus") or {}
    findings: dict[str, dict[str, int]] = answer.get("imageScanFindings") or {}
    status = scan.get("status", "unknown")
    if status not in _SCANNED:
        raise ValueError(f"the image was not scanned: its status is {status}")
    return findings.get("findingSeverityCounts", {})


def main(arguments: list[str] | None = None) -> int:
    """Print the counts and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m operations.image_scan", description="Verdict on an image's scan.")
    parser.add_argument("findings", type=Path, help="answer of `aws ecr describe-image-scan-findings`")
    options = parser.parse_args(arguments)
    try:
        found = counts(json.loads(options.findings.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{options.findings}: {error}\n")
        return _UNREADABLE
    told = ", ".join(f"{number} {severity.lower()}" for severity, number in sorted(found.items())) or "none"
    sys.stdout.write(f"findings: {told}\n")
    return 1 if any(found.get(severity) for severity in _REFUSED) else 0


if __name__ == "__main__":
    sys.exit(main())
