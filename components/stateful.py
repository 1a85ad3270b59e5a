"""Resource options of what holds state: databases, buckets, keys, registries, vaults, zones.

Owns the one answer to how hard it is to lose data, and to what is left when the environment goes. Does not own the
services' own switches, which each component sets from the same `Conventions`.

Two kinds. What works and is paid for by the hour (databases, file systems, clusters) goes when its protection is
lifted, after a final snapshot or backup. What keeps (keys, buckets, vaults, repositories) stays in the account, out of
Pulumi's sight, and with it all that makes it safe: a bucket without its public access block, or a key without its
policy, would be another one.
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
    account if it is taken out of the program; both are lifted on purpose, by a runbook.
    """
    return pulumi.ResourceOptions(
        parent=parent,
        protect=conventions.protect,
        retain_on_delete=conventions.protect,
        depends_on=list(depends_on),
        ignore_changes=list(ignore_changes) or None,
    )


def keeping(conventions: Conventions, parent: pulumi.Resource) -> pulumi.ResourceOptions:
    """Return the options of a resource that keeps what outlives the environment."""
    return pulumi.ResourceOptions(
        parent=parent, protect=conventions.protect, retain_on_delete=not conventions.disposable
    )


def beside_kept(
    conventions: Conventions, parent: pulumi.Resource, *, depends_on: Sequence[pulumi.Resource] = ()
) -> pulumi.ResourceOptions:
    """Return the options of a resource without state of its own that makes a kept one safe, and stays with it."""
    return pulumi.ResourceOptions(
        parent=parent, retain_on_delete=not conventions.disposable, depends_on=list(depends_on)
    )
