"""Fails in the way that its setting names."""

import pulumi
import pulumi_random as random

kind = pulumi.Config().get("kind")
if kind == "refusal":
    raise pulumi.RunError("network.cidr: 10.0.0.0/8 is larger than /16; give a /16 or smaller")
if kind == "bug":
    raise KeyError("a-bug-of-the-program")
identifier = random.RandomId("identifier", byte_length=2)


def explode(value: str) -> str:
    """Fail once the value is known."""
    raise ValueError(f"bad value of {len(value)} digits")


identifier.hex.apply(explode)
