"""S3: the objects in the buckets of the simulated account, and who may read, write, list and delete them.

Owns the bytes, in files below the account's folder. Does not own buckets, nor their policies and encryption: the
program makes them. A bucket that a key encrypts asks that key's permission for each object, as S3 does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, unquote

from rehearsal.endpoint.keys import Kms
from rehearsal.endpoint.refusal import Authority, Refusal

if TYPE_CHECKING:
    from rehearsal.cloud import Cloud, CloudObject, JsonObject

_BUCKET = "aws:s3/bucket:Bucket"
_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


@dataclass(frozen=True, kw_only=True)
class Objects:
    """S3 of the simulated account; each method is one request and raises `Refusal`."""

    cloud: Cloud
    allow: Authority

    def list(self, caller: str, bucket: str, prefix: str) -> dict[str, int]:
        """Return the sizes of the objects whose keys begin so, by key and in order."""
        self._bucket(caller, bucket, "s3:ListBucket")
        folder = self._folder(bucket)
        found = {unquote(file.name): file.stat().st_size for file in folder.iterdir()} if folder.is_dir() else {}
        return {key: size for key, size in sorted(found.items()) if key.startswith(prefix)}

    def head_bucket(self, caller: str, bucket: str) -> None:
        """Refuse unless the bucket is there and the caller may know it."""
        self._bucket(caller, bucket, "s3:ListBucket")

    def get(self, caller: str, bucket: str, key: str) -> bytes:
        """Return an object."""
        owner = self._bucket(caller, bucket, "s3:GetObject", key)
        file = self._file(bucket, key)
        if not file.is_file():
            # Who may not list the bucket is not told what is missing in it.
            self._bucket(caller, bucket, "s3:ListBucket")
            raise Refusal(404, "NoSuchKey", f"The specified key does not exist: {key}")
        self._ask_key(caller, owner, "kms:Decrypt")
        return file.read_bytes()

    def put(self, caller: str, bucket: str, key: str, content: bytes) -> None:
        """Write an object."""
        owner = self._bucket(caller, bucket, "s3:PutObject", key)
        self._ask_key(caller, owner, "kms:GenerateDataKey")
        file = self._file(bucket, key)
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_name(f"{file.name}.part")
        scratch.write_bytes(content)
        scratch.replace(file)

    def delete(self, caller: str, bucket: str, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        self._bucket(caller, bucket, "s3:DeleteObject", key)
        self._file(bucket, key).unlink(missing_ok=True)

    def _bucket(self, caller: str, bucket: str, action: str, key: str | None = None) -> CloudObject:
        found = next((thing for thing in self.cloud.list(_BUCKET) if thing.id == bucket), None)
        if found is None:
            raise Refusal(404, "NoSuchBucket", f"The specified bucket does not exist: {bucket}")
        arn = str(found.properties["arn"])
        resource = arn if key is None else f"{arn}/{key}"
        self.allow(caller, action, resource, {"aws:SecureTransport": "true", "aws:RequestedRegion": found.location})
        return found

    def _ask_key(self, caller: str, bucket: CloudObject, action: str) -> None:
        rules = [
            rule
            for thing in self.cloud.list(_ENCRYPTION)
            if thing.properties.get("bucket") == bucket.id
            for rule in cast("list[JsonObject]", thing.properties.get("rules") or [])
        ]
        for rule in rules:
            default = rule.get("applyServerSideEncryptionByDefault")
            if isinstance(default, dict) and (key := default.get("kmsMasterKeyId")):
                kms = Kms(cloud=self.cloud, region=bucket.location, allow=self.allow)
                kms.may_use(caller, action, str(key), via=f"s3.{bucket.location}.amazonaws.com")

    def _folder(self, bucket: str) -> Path:
        return self.cloud.folder / "objects" / bucket

    def _file(self, bucket: str, key: str) -> Path:
        return self._folder(bucket) / quote(key, safe="")
