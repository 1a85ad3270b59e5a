"""Values that are handed out only once what makes them usable exists.

Owns the one way to make a value wait. A name or ARN exists before the policy, instance or mount target without which
its user fails; a value that waits takes every user along, where a list of dependencies would have to be repeated.
"""

from __future__ import annotations

import pulumi


def once_made(value: pulumi.Output[str], *awaited: pulumi.CustomResource) -> pulumi.Output[str]:
    """Return a value that resolves, and is depended on, together with the resources that make it usable."""
    return pulumi.Output.all(value, *(resource.id for resource in awaited)).apply(_first)


def _first(values: list[str]) -> str:
    return values[0]
