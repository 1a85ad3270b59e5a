"""`python -m operations.images`: builds the WEB image, runs it as a cluster would, and says how large it is.

Owns the order of steps and what the image must answer. Needs root and the Debian packages buildah, mmdebstrap, umoci
and runc; with a cached base it takes about a minute.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from operations.images.build import Builder, size
from operations.images.run import Container

_WORKLOADS = Path(__file__).parents[2] / "workloads"
_MEBIBYTE = 1024 * 1024


def main() -> int:
    """Build, run and ask the image; returns 0 when it answered as it must."""
    parser = argparse.ArgumentParser(prog="operations.images", description=__doc__)
    parser.add_argument("--helm", type=Path, default=shutil.which("helm"), help="path of Helm (default: on the PATH)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fastorder-images-") as name:
        folder = Path(name)
        builder = Builder(folder)
        builder.add_base()
        bundle = builder.build(_WORKLOADS / "web", "web")
        sys.stdout.write(f"web image: {size(bundle) / _MEBIBYTE:.0f} MiB of files\n")
        with Container(bundle, folder, arguments.helm) as web:
            for path, expected in (("/health/live", 200), ("/health/ready", 200), ("/", 200), ("/item/theatres", 503)):
                sys.stdout.write(f"GET {path}: {web.get(path)}, must be {expected}\n")
                if web.get(path) != expected:
                    return 1
            sys.stdout.write(f"writes outside /run/httpd: {web.writable() or 'none'}\n")
            if web.writable():
                return 1
        sys.stdout.write(f"stopped by the image's signal: exit status {web.exit_status}\n")
        return web.exit_status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
