"""What the eks stand-in writes into a kubeconfig, as the official component does."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from rehearsal.eks.kubeconfig import credentials, kubeconfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rehearsal.cloud import JsonObject


def _arguments(login: Mapping[str, str], *, with_profile: bool) -> list[str]:
    config = kubeconfig(
        cluster="small",
        endpoint="https://a",
        region="ap-northeast-2",
        certificate="",
        credentials=login,
        with_profile=with_profile,
    )
    (user,) = cast("list[JsonObject]", config["users"])
    return cast("list[str]", cast("JsonObject", cast("JsonObject", user["user"])["exec"])["args"])


@pytest.mark.parametrize(
    ("given", "profile", "named"),
    [(None, "mine", True), (None, None, False), ({}, "mine", False), ({"profileName": "ours"}, "mine", True)],
)
def test_the_profile_of_whoever_deploys_ends_in_it_unless_the_program_says_otherwise(
    given: Mapping[str, str] | None, profile: str | None, named: bool
) -> None:
    login = cast("Mapping[str, str]", credentials(given, profile=profile))
    assert ("--profile" in _arguments(login, with_profile=True)) is named
    assert "--profile" not in _arguments(login, with_profile=False)
