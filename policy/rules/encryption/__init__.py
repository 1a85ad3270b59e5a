"""Encryption at rest: that it is on, with which key, and that the services which need a key may use it."""

from policy.frame.rule import Area

AREA = Area("encryption")
