"""Whether every image that a stack's pods name is in its registry: asked before pods are made of them.

An image is named by its tag or, with the digest behind it, by what it is: then the digest is asked for, and the tag
must be its own. Owns the question; what to do about a wrong image is said by whoever asks.
"""

from __future__ import annotations

from typing import Any

from operations.aws_cli import Aws, RefusedError
from operations.program import Stack

_ABSENT = frozenset({"ImageNotFoundException", "RepositoryNotFoundException"})


def wrong_images(stack: Stack, aws: Aws) -> list[str]:
    """Return each image that is not there, or is not what its tag names, with the reason.

    Raises:
        NotAskedError: The registry could not be asked.
        RefusedError: The registry answers with another error.
    """
    judged = ((f"{repository}:{name}", _reason(repository, name, aws)) for repository, name in stack.images())
    return [f"{image} {reason}" for image, reason in judged if reason]


def _reason(repository: str, name: str, aws: Aws) -> str:
    tag, _, digest = name.partition("@")
    found = _describe(repository, f"imageDigest={digest}" if digest else f"imageTag={tag}", aws)
    if found is None:
        return "was not pushed"
    if not digest or tag in found.get("imageTags", ()):
        return ""
    other = _describe(repository, f"imageTag={tag}", aws)
    return f"is not what the tag names, which is {other['imageDigest'] if other else 'no image'}"


def _describe(repository: str, image: str, aws: Aws) -> dict[str, Any] | None:
    try:
        answer = aws("ecr", "describe-images", "--repository-name", repository, "--image-ids", image)
    except RefusedError as error:
        if error.code not in _ABSENT:
            raise
        return None
    details: list[dict[str, Any]] = answer["imageDetails"]
    return details[0]
