"""Exposure: what the internet, other accounts and other tiers can reach."""

from policy.frame.rule import Area

AREA = Area("exposure")
