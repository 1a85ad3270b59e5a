"""What EKS's access policies allow in Kubernetes, as AWS documents them.

Owns the table of the policies that people and pipelines are given; policies of AWS's own components are left out and
allow nothing here. Source: EKS user guide, "Review access policy permissions", read on 2026-11-30. Subresources and the
`extensions` group, which no server has any more, are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

EVERY: Final = "*"
READ: Final = frozenset({"get", "list", "watch"})
WRITE: Final = frozenset({"create", "delete", "deletecollection", "patch", "update"})

_CHANGED_BY_EDITORS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({
        "configmaps", "events", "persistentvolumeclaims", "pods", "replicationcontrollers", "secrets",
        "serviceaccounts", "services",
    }),
    "apps": frozenset({"daemonsets", "deployments", "replicasets", "statefulsets"}),
    "autoscaling": frozenset({"horizontalpodautoscalers"}),
    "batch": frozenset({"cronjobs", "jobs"}),
    "networking.k8s.io": frozenset({"ingresses", "networkpolicies"}),
    "policy": frozenset({"poddisruptionbudgets"}),
}  # fmt: skip
_SEEN_BY_VIEWERS: Final[Mapping[str, frozenset[str]]] = {
    **_CHANGED_BY_EDITORS,
    "": (_CHANGED_BY_EDITORS[""] - {"secrets"})
    | {"bindings", "endpoints", "limitranges", "namespaces", "resourcequotas"},
    "apps": _CHANGED_BY_EDITORS["apps"] | {"controllerrevisions"},
    "discovery.k8s.io": frozenset({"endpointslices"}),
}
_SECRETS: Final[Mapping[str, frozenset[str]]] = {"": frozenset({"secrets"})}
_ROLES: Final[Mapping[str, frozenset[str]]] = {"rbac.authorization.k8s.io": frozenset({"rolebindings", "roles"})}
_EVERYTHING: Final[Mapping[str, frozenset[str]]] = {EVERY: frozenset({EVERY})}

_EDIT: Final = ((READ, _SEEN_BY_VIEWERS), (READ, _SECRETS), (WRITE, _CHANGED_BY_EDITORS))
POLICIES: Final[Mapping[str, tuple[tuple[frozenset[str], Mapping[str, frozenset[str]]], ...]]] = {
    "AmazonEKSClusterAdminPolicy": ((frozenset({EVERY}), _EVERYTHING),),
    "AmazonEKSAdminPolicy": (*_EDIT, (READ | WRITE, _ROLES)),
    "AmazonEKSEditPolicy": _EDIT,
    "AmazonEKSViewPolicy": ((READ, _SEEN_BY_VIEWERS),),
    "AmazonEKSAdminViewPolicy": ((READ, _EVERYTHING),),
    "AmazonEKSSecretReaderPolicy": ((READ, _SECRETS),),
}
"""By policy: verbs, and resources by API group, that they are allowed on."""
