"""The rehearsal works in the account that the stack names, and its provider refuses another as the official does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.account.number import VARIABLE, account_of
from rehearsal.aws.plugin import AwsProvider, ConfigurationError
from rehearsal.aws.wire import to_struct
from rehearsal.cloud import Cloud
from rehearsal.project_files import StackConfig, copy_project_files

if TYPE_CHECKING:
    from pathlib import Path

_OURS = "498273610554"


def _project(folder: Path, config: str) -> StackConfig:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text(config)
    return copy_project_files(folder, "dev", folder / "workspace", {})


def test_the_account_is_the_stacks_own(tmp_path: Path) -> None:
    named = _project(
        tmp_path / "named", f'config:\n  shop:account: {{ id: "{_OURS}" }}\n  other:account: {{ id: "1" }}\n'
    )
    assert account_of(named) == _OURS
    assert account_of(_project(tmp_path / "without", "config: {}\n")) == "123456789012"


@pytest.mark.parametrize(
    "settings",
    [{"allowedAccountIds": '["111111111111"]'}, {"forbiddenAccountIds": f'["{_OURS}"]'}],
)
def test_an_account_that_the_program_is_not_bound_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    provider = AwsProvider(Cloud(tmp_path))
    request = provider_pb2.ConfigureRequest(args=to_struct({"region": "ap-northeast-2", **settings}))
    monkeypatch.setenv(VARIABLE, _OURS)
    with pytest.raises(ConfigurationError, match=f"AWS account ID not allowed: {_OURS}"):
        provider.configure(request)
    monkeypatch.setenv(VARIABLE, "111111111111")
    assert provider.configure(request).supportsPreview
