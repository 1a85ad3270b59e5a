"""Publishes the static files of the WEB tier to the bucket that CloudFront serves them from.

Owns what is sent, under which key, with which type and cache lifetime. Does not own the bucket or its encryption,
which the program sets. It is a step of the delivery pipeline and no command of the WAS artefact: the files are the web
tier's, and a service that answers customers has no business with write access to what their browsers run.

The bucket's name is the stack's output `static_files`.

    python -m operations.publish_static --bucket NAME [--folder workloads/web/static]
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import mimetypes
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

# botocore builds its clients at run time and has no types to check; S3 below says what is used.
import botocore.config  # pyright: ignore[reportMissingTypeStubs]
import botocore.session  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDER: Final = Path(__file__).parents[1] / "workloads" / "web" / "static"
_LIFETIME: Final = "public, max-age=300, stale-while-revalidate=60"
"""Names carry no hash of the content, so a browser must ask again soon: old and new mix for five minutes at most."""
_PAGE_LIFETIME: Final = "no-cache"
"""The page names the files of its version: a browser asks each time and mostly gets a 304."""


class S3(Protocol):
    """The two calls that publishing needs."""

    def head_object(self, **arguments: object) -> Mapping[str, object]:
        """Return what S3 knows of an object."""
        ...

    def put_object(self, **arguments: object) -> object:
        """Store an object."""
        ...


def files(folder: Path) -> list[Path]:
    """Return the files to publish, pages last: a page must not be seen before what it refers to.

    Raises:
        FileNotFoundError: The folder has no page, so it is not the one that was meant.
    """
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    pages = [path for path in found if path.suffix == ".html"]
    if not pages:
        raise FileNotFoundError(f"{folder} has no .html file: --folder must name the web tier's static files")
    return [path for path in found if path not in pages] + pages


def publish(s3: S3, bucket: str, folder: Path) -> list[str]:
    """Store every file whose content is not in the bucket yet and return the keys that were stored.

    Nothing is deleted: pages that browsers have open may still ask for the files of the version before.

    Raises:
        ClientError: S3 refused a call.
        FileNotFoundError: The folder has no page.
    """
    stored: list[str] = []
    for path in files(folder):
        key = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        checksum = base64.b64encode(hashlib.sha256(content).digest()).decode()
        if _checksum(s3, bucket, key) == checksum:
            continue
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=content,
            ContentType=_content_type(path),
            CacheControl=_PAGE_LIFETIME if path.suffix == ".html" else _LIFETIME,
            # S3 refuses a body that does not match, and keeps the checksum for the next comparison.
            ChecksumSHA256=checksum,
        )
        stored.append(key)
    return stored


def _checksum(s3: S3, bucket: str, key: str) -> object:
    try:
        return s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED").get("ChecksumSHA256")
    except ClientError as error:
        response = cast("dict[str, dict[str, object]]", error.response)
        status = response["ResponseMetadata"]["HTTPStatusCode"]
        # Without the right to list the bucket S3 says 403 for what is not there; storing will tell the two apart.
        if status in (403, 404):
            return None
        raise


def _content_type(path: Path) -> str:
    kind, _ = mimetypes.guess_type(path.name)
    if kind is None:
        raise ValueError(f"{path} has no known content type: browsers refuse scripts and styles without one")
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _client(endpoint: str | None) -> S3:
    config = botocore.config.Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard"})
    session: Any = botocore.session.get_session()  # pyright: ignore[reportUnknownMemberType]
    return cast("S3", session.create_client("s3", endpoint_url=endpoint, config=config))


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish and print each key that was stored; the exit status says whether all went well."""
    parser = argparse.ArgumentParser(prog="operations.publish_static", description="Publish static files to S3")
    parser.add_argument("--bucket", required=True, help="bucket that CloudFront serves")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: workloads/web/static")
    parser.add_argument("--endpoint", help="another S3 endpoint than the region's own")
    chosen = parser.parse_args(arguments)
    try:
        stored = publish(_client(chosen.endpoint), chosen.bucket, chosen.folder)
    except (BotoCoreError, ClientError, FileNotFoundError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"stored {key}\n" for key in stored) or "nothing has changed\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
