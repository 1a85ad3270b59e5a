"""IAM: a statement that is too wide cannot be built, and what can be built renders as IAM wants it."""

from __future__ import annotations

import json
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import iam

SIDS: Final = st.text("AbcXyz019", min_size=1, max_size=12)
SERVICES: Final = st.sampled_from(["s3", "kms", "ec2", "rds-db", "eks-auth"])
ACTIONS: Final = st.builds(
    "{}:{}".format, SERVICES, st.sampled_from(["GetObject", "connect", "Decrypt", "GenerateDataKey*", "RunInstances"])
)
ARNS: Final = st.builds("arn:aws:{}:ap-northeast-2:111111111111:{}".format, SERVICES, st.text("ab/*", min_size=1))
CONDITIONS: Final[st.SearchStrategy[iam.Condition]] = st.sampled_from(
    [dict[str, dict[str, str]](), {"StringEquals": {"aws:SourceAccount": "111111111111"}}]
)
statements = st.builds(
    iam.Statement[str],
    sid=SIDS,
    actions=st.lists(ACTIONS, min_size=1, max_size=4).map(tuple),
    resources=st.lists(ARNS, min_size=1, max_size=4).map(tuple),
    principal=st.one_of(st.none(), st.builds(iam.Principal.service, st.just("eks.amazonaws.com"))),
    condition=CONDITIONS,
)
WIDE: Final = st.sampled_from(["*", "*:*", "s3:*", "s3*:Get", "s3:Get*Object", "s3:?et", "s3", "", ":", "s3:", "S3:*"])


@given(SIDS, st.lists(ACTIONS, max_size=3), WIDE, st.randoms())
def test_a_wildcard_action_is_refused_wherever_it_stands(sid: str, actions: list[str], wide: str, order: Random):
    mixed = [*actions, wide]
    order.shuffle(mixed)
    with pytest.raises(iam.StatementError, match=rf"{sid}: action .* is too wide: name each service:Action"):
        iam.Statement(sid=sid, actions=tuple(mixed), resources=("arn:aws:s3:::a",))


@given(SIDS, ACTIONS, st.lists(ARNS, max_size=3))
def test_a_wildcard_resource_is_refused_beside_narrow_ones(sid: str, action: str, resources: list[str]):
    with pytest.raises(iam.StatementError, match="is too wide: name ARNs, or use without_resources"):
        iam.Statement(sid=sid, actions=(action,), resources=(*resources, "*"))


@given(SIDS, ACTIONS, st.lists(ARNS, max_size=3), st.sampled_from(["AWS", "Service", "Federated"]))
def test_everyone_as_principal_is_refused(sid: str, action: str, names: list[str], kind: str):
    with pytest.raises(iam.StatementError, match="is everyone: name services or ARNs"):
        iam.Statement[str](sid=sid, actions=(action,), principal=iam.Principal(kind, (*names, "*")))  # pyright: ignore[reportArgumentType]


@given(st.text(max_size=10).filter(lambda sid: not (sid.isascii() and sid.isalnum())), ACTIONS, ARNS)
def test_a_sid_that_iam_refuses_is_refused_here(sid: str, action: str, arn: str):
    with pytest.raises(iam.StatementError, match="letters and digits only"):
        iam.Statement(sid=sid, actions=(action,), resources=(arn,))


@given(SIDS, st.sampled_from(["Allow", "Deny"]))
def test_a_statement_without_actions_is_refused(sid: str, effect: str):
    with pytest.raises(iam.StatementError, match="no actions"):
        iam.Statement[str](sid=sid, actions=(), effect=effect)  # pyright: ignore[reportArgumentType]


@given(st.lists(statements, min_size=1, max_size=6, unique_by=lambda statement: statement.sid))
def test_a_document_is_json_with_unique_sids_and_nothing_lost(statements: list[iam.Statement[str]]):
    document = json.loads(json.dumps(iam.document(*statements)))
    assert document["Version"] == "2012-10-17"
    rendered = document["Statement"]
    assert [one["Sid"] for one in rendered] == [one.sid for one in statements]
    for one, statement in zip(rendered, statements, strict=True):
        assert one["Effect"] == "Allow"
        assert _many(one["Action"]) == list(statement.actions)
        assert _many(one["Resource"]) == list(statement.resources)
        assert ("Principal" in one) == (statement.principal is not None)
        assert one.get("Condition", {}) == statement.condition


@given(statements, statements)
def test_two_statements_with_one_sid_are_refused(one: iam.Statement[str], other: iam.Statement[str]):
    twin = iam.Statement(sid=one.sid, actions=other.actions, resources=other.resources)
    with pytest.raises(iam.StatementError, match=f"sid {one.sid} is used twice"):
        iam.document(one, twin)


@given(SIDS, ACTIONS)
def test_what_has_no_resources_says_so_and_why(sid: str, action: str):
    statement = iam.without_resources(sid, action, reason="IAM knows no resource for it")
    assert statement.render()["Resource"] == "*"
    with pytest.raises(iam.StatementError, match="no resource: name ARNs"):
        iam.without_resources(sid, action, reason="")


@given(SIDS)
def test_every_action_of_a_key_is_granted_only_in_the_keys_own_policy(sid: str):
    granted = iam.this_resource(sid, "kms:*", principal=iam.Principal.aws("arn:aws:iam::111111111111:root"))
    assert granted.render()["Action"] == "kms:*"
    with pytest.raises(iam.StatementError, match="is too wide"):
        iam.without_resources(sid, "kms:*", reason="it would open every key of the account")


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value
