"""The drawing of a stack's components, on small states whose pictures can be told beforehand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations import diagram

STACK = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"


def _urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::p::{kind}::{name}"


def _one(kind: str, name: str, parent: str, **more: object) -> dict[str, object]:
    return {"urn": _urn(kind, name), "type": kind, "parent": parent, **more}


def _state(*resources: dict[str, object]) -> dict[str, object]:
    return {"deployment": {"resources": [{"urn": STACK, "type": "pulumi:pulumi:Stack"}, *resources]}}


KEYS = _urn("fastorder:keys:Keys", "keys")
DATA = _urn("fastorder:database:Database", "database")
KEY = _one("aws:kms/key:Key", "keys-data", KEYS)


def test_a_need_of_a_child_is_drawn_between_its_components():
    state = _state(
        _one("fastorder:keys:Keys", "keys", STACK),
        KEY,
        _one("fastorder:database:Database", "database", STACK),
        _one("aws:rds/cluster:Cluster", "database-cluster", DATA, propertyDependencies={"kmsKeyId": [KEY["urn"]]}),
    )
    drawing = diagram.draw(diagram.read(state))
    assert "database --> keys" in drawing
    assert '["<b>database</b><br/>1 Cluster"]' in drawing
    assert "keys --> " not in drawing


def test_needs_inside_a_component_are_not_drawn():
    state = _state(
        _one("fastorder:keys:Keys", "keys", STACK),
        KEY,
        _one("aws:kms/alias:Alias", "keys-data-alias", KEYS, dependencies=[KEY["urn"]]),
    )
    assert "-->" not in diagram.draw(diagram.read(state))


def test_kinds_beyond_the_sixth_are_counted_together():
    state = _state(
        _one("fastorder:keys:Keys", "keys", STACK), *(_one(f"aws:x/k:Kind{n}", f"keys-{n}", KEYS) for n in range(8))
    )
    assert "2 more" in diagram.draw(diagram.read(state))


def test_kinds_that_complete_another_one_are_counted_and_not_named():
    state = _state(
        _one("fastorder:keys:Keys", "keys", STACK), KEY, _one("aws:kms/alias:Alias", "keys-data-alias", KEYS)
    )
    assert '["<b>keys</b><br/>1 Key<br/>1 more"]' in diagram.draw(diagram.read(state))


def test_a_state_without_resources_says_that_the_stack_was_never_deployed():
    with pytest.raises(ValueError, match="deploy the stack first"):
        diagram.read({"deployment": {}})


def test_a_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="no place for the drawing"):
        diagram.embed("text", "drawing")


def test_embedding_replaces_the_old_drawing_and_nothing_else():
    page = f"before\n{diagram.BEGIN}\nold\n{diagram.END}\nafter\n"
    new = diagram.embed(page, "new")
    assert new == f"before\n{diagram.BEGIN}\n\nnew\n\n{diagram.END}\nafter\n"
    assert diagram.embed(new, "new") == new


@st.composite
def graphs_without_cycles(draw: st.DrawFn) -> diagram.Graph:
    size = draw(st.integers(1, 8))
    return {
        str(node): draw(st.sets(st.integers(0, node - 1).map(str), max_size=node)) if node else set[str]()
        for node in range(size)
    }


def _reach(graph: diagram.Graph, node: str) -> set[str]:
    return graph[node].union(*(_reach(graph, need) for need in graph[node]))


@given(graphs_without_cycles())
def test_the_reduced_graph_reaches_the_same_with_no_arrow_to_spare(graph: diagram.Graph):
    reduced = diagram.reduce(graph)
    for node in graph:
        assert _reach(reduced, node) == _reach(graph, node)
        for need in reduced[node]:
            fewer = {**reduced, node: reduced[node] - {need}}
            assert _reach(fewer, node) != _reach(graph, node)
