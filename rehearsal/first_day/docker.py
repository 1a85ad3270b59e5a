"""The `docker` command of the rehearsal: builds an image in name only, an archive that says which files went into it.

The real build of the same folders is rehearsed elsewhere (`make test-images`). Takes the options that images.yml uses
and refuses others.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="docker")
    verbs = parser.add_subparsers(required=True).add_parser("buildx").add_subparsers(dest="verb", required=True)
    verbs.add_parser("create").add_argument("--use", action="store_true")
    build = verbs.add_parser("build")
    build.add_argument("folder", type=Path)
    build.add_argument("--provenance", choices=["false"])
    build.add_argument("--output", required=True)
    build.add_argument("--build-arg", action="append", default=[])
    options = parser.parse_args(arguments)
    if options.verb == "build":
        settings = dict(item.split("=", 1) for item in options.output.split(","))
        if settings.get("type") != "oci":
            parser.error("the rehearsal builds archives of type oci only")
        Path(settings["dest"]).write_text(_digest(options.folder, options.build_arg))
    return 0


def _digest(folder: Path, settings: Sequence[str]) -> str:
    if not (folder / "Dockerfile").is_file():
        sys.exit(f"ERROR: failed to read dockerfile: open {folder}/Dockerfile: no such file or directory")
    digest = hashlib.sha256("\n".join(settings).encode())
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
