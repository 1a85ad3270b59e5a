"""What the official provider says when a cluster is out of reach or lets the caller do less than asked.

Owns the sentences around the reason, which differ by operation, and for a Release (pulumi-kubernetes 4.34,
provider/pkg/provider/provider.go and helm_release.go). The reasons themselves come from the server or the network.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias

from rehearsal.kubernetes.cluster import UnreachableError
from rehearsal.provider_plugin import type_of
from rehearsal.vantage.access import ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Generator

Operation: TypeAlias = Literal["create", "update", "read", "delete"]
_RELEASE = "kubernetes:helm.sh/v3:Release"
_FORGET = 'to remove the resource from the state of a deleted cluster, set PULUMI_K8S_DELETE_UNREACHABLE to "true"'


@contextmanager
def explained(operation: Operation, urn: str) -> Generator[None]:
    """Raise what the official provider would say of an unreachable cluster or a refused call."""
    released = type_of(urn) == _RELEASE
    try:
        yield
    except UnreachableError as error:
        raise UnreachableError(_unreachable(operation, str(error), released=released)) from error
    except ForbiddenError as error:
        if operation == "create" and not released:
            message = f'resource "{urn}" was not successfully created by the Kubernetes API server: {error}'
            raise ForbiddenError(message) from error
        if operation == "update" and not released:
            raise ForbiddenError(f'update of resource "{urn}" failed: {error}') from error
        raise


def _unreachable(operation: Operation, reason: str, *, released: bool) -> str:
    if operation == "read":
        return f"failed to read resource state due to unreachable cluster: {reason}; {_FORGET}"
    if released:
        return f"can't {operation} Helm Release with unreachable cluster: {reason}"
    forget = f"; {_FORGET}" if operation == "delete" else ""
    return f"configured Kubernetes cluster is unreachable: {reason}{forget}"
