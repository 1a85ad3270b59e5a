"""Encryption in transit: listeners, origins, caches, databases and the policies that refuse plain connections."""

from policy.frame.rule import Area

AREA = Area("transit")
