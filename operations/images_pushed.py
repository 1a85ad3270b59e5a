"""Whether every image that a stack's pods name is in its registry: asked before pods are made of them.

Owns the question; what to do about a missing image is said by whoever asks.
"""

from __future__ import annotations

from operations.aws_cli import Aws, RefusedError
from operations.program import Stack

_ABSENT = frozenset({"ImageNotFoundException", "RepositoryNotFoundException"})


def missing_images(stack: Stack, aws: Aws) -> list[str]:
    """Return `repository:tag` of each image that is not there; a repository that is not there has none.

    Raises:
        NotAskedError: The registry could not be asked.
        RefusedError: The registry answers with another error.
    """
    absent: list[str] = []
    for repository, tag in stack.images():
        try:
            aws("ecr", "describe-images", "--repository-name", repository, "--image-ids", f"imageTag={tag}")
        except RefusedError as error:
            if error.code not in _ABSENT:
                raise
            absent.append(f"{repository}:{tag}")
    return absent
