"""The complete description of a resource type, put together from all sources once and cached on disk.

Owns the cache: one JSON file per type in `aws-types-<key>` of the tool cache, where the key covers the versions of the
packages read, the text of the table and of the facts, and the code that reads. A first description takes up to half a
second (botocore's larger models), later ones a millisecond. Safe for several processes: files are written aside and
moved into place.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from rehearsal.aws import limits, replacement, sdk
from rehearsal.aws.facts.library import facts, facts_text
from rehearsal.aws.facts.values import merged
from rehearsal.aws.knowledge import table_text
from rehearsal.aws.shapes import ResourceType, resource_type_from_json
from rehearsal.tool_cache import cache_root

_PACKAGES = ("pulumi-aws", "botocore", "cfn-lint")
_READERS = ("shapes.py", "sdk.py", "limits.py", "replacement.py", "regions.py", "facts/grammar.py", "facts/values.py")


@cache
def describe(token: str) -> ResourceType:
    """Everything known about a type; raises `rehearsal.aws.sdk.UnknownTypeError` for tokens the SDK does not have."""
    file = _folder() / f"{token.replace(':', '+').replace('/', '+')}.json"
    if file.is_file():
        return resource_type_from_json(json.loads(file.read_text(encoding="utf-8")))
    resource = sdk.read_resource_type(token)
    found, operation = limits.limits(resource)
    rules, cloudformation = replacement.replacement(resource)
    known = facts(token)
    resource = replace(
        resource,
        limits=merged(found, known) if known else found,
        operation=operation,
        replacement=rules,
        cloudformation=cloudformation,
        facts=known,
    )
    _write(file, json.dumps(resource.to_json(), sort_keys=True))
    return resource


@cache
def _folder() -> Path:
    versions = [f"{package}={importlib.metadata.version(package)}" for package in _PACKAGES]
    here = Path(__file__).parent
    content = [table_text(), facts_text(), *((here / name).read_bytes() for name in _READERS)]
    digest = hashlib.sha256(b"\0".join([" ".join(versions).encode(), *content])).hexdigest()[:12]
    folder = cache_root() / f"aws-types-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(file: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".part", delete=False, encoding="utf-8") as part:
        part.write(text)
    Path(part.name).replace(file)
