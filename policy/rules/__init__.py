"""The rules, one module per area and subject; importing a module registers its rules."""

from __future__ import annotations

import importlib
import pkgutil

from policy.frame.rule import Rule, rules


def load() -> dict[str, Rule]:
    """Import every rule module and return the rules by identifier."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    return rules()
