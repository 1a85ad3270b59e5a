"""Trust policies: who may assume a role, and which outside identity providers are believed.

Owns the rules on `assumeRolePolicy` and OIDC providers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Sample, sample
from policy.iam.documents import Statement, statements

from . import AREA

_WHOLE_ACCOUNT: Final = re.compile(r"^(?:\d{12}|arn:aws[a-z-]*:iam::\d{12}:root)$")
_GITHUB: Final = "token.actions.githubusercontent.com"
_PROVIDER: Final = "arn:aws:iam::111122223333:oidc-provider/"


def _trust(principal: object, action: str = "sts:AssumeRole", **condition: dict[str, str]) -> Sample:
    statement: dict[str, object] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return sample("iam/role", assumeRolePolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def _web(provider: str, **condition: dict[str, str]) -> Sample:
    return _trust({"Federated": f"{_PROVIDER}{provider}"}, "sts:AssumeRoleWithWebIdentity", **condition)


def _trusting(role: Resource) -> Iterator[Statement]:
    return (statement for statement in statements(role.get("assumeRolePolicy")) if statement.allows)


def _says_who(statement: Statement) -> bool:
    keys = ("aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "sts:externalid")
    return any(
        (condition.key.lower() in keys or condition.key.lower().startswith("aws:principaltag/"))
        and not condition.negates
        and "*" not in condition.values
        for condition in statement.conditions
    )


@AREA.rule(
    "iam-trust-not-anyone",
    title="No role trusts anyone",
    cause="A role with principal * can be assumed from any AWS account in the world.",
    remedy="Name the service, role or provider that assumes the role.",
    types=["iam/role"],
    severity="critical",
    good=[_trust({"Service": "ec2.amazonaws.com"}), _trust("*", StringEquals={"aws:PrincipalOrgID": "o-a1b2c3"})],
    bad=[_trust("*"), _trust({"AWS": "*"}), _trust({"AWS": ["arn:aws:iam::111122223333:role/x", "*"]})],
)
def iam_trust_not_anyone(role: Resource) -> Findings:
    """Find principal * without a condition on who, and NotPrincipal."""
    for statement in _trusting(role):
        if any(item.is_anyone for item in statement.principals) and not _says_who(statement):
            yield role.finding(f"{role.label}, {statement.label}: anyone may assume the role")
        if statement.not_principals:
            yield role.finding(f"{role.label}, {statement.label}: everyone but a list may assume the role")


@AREA.rule(
    "iam-trust-not-whole-account",
    title="No role trusts a whole account",
    cause="Principal :root means every identity of the account that has sts:AssumeRole, today's and tomorrow's.",
    remedy="Name the assuming role's ARN, or add an aws:PrincipalArn, aws:PrincipalTag or sts:ExternalId condition.",
    types=["iam/role"],
    severity="high",
    good=[
        _trust({"AWS": "arn:aws:iam::111122223333:role/prod-common-role-deploy-01"}),
        _trust({"AWS": "111122223333"}, StringEquals={"sts:ExternalId": "f3b1"}),
    ],
    bad=[_trust({"AWS": "arn:aws:iam::111122223333:root"}), _trust({"AWS": "444455556666"})],
)
def iam_trust_not_whole_account(role: Resource) -> Findings:
    """Find account principals without a condition on who."""
    for statement in _trusting(role):
        wide = [item.value for item in statement.principals if item.kind == "AWS" and _WHOLE_ACCOUNT.match(item.value)]
        if wide and not _says_who(statement):
            yield role.finding(f"{role.label}, {statement.label}: every identity of {', '.join(wide)} may assume it")


@AREA.rule(
    "iam-trust-oidc-scoped",
    title="Roles for outside identities name subject and audience",
    cause="Without a sub condition every repository of the world, or every pod of the cluster, can assume the role.",
    remedy="Add StringEquals on <provider>:sub (repository and environment, or service account) and <provider>:aud.",
    types=["iam/role"],
    severity="critical",
    good=[
        _web(
            _GITHUB,
            StringEquals={
                f"{_GITHUB}:aud": "sts.amazonaws.com",
                f"{_GITHUB}:sub": "repo:cinema/fast-order:environment:prod",
            },
        ),
        _web(
            "oidc.eks.ap-northeast-2.amazonaws.com/id/AB12",
            StringEquals={
                "oidc.eks.ap-northeast-2.amazonaws.com/id/AB12:sub": "system:serviceaccount:pay:was-pay",
                "oidc.eks.ap-northeast-2.amazonaws.com/id/AB12:aud": "sts.amazonaws.com",
            },
        ),
    ],
    bad=[
        _web(_GITHUB),
        _web(_GITHUB, StringEquals={f"{_GITHUB}:aud": "sts.amazonaws.com"}),
        _web(_GITHUB, StringLike={f"{_GITHUB}:sub": "repo:*"}, StringEquals={f"{_GITHUB}:aud": "sts.amazonaws.com"}),
        _web(_GITHUB, StringEquals={f"{_GITHUB}:sub": "repo:cinema/fast-order:ref:refs/heads/main"}),
    ],
)
def iam_trust_oidc_scoped(role: Resource) -> Findings:
    """Look at web identity statements for both conditions, and for wildcards that leave the repository open."""
    for statement in _trusting(role):
        providers = [item.value for item in statement.principals if item.kind == "Federated"]
        if not any("oidc-provider/" in value for value in providers):
            continue
        missing = [name for name in ("sub", "aud") if not _values(statement, name)]
        if missing:
            wanted = " and ".join(f":{name}" for name in missing)
            yield role.finding(f"{role.label}, {statement.label}: no condition on {wanted}")
        wide = [value for value in _values(statement, "sub") if _is_wide(value)]
        if wide:
            yield role.finding(f"{role.label}, {statement.label}: subject {', '.join(wide)} leaves the holder open")


def _values(statement: Statement, claim: str) -> list[str]:
    return [
        value
        for condition in statement.conditions
        if condition.key.lower().endswith(f":{claim}") and not condition.negates
        for value in condition.values
    ]


def _is_wide(subject: str) -> bool:
    parts = subject.split(":")
    if parts[0] == "repo" and len(parts) > 1:
        return "*" in parts[1]
    return "*" in subject


@AREA.rule(
    "iam-trust-saml-audience",
    title="Roles for SAML identities name the audience",
    cause="Without SAML:aud an assertion made for another application is accepted.",
    remedy="Add StringEquals SAML:aud https://signin.aws.amazon.com/saml (or the VPN's address).",
    types=["iam/role"],
    good=[
        _trust(
            {"Federated": "arn:aws:iam::111122223333:saml-provider/company"},
            "sts:AssumeRoleWithSAML",
            StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"},
        )
    ],
    bad=[_trust({"Federated": "arn:aws:iam::111122223333:saml-provider/company"}, "sts:AssumeRoleWithSAML")],
)
def iam_trust_saml_audience(role: Resource) -> Findings:
    """Look at SAML statements."""
    for statement in _trusting(role):
        saml = any(item.kind == "Federated" and "saml-provider/" in item.value for item in statement.principals)
        if saml and not statement.values_of("SAML:aud"):
            yield role.finding(f"{role.label}, {statement.label}: no condition on SAML:aud")


@AREA.rule(
    "oidc-provider-audience",
    title="OIDC providers accept named audiences only",
    cause="The audience ties a token to AWS; without it a token made for another site is believed.",
    remedy="Set client_id_lists=['sts.amazonaws.com'] and an https address of the issuer.",
    types=["iam/openIdConnectProvider"],
    severity="high",
    good=[sample("iam/openIdConnectProvider", url=f"https://{_GITHUB}", clientIdLists=["sts.amazonaws.com"])],
    bad=[
        sample("iam/openIdConnectProvider", url=f"https://{_GITHUB}", clientIdLists=[]),
        sample("iam/openIdConnectProvider", url=f"https://{_GITHUB}", clientIdLists=["*"]),
        sample("iam/openIdConnectProvider", url=f"http://{_GITHUB}", clientIdLists=["sts.amazonaws.com"]),
    ],
)
def oidc_provider_audience(provider: Resource) -> Findings:
    """Look at audiences and scheme."""
    if provider.lacks("clientIdLists") or any("*" in item for item in provider.texts("clientIdLists")):
        yield provider.finding(f"{provider.label} names no audience")
    if (provider.text("url") or "").startswith("http://"):
        yield provider.finding(f"{provider.label} is read over plain HTTP")
