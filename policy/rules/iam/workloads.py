"""Rights around workloads: functions, instances, databases, file systems, and secrets in plain settings.

Owns the rules on who may call a function, how databases and file systems know their users, and on secrets that are
written where they are shown.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from policy.frame.demands import demand, never
from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.frame.values import Block, parse_json

from . import AREA

_IAM_ENGINES: Final = ("mysql", "postgres", "mariadb")
_ROTATION_DAYS: Final = re.compile(r"rate\((\d+) days?\)")
_SECRET_VALUE: Final = re.compile(
    r"(?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z0-9]{16}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|gh[pousr]_[A-Za-z0-9]{36}"
    r"|xox[baprs]-[A-Za-z0-9-]{10,}"
    r"|(?i:(?:password|passwd|secret|api_?key|secret_access_key)\s*[=:]\s*['\"]?(?![$<{(])[^\s'\"$<{(]{6,})"
)
_SECRET_NAME: Final = re.compile(r"(?i)(password|passwd|secret|token|api_?key|private_?key|access_?key|credential)")
_REFERENCE: Final = re.compile(
    r"(?i)^(arn:|\$|\{\{|/|alias/|https?://|true$|false$|\d+$)|(arn|name|path|id|url|ref|file)$"
)


@AREA.rule(
    "lambda-permission-tied",
    title="Permission to call a function names the caller",
    cause="A service principal without a source lets any account's bucket or rule call the function; * lets anyone.",
    remedy="Set source_arn (and source_account for S3) to the calling resource.",
    types=["lambda/permission"],
    severity="high",
    controls=[
        "FSBP Lambda.1",
        "cdk-nag LambdaFunctionPublicAccessProhibited",
        "Pulumi lambda-permission-configure-source-arn",
    ],
    good=[
        sample(
            "lambda/permission",
            principal="sns.amazonaws.com",
            sourceArn="arn:aws:sns:ap-northeast-2:111122223333:prod-common-sns-alarm-01",
        ),
        sample("lambda/permission", principal="arn:aws:iam::111122223333:role/prod-common-role-ops-01"),
    ],
    bad=[
        sample("lambda/permission", principal="s3.amazonaws.com"),
        sample("lambda/permission", principal="*"),
        sample("lambda/permission", principal="*", sourceArn="arn:aws:events:ap-northeast-2:111122223333:rule/daily"),
        sample("lambda/permission", principal="*", functionUrlAuthType="NONE"),
    ],
)
def lambda_permission_tied(permission: Resource) -> Findings:
    """Look at principal and source."""
    principal = permission.text("principal") or ""
    untied = all(permission.lacks(path) for path in ("sourceArn", "sourceAccount", "principalOrgId"))
    if principal == "*" and permission.lacks("principalOrgId"):
        yield permission.finding(f"{permission.label}: anyone may call the function")
    elif principal.endswith(".amazonaws.com") and untied:
        yield permission.finding(f"{permission.label}: {principal} may call the function for any account")


@AREA.rule(
    "lambda-url-authenticated",
    title="Function URLs demand IAM authentication",
    cause="A function URL with auth NONE is a public endpoint past CloudFront and WAF.",
    remedy="Set authorization_type=AWS_IAM.",
    types=["lambda/functionUrl"],
    severity="critical",
    controls=["cdk-nag LambdaFunctionUrlAuth"],
    good=[sample("lambda/functionUrl", authorizationType="AWS_IAM")],
    bad=[sample("lambda/functionUrl", authorizationType="NONE")],
)
def lambda_url_authenticated(url: Resource) -> Findings:
    """Look at the type."""
    if url.text("authorizationType") == "NONE":
        yield url.finding(f"{url.label} answers anyone")


demand(
    AREA,
    "lambda-url-origins-named",
    "lambda/functionUrl",
    "Function URLs with all methods or credentials name the pages that may call them",
    wants=[never("cors.allowOrigins", "*", good=["https://order.example.com"])],
    cause="With origin * every page that a customer opens can call the function in the customer's name.",
    remedy="List the origins of our own pages in cors.allow_origins.",
    base={"cors": {"allowMethods": ["*"]}},
    when=lambda url: "*" in url.texts("cors.allowMethods") or url.is_true("cors.allowCredentials"),
)


@AREA.rule(
    "rds-iam-authentication",
    title="Databases accept IAM logins",
    cause="Passwords are copied, kept in settings and never changed; IAM tokens live for 15 minutes.",
    severity="low",
    remedy="Set iam_database_authentication_enabled=True; give each service rds-db:connect on its own user.",
    types=["rds/cluster", "rds/instance"],
    controls=["FSBP RDS.10", "FSBP RDS.12", "cdk-nag RDS6"],
    good=[sample("rds/cluster", engine="aurora-mysql", iamDatabaseAuthenticationEnabled=True)],
    bad=[sample("rds/cluster", engine="aurora-mysql"), sample("rds/instance", engine="postgres")],
)
def rds_iam_authentication(database: Resource) -> Findings:
    """Look at engines that know IAM logins; replicas follow their source."""
    engine = database.text("engine") or ""
    knows = (
        (not engine or any(name in engine for name in _IAM_ENGINES))
        and database.is_known("engine")
        and database.lacks("replicateSourceDb")
    )
    if knows and database.not_true("iamDatabaseAuthenticationEnabled"):
        yield database.finding(f"{database.label} knows passwords only")


@AREA.rule(
    "rds-master-secret-managed",
    title="Master passwords are managed by RDS",
    cause="A password in the program lies in the state file, in logs and in the CI system.",
    remedy="Set manage_master_user_password=True with master_user_secret_kms_key_id; remove master_password.",
    types=["rds/cluster", "rds/instance"],
    severity="high",
    good=[sample("rds/cluster", manageMasterUserPassword=True), sample("rds/instance", replicateSourceDb="primary")],
    bad=[sample("rds/cluster", masterPassword="generated-elsewhere"), sample("rds/instance", password="generated")],  # noqa: S106
)
def rds_master_secret_managed(database: Resource) -> Findings:
    """Look for a password that the program sets; a value not yet known is a set one."""
    for path in ("masterPassword", "password"):
        if not database.lacks(path):
            yield database.finding(f"{database.label} takes its master password from the program ({path})")


@AREA.rule(
    "rds-proxy-iam",
    title="Database proxies demand IAM logins",
    cause="A proxy that takes passwords keeps the password habit alive in front of an IAM-only database.",
    remedy="Set iam_auth=REQUIRED in each auth.",
    types=["rds/proxy"],
    controls=["FSBP RDS.10"],
    good=[sample("rds/proxy", auths=[{"iamAuth": "REQUIRED"}])],
    bad=[sample("rds/proxy", auths=[{"iamAuth": "DISABLED"}]), sample("rds/proxy", auths=[{"authScheme": "SECRETS"}])],
)
def rds_proxy_iam(proxy: Resource) -> Findings:
    """Look at each auth."""
    for auth in proxy.blocks("auths"):
        if auth.is_known("iamAuth") and auth.text("iamAuth") != "REQUIRED":
            yield proxy.finding(f"{proxy.label} accepts passwords: iamAuth is not REQUIRED")


@AREA.rule(
    "ec2-has-instance-profile",
    title="Instances have an instance profile",
    cause="An instance without a role gets long-lived keys copied onto it sooner or later, and Session Manager needs "
    "one.",
    severity="low",
    remedy="Set iam_instance_profile to a profile with the rights of this host only.",
    types=["ec2/instance"],
    controls=["cdk-nag EC2InstanceProfileAttached"],
    good=[sample("ec2/instance", iamInstanceProfile="prod-common-prof-bastion-01")],
    bad=[sample("ec2/instance", instanceType="t4g.small")],
)
def ec2_has_instance_profile(instance: Resource) -> Findings:
    """Look for the profile; a launch template may bring it."""
    if instance.lacks("iamInstanceProfile") and instance.lacks("launchTemplate"):
        yield instance.finding(f"{instance.label} has no instance profile")


@AREA.rule(
    "secret-rotates",
    title="Secrets rotate",
    cause="A secret that never changes is known to everybody who ever read it.",
    remedy="Add a SecretRotation, or let RDS manage the secret.",
    types=["secretsmanager/secret"],
    scope="stack",
    severity="low",
    controls=["FSBP SecretsManager.1", "cdk-nag SMG4"],
    good=[
        (sample("secretsmanager/secret", "slack"), sample("secretsmanager/secretRotation", "r", secretId=Ref("slack")))
    ],
    bad=[(sample("secretsmanager/secret", "slack"),)],
)
def secret_rotates(secret: Resource, run: Run) -> Findings:
    """Look for a rotation."""
    if run.stack.lacks_side(secret, "secretsmanager/secretRotation", "secretId"):
        yield secret.finding(f"{secret.label} does not rotate")


@AREA.rule(
    "secret-rotates-quarterly",
    title="Secrets rotate at least every 90 days",
    cause="The older a secret, the more people, logs and backups know it.",
    remedy="Set automatically_after_days or schedule_expression to at most 90 days.",
    types=["secretsmanager/secretRotation"],
    severity="low",
    controls=["FSBP SecretsManager.4"],
    settings={"maximumDays": 90},
    good=[sample("secretsmanager/secretRotation", rotationRules={"automaticallyAfterDays": 30})],
    bad=[
        sample("secretsmanager/secretRotation", rotationRules={"automaticallyAfterDays": 180}),
        sample("secretsmanager/secretRotation", rotationRules={"scheduleExpression": "rate(365 days)"}),
    ],
)
def secret_rotates_quarterly(rotation: Resource, run: Run) -> Findings:
    """Look at the period."""
    days = rotation.number("rotationRules.automaticallyAfterDays")
    match = _ROTATION_DAYS.fullmatch(rotation.text("rotationRules.scheduleExpression") or "")
    days = float(match[1]) if match else days
    if days is not None and days > run.number("maximumDays"):
        yield rotation.finding(f"{rotation.label} rotates every {days:.0f} days only")


@AREA.rule(
    "no-plain-secrets",
    title="No secret stands in user data, environment variables or task definitions",
    cause="These settings are shown in consoles, logs and describe calls to everybody who may read the resource.",
    remedy="Keep the secret in Secrets Manager and give the workload its ARN; it reads it by its role.",
    types=[
        "ec2/instance",
        "ec2/launchTemplate",
        "ec2/launchConfiguration",
        "lambda/function",
        "ecs/taskDefinition",
        "codebuild/project",
    ],
    severity="critical",
    good=[
        sample("ec2/instance", userData="#!/bin/sh\naws secretsmanager get-secret-value --secret-id $SECRET_ARN\n"),
        sample(
            "lambda/function", environment={"variables": {"SLACK_TOKEN_ARN": "arn:aws:secretsmanager:x:1:secret:y"}}
        ),
    ],
    bad=[
        sample("ec2/instance", userData="export DB_PASSWORD=hunter2hunter2\n"),
        sample("ec2/launchTemplate", userData="RFBfUEFTU1dPUkQ9aHVudGVyMmh1bnRlcjI="),
        sample("lambda/function", environment={"variables": {"DB_PASSWORD": "hunter2hunter2"}}),
    ],
)
def no_plain_secrets(resource: Resource) -> Findings:
    """Search by the shape of known credentials and by telling names; values are never shown."""
    for path in ("userData", "userDataBase64", "containerDefinitions"):
        text = resource.text(path)
        if text and (_SECRET_VALUE.search(text) or _SECRET_VALUE.search(_decoded(text))):
            yield resource.finding(f"{resource.label}: {path} holds a secret in clear")
    for name, value in _variables(resource):
        telling = _SECRET_NAME.search(name) and not _REFERENCE.search(value) and not _REFERENCE.search(name)
        if value and (telling or _SECRET_VALUE.search(value)):
            yield resource.finding(f"{resource.label}: environment variable {name} holds a secret in clear")


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _variables(resource: Resource) -> Iterator[tuple[str, str]]:
    variables = resource.get("environment.variables")
    if isinstance(variables, dict):
        yield from ((name, value) for name, value in variables.items() if isinstance(value, str))
    for item in resource.blocks("environment.environmentVariables"):
        if item.text("type") in (None, "PLAINTEXT"):
            yield item.text("name") or "", item.text("value") or ""
    containers = parse_json(resource.get("containerDefinitions"))
    for container in Block({"items": containers}).blocks("items") if isinstance(containers, list) else []:
        for item in container.blocks("environment"):
            yield item.text("name") or "", item.text("value") or ""
