"""Resource options of what holds state: databases, buckets, keys, registries, vaults, zones.

Owns the one answer to how hard it is to lose data. Does not own the services' own deletion protection, which each
component sets from the same `Conventions.protect`.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from model.conventions import Conventions


def stateful(
    conventions: Conventions,
    parent: pulumi.Resource,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
    ignore_changes: Sequence[str] = (),
) -> pulumi.ResourceOptions:
    """Return the options of a resource that holds state.

    Where the environment protects its state, Pulumi neither deletes nor replaces the resource, and leaves it in the
    account if it is taken out of the program; both are undone on purpose and one after the other, by a runbook.
    """
    return pulumi.ResourceOptions(
        parent=parent,
        protect=conventions.protect,
        retain_on_delete=conventions.protect,
        depends_on=list(depends_on),
        ignore_changes=list(ignore_changes) or None,
    )
