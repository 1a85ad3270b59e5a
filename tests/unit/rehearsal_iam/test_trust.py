"""Who may become a role."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.iam import may_assume

GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::111111111111:oidc-provider/{GITHUB}"
PERSON = "arn:aws:iam::111111111111:user/kim"


def trust(principal: object, action: str = "sts:AssumeRole", **operators: object) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": "Trusted", "Effect": "Allow", "Principal": principal, "Action": action}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": operators} if operators else {})]}


def from_github(*subjects: str) -> dict[str, Any]:
    claims = {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": list(subjects)}
    return trust({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", StringEquals=claims)


@pytest.mark.parametrize(
    ("subject", "audience", "believed"),
    [
        ("repo:cinema/fast-order:environment:dev", "sts.amazonaws.com", True),
        ("repo:cinema@7/fast-order@9:environment:dev", "sts.amazonaws.com", False),
        ("repo:cinema/fast-order:pull_request", "sts.amazonaws.com", False),
        ("repo:cinema/fast-order:environment:dev", "elsewhere", False),
    ],
)
def test_a_job_is_believed_by_its_token(subject: str, audience: str, *, believed: bool):
    document = from_github("repo:cinema/fast-order:environment:dev")
    claims = {f"{GITHUB}:sub": subject, f"{GITHUB}:aud": audience}
    assert bool(may_assume(document, "sts:AssumeRoleWithWebIdentity", PROVIDER, claims)) is believed


def test_a_refusal_says_what_the_token_said_and_what_was_wanted():
    refused = may_assume(
        from_github("repo:a/b:environment:dev"),
        "sts:AssumeRoleWithWebIdentity",
        PROVIDER,
        {f"{GITHUB}:sub": "repo:a@1/b@2:environment:dev", f"{GITHUB}:aud": "sts.amazonaws.com"},
    )
    assert refused.reason == (
        f"{PROVIDER} is not authorized to perform: sts:AssumeRoleWithWebIdentity (statement Trusted wants StringEquals "
        f"{GITHUB}:sub = repo:a/b:environment:dev, it is repo:a@1/b@2:environment:dev)"
    )


def test_a_person_needs_the_second_factor_that_the_role_wants():
    document = trust({"AWS": PERSON}, Bool={"aws:MultiFactorAuthPresent": "true"})
    assert may_assume(document, "sts:AssumeRole", PERSON, {"aws:MultiFactorAuthPresent": "true"})
    assert not may_assume(document, "sts:AssumeRole", PERSON, {"aws:MultiFactorAuthPresent": "false"})
    # Long-lived keys say nothing of a second factor.
    assert not may_assume(document, "sts:AssumeRole", PERSON)


@pytest.mark.parametrize("account", ["111111111111", "arn:aws:iam::111111111111:root"])
def test_an_account_means_everyone_in_it(account: str):
    assert may_assume(trust({"AWS": account}), "sts:AssumeRole", PERSON)
    assert not may_assume(trust({"AWS": account}), "sts:AssumeRole", "arn:aws:iam::222222222222:user/kim")


def test_a_role_means_its_sessions():
    document = trust({"AWS": "arn:aws:iam::111111111111:role/people/admin"})
    assert may_assume(document, "sts:AssumeRole", "arn:aws:sts::111111111111:assumed-role/admin/kim")
    assert not may_assume(document, "sts:AssumeRole", "arn:aws:sts::222222222222:assumed-role/admin/kim")
    assert not may_assume(document, "sts:AssumeRole", "arn:aws:sts::111111111111:assumed-role/reader/kim")


def test_a_service_is_trusted_by_name_and_by_nothing_else():
    document = trust({"Service": "eks.amazonaws.com"})
    assert may_assume(document, "sts:AssumeRole", "eks.amazonaws.com")
    assert not may_assume(document, "sts:AssumeRole", "ec2.amazonaws.com")
    assert not may_assume(document, "sts:TagSession", "eks.amazonaws.com")


def test_a_denial_in_the_trust_decides():
    document = trust({"AWS": "111111111111"})
    document["Statement"].append({"Sid": "Not", "Effect": "Deny", "Principal": "*", "Action": "sts:*"})
    assert "denied sts:AssumeRole by statement Not" in may_assume(document, "sts:AssumeRole", PERSON).reason
