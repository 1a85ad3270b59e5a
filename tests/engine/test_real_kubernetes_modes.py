"""A simulated cluster and a real API server go through the same story, and what comes of it is compared.

Each scenario begins where the one before it ended. What may differ stands with its reason in `mode_differences.yaml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from rehearsal.kubernetes.helm import HELM_VARIABLE
from rehearsal.plugins import Kubernetes
from tests.engine.modes import TEMPLATE, Mode, mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from rehearsal.toolchain import Toolchain

# Each scenario is an operation of the engine, and there are two clusters to do it in.
pytestmark = [pytest.mark.clusters, pytest.mark.timeout(1500)]

_DIFFERENCES: Final = Path(__file__).parent / "mode_differences.yaml"
_SELECTOR: Final = "selector: {matchLabels: {app: {{ .Release.Name }}}}\n  template"
_OTHER_SELECTOR: Final = "selector: {matchLabels: {tier: {{ .Release.Name }}}}\n  template"


def _install(it: Mode) -> dict[str, Any]:
    return it.seen(it.first)


def _again(it: Mode) -> dict[str, Any]:
    return it.up(text="one")


def _upgrade(it: Mode) -> dict[str, Any]:
    return it.up(text="two")


def _null_value(it: Mode) -> dict[str, Any]:
    return it.up(text="two", wrong="null")


def _value_that_the_chart_refuses(it: Mode) -> dict[str, Any]:
    return it.up(text="two", replicas=20)


def _object_removed_by_hand(it: Mode) -> dict[str, Any]:
    it.hands.delete("ConfigMap", "v1")
    return it.up(text="three")


def _failed_hook(it: Mode) -> dict[str, Any]:
    it.hands.break_hooks(broken=True)
    try:
        return it.up(text="four", timeout=5)
    finally:
        it.hands.break_hooks(broken=False)


def _healed(it: Mode) -> dict[str, Any]:
    return it.up(text="four")


def _immutable_field(it: Mode) -> dict[str, Any]:
    it.edit(_SELECTOR, _OTHER_SELECTOR)
    return it.up(text="five")


def _back_to_the_chart_before(it: Mode) -> dict[str, Any]:
    it.edit(_OTHER_SELECTOR, _SELECTOR)
    return it.up(text="six")


def _immutable_field_and_lost_object(it: Mode) -> dict[str, Any]:
    it.edit(_SELECTOR, _OTHER_SELECTOR)
    template = it.rehearsal.project / TEMPLATE
    config_map, cut, rest = template.read_text(encoding="utf-8").partition("---\n")
    template.write_text(rest, encoding="utf-8")
    try:
        return it.up(text="seven")
    finally:
        template.write_text(f"{config_map}{cut}{rest}", encoding="utf-8")
        it.edit(_OTHER_SELECTOR, _SELECTOR)


def _healed_again(it: Mode) -> dict[str, Any]:
    return it.up(text="eight")


def _other_values_by_hand(it: Mode) -> dict[str, Any]:
    it.hands.redeploy("by hand")
    return it.refresh()


def _and_back(it: Mode) -> dict[str, Any]:
    return it.up(text="eight")


def _uninstalled_by_hand(it: Mode) -> dict[str, Any]:
    it.hands.uninstall()
    return it.refresh()


def _and_installed_again(it: Mode) -> dict[str, Any]:
    return it.up(text="eight")


def _destroyed(it: Mode) -> dict[str, Any]:
    outcome = it.rehearsal.destroy()
    return {"succeeded": outcome.succeeded, "says": outcome.errors}


_STORY: Final[list[Callable[[Mode], dict[str, Any]]]] = [
    _install, _again, _upgrade, _null_value, _value_that_the_chart_refuses, _object_removed_by_hand, _failed_hook,
    _healed, _immutable_field, _back_to_the_chart_before, _immutable_field_and_lost_object, _healed_again,
    _other_values_by_hand, _and_back, _uninstalled_by_hand, _and_installed_again, _destroyed,
]  # fmt: skip


def _told(kubernetes: Kubernetes, toolchain: Toolchain, home: Path) -> dict[str, dict[str, Any]]:
    with mode(kubernetes, toolchain, home) as it:
        return {scenario.__name__.strip("_"): scenario(it) for scenario in _STORY}


@pytest.fixture(scope="module")
def told(
    real_toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> dict[Kubernetes, dict[str, dict[str, Any]]]:
    """What came of each scenario in each mode."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HELM_VARIABLE, str(real_toolchain.helm))
        return {
            kind: _told(kind, real_toolchain, tmp_path_factory.mktemp(kind.value))
            for kind in (Kubernetes.SIMULATED, Kubernetes.REAL)
        }


@pytest.mark.parametrize("scenario", [scenario.__name__.strip("_") for scenario in _STORY])
def test_both_modes_end_alike_but_for_the_differences_that_are_written_down(
    told: dict[Kubernetes, dict[str, dict[str, Any]]], scenario: str
) -> None:
    simulated, real = (told[kind][scenario] for kind in (Kubernetes.SIMULATED, Kubernetes.REAL))
    known: dict[str, dict[str, Any]] = yaml.safe_load(_DIFFERENCES.read_text(encoding="utf-8")).get(scenario, {})
    assert all(difference["why"] for difference in known.values())
    found = {
        name: {"simulated": simulated[name], "real": real[name]} for name in simulated if simulated[name] != real[name]
    }
    assert found == {
        name: {"simulated": difference["simulated"], "real": difference["real"]} for name, difference in known.items()
    }
