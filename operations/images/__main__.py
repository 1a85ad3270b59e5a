"""`make images`: builds both images, runs them as a cluster would, and says how large they are.

Owns the order of steps. Needs root and the Debian packages buildah, mmdebstrap, umoci and runc; with a cached base it
takes about five minutes, most of it Java's packages and Maven's downloads.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from operations.app.processes import require
from operations.images import was, web
from operations.images.build import Builder, size

_WORKLOADS = Path(__file__).parents[2] / "workloads"
_MEGABYTE = 1_000_000


def main() -> int:
    """Build and try the images; returns 0 when each is small enough and did as it must."""
    parser = argparse.ArgumentParser(prog="operations.images", description=__doc__)
    parser.add_argument("--helm", type=Path, default=shutil.which("helm"), help="path of Helm (default: on the PATH)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fastorder-images-") as name:
        folder = Path(name)
        # The containers' user passes through to its mounts.
        folder.chmod(0o711)
        require("buildah", "mmdebstrap", "umoci", "runc", "openssl", packages="operations/images/apt-packages.txt")
        builder = Builder(folder)
        builder.add_base()
        bundle = builder.build(_WORKLOADS / "web", "web")
        failures = _report("web", size(bundle), web.MOST_MEGABYTES, [*web.failures(bundle, folder, arguments.helm)])
        bundle = was.build(builder, _WORKLOADS / "was", folder)
        failures += _report("was", size(bundle), was.MOST_MEGABYTES, [*was.failures(bundle, folder)])
    return 1 if failures else 0


def _report(image: str, size_bytes: int, most: int, failures: list[str]) -> int:
    megabytes = size_bytes / _MEGABYTE
    if megabytes > most:
        failures = [*failures, f"{megabytes:.0f} MB of files, at most {most} are wanted"]
    sys.stdout.write(f"{image} image: {megabytes:.0f} MB of files, {'; '.join(failures) or 'does as it must'}\n")
    sys.stdout.flush()
    return len(failures)


if __name__ == "__main__":
    raise SystemExit(main())
