"""What a server refuses to change in an object that exists: the same cases as a real server is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from rehearsal.kubernetes import unchangeable
from rehearsal.kubernetes.cluster import RefusedError
from tests.engine.updates import NAMESPACE, Update, updates

if TYPE_CHECKING:
    from rehearsal.kubernetes.simulated_helm import SimulatedCluster


@pytest.mark.parametrize("update", updates(), ids=str)
def test_a_change_is_taken_or_refused_as_a_server_does(cluster: SimulatedCluster, update: Update) -> None:
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, upsert=False)
    made = cluster.create(update.before, upsert=False)
    if update.refused is None:
        cluster.update(update.before, update.after)
        return
    with pytest.raises(RefusedError) as refused:
        cluster.update(update.before, update.after)
    assert update.refused in str(refused.value)
    metadata = cast("dict[str, Any]", made["metadata"])
    assert metadata["resourceVersion"] == "1", "what is refused leaves the object as it was"


def test_every_rule_is_tried() -> None:
    untried = {
        (kind, rule["field"])
        for kind, rules in unchangeable.rules().items()
        for rule in rules
        if not any(
            unchangeable.refusal(rule, update.before, update.after)
            for update in updates()
            if f"{update.after['apiVersion']} {update.after['kind']}" == kind
        )
    }
    assert untried == set()
