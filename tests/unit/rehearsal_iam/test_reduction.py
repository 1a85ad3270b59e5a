"""Which words of a policy somebody needs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.iam import Identity, Policy, Request, decide
from rehearsal.iam.evaluation import context
from rehearsal.iam.reduction import judge
from tests.unit.rehearsal_iam.generated import cases

Json = dict[str, Any]
ME = "arn:aws:sts::111111111111:assumed-role/dev-deployer/ci"


def identity(*documents: Json, boundary: Json | None = None) -> Identity:
    policies = tuple(Policy.of(f"p{index}", document) for index, document in enumerate(documents))
    return Identity(arn=ME, policies=policies, boundary=Policy.of("b", boundary) if boundary else None)


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, *actions: str, resource: str = "*") -> Json:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def test_a_word_is_needed_when_no_other_allows_the_call():
    me = identity(document(allow("A", "s3:Get*", "s3:List*"), allow("B", "s3:GetObject", "ec2:*")))
    found = judge(me, [Request(action="s3:GetObject"), Request(action="s3:ListBucket")])
    # Both `Get*` and `GetObject` allow the first call, so neither is missed.
    assert set(found.needed) == {("A", "s3:List*")}
    assert set(found.idle) == {("A", "s3:Get*"), ("B", "s3:GetObject"), ("B", "ec2:*")}
    assert found.share == 0.25


def test_a_right_on_another_resource_is_no_right():
    me = identity(document(allow("State", "s3:ListBucket", resource="arn:aws:s3:::state"), allow("All", "s3:List*")))
    assert set(judge(me, [Request(action="s3:ListBucket", resource="arn:aws:s3:::logs")]).needed) == {
        ("All", "s3:List*")
    }


def test_a_refused_call_needs_no_word_and_is_told():
    limits = document(allow("L", "ec2:*"))
    found = judge(identity(document(allow("A", "s3:*")), boundary=limits), [Request(action="s3:GetObject")] * 2)
    assert (dict(found.needed), len(found.refused)) == ({}, 1)
    assert "no permissions boundary allows" in found.refused[0]


@given(st.sampled_from(cases(400)))
def test_agrees_with_taking_the_word_away(case: Json):
    request = Request(action=case["action"], resource=case["resource"], context=context(case["context"]))
    for number, policy in enumerate(case["policies"]):
        for position, statement in enumerate(policy["Statement"]):
            statement["Sid"] = f"P{number}S{position}"
    me = identity(*case["policies"], boundary=case["boundary"])
    needed = set(judge(me, [request]).needed)
    for policy in case["policies"]:
        for statement in policy["Statement"]:
            for action in set(statement.get("Action", ())):
                if statement["Effect"] == "Deny" or statement["Action"].count(action) > 1:
                    continue
                left = [one for one in statement["Action"] if one != action]
                reduced = [one if one is not statement else statement | {"Action": left} for one in policy["Statement"]]
                kept = [one if one is not policy else policy | {"Statement": reduced} for one in case["policies"]]
                without = decide(identity(*kept, boundary=case["boundary"]), request)
                assert ((statement["Sid"], action) in needed) == (bool(decide(me, request)) and not without)
