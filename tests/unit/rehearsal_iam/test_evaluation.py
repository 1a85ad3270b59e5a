"""What IAM allows and denies, by AWS's documentation and by another evaluator's verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.iam import Decision, DocumentError, Identity, Policy, Request, decide
from rehearsal.iam.evaluation import context
from tests.unit.rehearsal_iam.generated import COUNT, cases

Json = dict[str, Any]

ME = "arn:aws:sts::111111111111:assumed-role/dev-deployer/ci"
BUCKET = "arn:aws:s3:::dev-logs"
KEY = "arn:aws:kms:ap-northeast-2:111111111111:key/1"
SOME = st.sampled_from(cases(600))


def allow(action: str | list[str], resource: str | list[str] = "*", condition: Json | None = None) -> Json:
    statement: Json = {"Sid": "Granted", "Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def deny(action: str) -> Json:
    return allow(action) | {"Sid": "Forbidden", "Effect": "Deny"}


def policy(name: str, *statements: Json) -> Policy:
    return Policy.of(name, {"Version": "2012-10-17", "Statement": list(statements)})


def asked(action: str, resource: str, *statements: Json, **keys: str) -> Decision:
    me = Identity(arn=ME, policies=(policy("rights", *statements),))
    return decide(me, Request(action=action, resource=resource, context=context(keys)))


def verdict(case: Json, **changes: object) -> Decision:
    case = case | changes
    me = Identity(
        arn=ME,
        policies=tuple(Policy.of("p", one) for one in case["policies"]),
        boundary=Policy.of("b", case["boundary"]) if case["boundary"] else None,
        session=Policy.of("s", case["session"]) if case.get("session") else None,
    )
    return decide(me, Request(action=case["action"], resource=case["resource"], context=context(case["context"])))


def letter(decision: Decision) -> str:
    return "A" if decision else "E" if "explicit deny" in decision.reason else "I"


def test_agrees_with_another_evaluator():
    expected = (Path(__file__).parent / "verdicts.txt").read_text().replace("\n", "")
    assert len(expected) == COUNT
    assert {one: expected.count(one) > COUNT / 20 for one in "AEI"} == dict.fromkeys("AEI", True)
    differing = [case for case, one in zip(cases(), expected, strict=True) if letter(verdict(case)) != one]
    assert differing == []


@given(SOME)
def test_a_denial_anywhere_decides(case: Json):
    nothing = {"Version": "2012-10-17", "Statement": deny("*")}
    assert letter(verdict(case, policies=[*case["policies"], nothing])) == "E"
    assert letter(verdict(case, boundary=nothing)) == "E"
    assert letter(verdict(case, session=nothing)) == "E"


@given(SOME, SOME)
def test_a_boundary_and_a_session_only_take_away(case: Json, other: Json):
    free = verdict(case, boundary=None)
    bounded = [verdict(case, boundary=other["policies"][0]), verdict(case, session=other["policies"][0], boundary=None)]
    assert free or not any(bounded)


@given(SOME, st.data())
def test_without_a_granting_statement_nothing_more_is_allowed(case: Json, data: st.DataObject):
    first, *others = case["policies"]
    gone = data.draw(st.sampled_from(first["Statement"]))
    left = [one for one in first["Statement"] if one is not gone or one["Effect"] == "Deny"]
    assert verdict(case) or not verdict(case, policies=[first | {"Statement": left}, *others])


def test_says_who_may_not_do_what_and_which_statement_is_missing():
    denied = asked("s3:ListBucket", BUCKET, allow("s3:ListBucket", f"{BUCKET}-state"))
    assert denied.reason == (
        f"User: {ME} is not authorized to perform: s3:ListBucket on resource: {BUCKET} because no identity-based "
        "policy allows the s3:ListBucket action (rights, statement Granted does not: Resource is "
        f"{BUCKET}-state; the identity-based policy lacks "
        f'{{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "{BUCKET}"}})'
    )


def test_says_which_condition_is_not_met():
    condition = {"StringEquals": {"kms:ViaService": ["rds.ap-northeast-2.amazonaws.com"]}}
    keys = {"kms:ViaService": "backup.ap-northeast-2.amazonaws.com"}
    reason = asked("kms:Decrypt", KEY, allow("kms:Decrypt", "*", condition=condition), **keys).reason
    assert "StringEquals kms:ViaService wants rds.ap-northeast-2.amazonaws.com" in reason
    assert "it is backup.ap-northeast-2.amazonaws.com" in reason
    assert "it is not in the request" in asked("kms:Decrypt", KEY, allow("kms:*", "*", condition=condition)).reason


def test_names_the_boundary_that_does_not_allow_and_the_statement_that_denies():
    me = Identity(arn=ME, policies=(policy("rights", allow("*")),), boundary=policy("limits", allow("s3:*")))
    assert (
        "because no permissions boundary allows the kms:Decrypt action"
        in decide(me, Request(action="kms:Decrypt")).reason
    )
    denied = asked("s3:GetObject", BUCKET, allow("*"), deny("s3:Get*")).reason
    assert denied.endswith("with an explicit deny in an identity-based policy (denied by rights, statement Forbidden)")


def test_says_what_allowed():
    assert asked("s3:GetObject", BUCKET, allow("s3:*")).statement == "rights, statement Granted"


def test_what_is_always_said_of_an_identity_counts_with_each_request():
    own = allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team}-*")
    me = Identity(arn=ME, policies=(policy("rights", own),), context=context({"aws:PrincipalTag/team": "dev"}))
    assert decide(me, Request(action="s3:GetObject", resource=BUCKET))
    # What a tag holds is text: a star in it is a star.
    sly = Identity(arn=ME, policies=me.policies, context=context({"aws:PrincipalTag/team": "*"}))
    assert not decide(sly, Request(action="s3:GetObject", resource=BUCKET))


def test_variables_are_read_by_policies_of_the_newer_version_only():
    statement = allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team}-logs")
    old = Policy.of("old", {"Version": "2008-10-17", "Statement": statement})
    me = Identity(arn=ME, policies=(old,), context=context({"aws:PrincipalTag/team": "dev"}))
    assert not decide(me, Request(action="s3:GetObject", resource=BUCKET))


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        # A star passes a colon only where it ends a part, or in the last (user guide, "Policy elements: Resource").
        ("arn:aws:sns:*", "arn:aws:sns:eu-west-1:111111111111:t", True),
        ("arn:aws:sns:*:t", "arn:aws:sns:eu-west-1:111111111111:t", True),
        ("arn:aws:sns:e*1:t", "arn:aws:sns:eu-west-1:111111111111:t", False),
        ("arn:aws:logs:*:*:log-group:/aws/*", "arn:aws:logs:r:1:log-group:/aws/eks:log-stream:a", True),
        ("arn:aws:s3:::Logs", "arn:aws:s3:::logs", False),
        ("arn:aws:s3:::log?", "arn:aws:s3:::logs", True),
        ("arn:aws:s3:::l.gs", "arn:aws:s3:::logs", False),
    ],
)
def test_resources_match_part_by_part(pattern: str, resource: str, *, matches: bool):
    assert bool(asked("x:Y", resource, allow("*", pattern))) is matches


@pytest.mark.parametrize(
    "document",
    [
        "{",
        {"Version": "2012-10-17"},
        {"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}},
        {"Statement": {"Effect": "Allow", "Resource": "*"}},
        {"Statement": allow("*", condition={"StringIs": {"aws:RequestedRegion": "eu-west-1"}})},
    ],
)
def test_documents_that_iam_would_refuse_are_refused(document: str | Json):
    with pytest.raises(DocumentError, match="rights: "):
        Policy.of("rights", document)
