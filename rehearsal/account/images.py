"""Images in the account's registry: who pushed what, and whether a pod that names one can start.

Owns the names and digests of images; no layer is kept. An image is pushed by the rehearsal's commands as people and
pipelines push it, or by an account's past that says that all are there.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from rehearsal.cloud import CloudObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rehearsal.account.past import Past
    from rehearsal.cloud import Cloud, Json, JsonObject

_PROVIDER: Final = "account"
_IMAGE: Final = "ecr:Image"
_REPOSITORY: Final = "aws:ecr/repository:Repository"
_ADDRESS: Final = re.compile(
    r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^:@]+)"
    r"(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?$"
)


class PushError(Exception):
    """The registry refuses an image; the message reads like its own."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image: its repository, digest and tag."""

    repository: str
    digest: str
    tag: str


def push(cloud: Cloud, address: str, content: str = "") -> Image:
    """Puts an image under `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`.

    Args:
        cloud: The account.
        address: Where to.
        content: What the digest follows from; the address by default.

    Raises:
        PushError: There is no such repository, or its tags are immutable and the tag holds something else.
    """
    parts = _ADDRESS.match(address)
    if parts is None or not parts["tag"]:
        raise PushError(f"name invalid: {address}: write <account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>")
    repository, region, tag = parts["repository"], parts["region"], parts["tag"]
    found = [one for one in cloud.list(_REPOSITORY, location=region) if one.properties.get("name") == repository]
    if not found:
        message = f"The repository with name '{repository}' does not exist in the registry with id '{parts['account']}'"
        raise PushError(f"name unknown: {message}")
    image = Image(repository=repository, tag=tag, digest=_digest(content or address))
    before = [one for one in pushed(cloud, repository, region) if one.tag == tag]
    if before and before[0].digest != image.digest:
        if found[0].properties.get("imageTagMutability") == "IMMUTABLE":
            raise PushError(
                f"tag invalid: The image tag '{tag}' already exists in the '{repository}' repository and cannot be "
                "overwritten because the repository is immutable."
            )
        cloud.delete(_IMAGE, f"{repository}:{tag}", location=region, provider=_PROVIDER)
    if not before or before[0].digest != image.digest:
        properties: JsonObject = {"repository": repository, "digest": image.digest, "tag": tag}
        cloud.create(
            CloudObject(
                provider=_PROVIDER, type=_IMAGE, location=region, id=f"{repository}:{tag}", properties=properties
            )
        )
    return image


def place_of(address: str) -> tuple[str, str]:
    """Repository and region of an address; both empty for another registry's."""
    parts = _ADDRESS.match(address)
    return (parts["repository"], parts["region"]) if parts else ("", "")


def pushed(cloud: Cloud, repository: str, region: str) -> list[Image]:
    """What somebody pushed into a repository."""
    things = cloud.list(_IMAGE, location=region, provider=_PROVIDER)
    images = [Image(**{key: str(value) for key, value in one.properties.items()}) for one in things]
    return [image for image in images if image.repository == repository]


def find(cloud: Cloud, past: Past, repository: str, region: str, *, tag: str = "", digest: str = "") -> Image | None:
    """An image by tag or digest; where the past says that all are there, any tag of a repository that exists."""
    for image in pushed(cloud, repository, region):
        if tag in ("", image.tag) and digest in ("", image.digest):
            return image
    if past.images == "any" and _exists(cloud, repository, region):
        return Image(repository=repository, tag=tag, digest=digest or _digest(f"{repository}:{tag}"))
    return None


def forget(cloud: Cloud, repository: str, region: str) -> None:
    """Takes away all images of a repository, which is being deleted."""
    for image in pushed(cloud, repository, region):
        cloud.delete(_IMAGE, f"{repository}:{image.tag}", location=region, provider=_PROVIDER)


def missing(cloud: Cloud, past: Past, manifests: Iterable[JsonObject]) -> list[str]:
    """Images of our own registry that pods of these objects name and nobody pushed. Other registries have all."""
    absent: list[str] = []
    for address in dict.fromkeys(name for manifest in manifests for name in _named(manifest)):
        parts = _ADDRESS.match(address)
        if parts is None:
            continue
        found = find(
            cloud, past, parts["repository"], parts["region"], tag=parts["tag"] or "", digest=parts["digest"] or ""
        )
        if found is None:
            absent.append(address)
    return absent


def _exists(cloud: Cloud, repository: str, region: str) -> bool:
    return any(one.properties.get("name") == repository for one in cloud.list(_REPOSITORY, location=region))


def _digest(content: str) -> str:
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


def _named(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key in ("containers", "initContainers"):
            for container in cast("list[JsonObject]", value.get(key) or []):
                if isinstance(container.get("image"), str):
                    yield str(container["image"])
        for member in value.values():
            yield from _named(member)
    elif isinstance(value, list):
        for member in value:
            yield from _named(member)
