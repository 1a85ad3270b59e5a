"""Least privilege: what identities may do, whom roles trust, what resource policies open."""

from policy.frame.rule import Area

AREA = Area("iam")
