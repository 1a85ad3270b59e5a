"""Names and tags by the project's convention."""

from policy.frame.rule import Area

AREA = Area("naming")
