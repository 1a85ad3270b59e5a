"""What every program of ours does before its first component: read its settings, and bind itself to one account.

Owns the one place that reads Pulumi's configuration. Does not own what may be configured (`model.settings`), nor
composition: that is each `__main__.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import CONFIG, get_config_env

from model.conventions import Conventions
from model.settings import SettingsError


class _Settings(Protocol):
    @property
    def conventions(self) -> Conventions: ...


Loaded = TypeVar("Loaded", bound=_Settings)


def enter(load: Callable[[str, Mapping[str, str]], Loaded]) -> tuple[Loaded, pulumi.ResourceOptions]:
    """Return the stack's settings, and the options that bind a component to the stack's account and region.

    Args:
        load: Makes settings of the stack's name and the project's own configuration, key by key.

    Raises:
        pulumi.RunError: Settings are wrong; the engine shows the message without a traceback.
    """
    prefix, given = f"{pulumi.get_project()}:", {**get_config_env(), **CONFIG.get()}
    ours = {key.removeprefix(prefix): text for key, text in given.items() if key.startswith(prefix)}
    try:
        settings = load(pulumi.get_stack(), ours)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from error
    rules = settings.conventions
    # The provider refuses any other account, whatever credentials it is run with.
    account = aws.Provider("aws", region=rules.region, allowed_account_ids=[rules.account_id])
    return settings, pulumi.ResourceOptions(providers=[account])
