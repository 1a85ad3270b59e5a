"""Logging and detection: what happens is written down, kept, and noticed."""

from policy.frame.rule import Area

AREA = Area("logging")
