"""The number of the simulated account, which names, ARNs and registries carry as on AWS.

The rehearsal tells it to the plugins by a variable, as credentials would; it is the stack's own `account.id`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rehearsal.project_files import StackConfig

VARIABLE: Final = "FASTORDER_ACCOUNT"
EXAMPLE: Final = "123456789012"
"""The account of programs that name none: the one AWS uses in its own documentation."""


def account_number() -> str:
    """The account that this process works in."""
    return os.environ.get(VARIABLE) or EXAMPLE


def account_of(config: StackConfig) -> str:
    """The account that a stack's configuration names as its own, or the example."""
    account = config.values.get(f"{config.project}:account")
    named = account.get("id") if isinstance(account, dict) else None
    return str(named or EXAMPLE)
