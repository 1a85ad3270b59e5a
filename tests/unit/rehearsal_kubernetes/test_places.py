"""What a cluster's folder shows to others while the cluster is being made."""

from pathlib import Path

import pytest

from rehearsal.controlplane import place as places
from rehearsal.controlplane.certificates import Keys, make_keys


def test_a_cluster_is_described_only_once_its_keys_are_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described: list[bool] = []

    def watched(folder: Path) -> Keys:
        if not Keys(folder).key("service-accounts").is_file():
            described.append((folder.parent / "cluster.json").exists())
        return make_keys(folder)

    monkeypatch.setattr(places, "make_keys", watched)
    place = places.Place(tmp_path / "one")
    place.create(name="one", version="1.36", region="ap-northeast-2", service_range="172.20.0.0/16")

    assert described == [False]
    assert place.describe().name == "one"
