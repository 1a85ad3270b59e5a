"""Backup and resilience: what is lost when a disk, a zone, a region or a person fails."""

from policy.frame.rule import Area

AREA = Area("resilience")
