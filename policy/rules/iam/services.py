"""Identities of services beside the platform's own: logins, passwords, guests, connections.

Owns the rules on Cognito, password policies, build credentials and who may use shared layers, buses and things.
"""

from __future__ import annotations

import json
from typing import Final

from policy.frame.demands import Want, demand, given, least, never, off, on, one_of
from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample
from policy.frame.values import Block, Unknown
from policy.iam.documents import statements

from . import AREA

_WELL_KNOWN: Final = ("awsuser", "admin", "root", "administrator", "postgres")


def _at_most_days(path: str, most: int) -> Want:
    def broken(block: Block, rest: str) -> bool:
        value = block.get(rest)
        return not isinstance(value, Unknown) and not 0 < (block.number(rest) or 0) <= most

    return Want(path, broken, good=most, bad=(most + 1, None), says=f"is not between 1 and {most}")


for _id, _want, _title, _control in (
    ("password-length", least("minimumPasswordLength", 14), "Console passwords have 14 characters or more", "IAM.15"),
    ("password-reuse", least("passwordReusePrevention", 24), "Console passwords are not used again", "IAM.16"),
    ("password-age", _at_most_days("maxPasswordAge", 90), "Console passwords are renewed", "IAM.17"),
    ("password-lowercase", on("requireLowercaseCharacters"), "Console passwords have lower-case letters", "IAM.12"),
    ("password-uppercase", on("requireUppercaseCharacters"), "Console passwords have upper-case letters", "IAM.11"),
    ("password-numbers", on("requireNumbers"), "Console passwords have digits", "IAM.14"),
    ("password-symbols", on("requireSymbols"), "Console passwords have symbols", "IAM.13"),
):
    demand(
        AREA,
        _id,
        "iam/accountPasswordPolicy",
        _title,
        wants=[_want],
        cause="A short, simple or old password is guessed or found in somebody else's breach.",
        remedy=f"Set {_want.path} as the controls of CIS demand.",
        controls=[_control],
    )
demand(
    AREA,
    "efs-access-point-user",
    "efs/accessPoint",
    "Access points enforce a user",
    wants=[given("posixUser", {"uid": 1000, "gid": 1000})],
    cause="Without one a pod that mounts the file system reads other services' files as any user it claims.",
    remedy="Set posix_user.",
    severity="high",
    controls=["FSBP EFS.4"],
)
demand(
    AREA,
    "efs-access-point-root",
    "efs/accessPoint",
    "Access points enforce a root directory",
    wants=[given("rootDirectory.path", "/receipts"), never("rootDirectory.path", "/", good="/receipts")],
    cause="Without one every mount shows the whole file system.",
    remedy="Set root_directory.path (not /).",
    severity="high",
    controls=["FSBP EFS.3"],
)
demand(
    AREA,
    "identity-pool-without-guests",
    "cognito/identityPool",
    "Identity pools admit no guests",
    wants=[off("allowUnauthenticatedIdentities")],
    cause="A guest is anyone: the pool hands out credentials of its guest role to the internet.",
    remedy="Set allow_unauthenticated_identities=False.",
    severity="high",
    controls=["Cognito.2", "cdk-nag COG7"],
)
demand(
    AREA,
    "user-pool-mfa",
    "cognito/userPool",
    "User pools offer or demand a second factor",
    wants=[one_of("mfaConfiguration", "ON", "OPTIONAL", wrong="OFF")],
    cause="A customer's password from another breach is all that an attacker needs.",
    remedy="Set mfa_configuration to ON or OPTIONAL.",
    controls=["Cognito.3", "cdk-nag COG2"],
)
demand(
    AREA,
    "user-pool-passwords-strong",
    "cognito/userPool",
    "Customers' passwords are long and mixed",
    wants=[
        least("passwordPolicy.minimumLength", 8, default=8),
        *[on(f"passwordPolicy.require{kind}") for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols")],
    ],
    cause="Short passwords are guessed from lists.",
    remedy="Set password_policy with minimum_length of 8 or more and all require_*.",
    controls=["Cognito.3", "cdk-nag COG1"],
    when=lambda pool: not pool.lacks("passwordPolicy"),
)
demand(
    AREA,
    "user-pool-watched",
    "cognito/userPool",
    "User pools block stolen logins",
    wants=[one_of("userPoolAddOns.advancedSecurityMode", "ENFORCED", wrong="OFF")],
    cause="Password spraying is seen only where all logins come together.",
    remedy="Set user_pool_add_ons.advanced_security_mode=ENFORCED.",
    severity="low",
    controls=["Cognito.1", "cdk-nag COG3"],
)
demand(
    AREA,
    "neptune-iam-authentication",
    "neptune/cluster",
    "Neptune demands IAM logins",
    wants=[on("iamDatabaseAuthenticationEnabled")],
    cause="Without it whoever reaches the port reads the whole graph.",
    remedy="Set iam_database_authentication_enabled=True.",
    controls=["Neptune.7"],
)
demand(
    AREA,
    "ledger-permissions-standard",
    "qldb/ledger",
    "Ledgers grant rights per table and command",
    wants=[one_of("permissionsMode", "STANDARD", wrong="ALLOW_ALL")],
    cause="ALLOW_ALL gives whoever may send a command all of them.",
    remedy="Set permissions_mode=STANDARD.",
    severity="high",
)
demand(
    AREA,
    "graphql-authenticates",
    "appsync/graphQLApi",
    "GraphQL APIs know their callers",
    wants=[never("authenticationType", "API_KEY", good="AWS_IAM")],
    cause="An API key stands in every client's source and identifies nobody.",
    remedy="Use AWS_IAM, Cognito user pools, OpenID Connect or a Lambda authorizer.",
    severity="high",
    controls=["AppSync.5"],
)
demand(
    AREA,
    "build-credentials-by-connection",
    "codebuild/sourceCredential",
    "Builds fetch source by a connection, not by a stored password",
    wants=[never("authType", "BASIC_AUTH", "PERSONAL_ACCESS_TOKEN", good="CODECONNECTIONS")],
    cause="A stored token belongs to a person and does not expire.",
    remedy="Use auth_type=CODECONNECTIONS.",
    severity="high",
    controls=["CodeBuild.1"],
)
demand(
    AREA,
    "warehouse-admin-name-unusual",
    "redshift/cluster",
    "Redshift's master user has no well-known name",
    wants=[never("masterUsername", *_WELL_KNOWN, good="fastorderops")],
    cause="Guessing a password starts with knowing the user.",
    remedy="Choose a master_username of the project's own.",
    severity="low",
    controls=["Redshift.8"],
)
demand(
    AREA,
    "emr-kerberos",
    "emr/cluster",
    "EMR clusters have Kerberos or no shell access",
    wants=[given("kerberosAttributes.realm", "EC2.INTERNAL")],
    cause="Without Kerberos every user of the cluster is every other one.",
    remedy="Set kerberos_attributes, or leave ec2_attributes.key_name out.",
    severity="low",
    controls=["cdk-nag EMR6"],
    base={"ec2Attributes": {"keyName": "ops"}},
    when=lambda cluster: not cluster.lacks("ec2Attributes.keyName"),
)


@AREA.rule(
    "warehouse-password-managed",
    title="Master passwords of warehouses and document stores are managed by AWS",
    cause="A password in the program lies in the state file, in logs and in the CI system.",
    remedy="Set manage_master_password (DocumentDB: manage_master_user_password) and remove the password.",
    types=["redshift/cluster", "docdb/cluster", "redshiftserverless/namespace"],
    severity="high",
    good=[sample("redshift/cluster", manageMasterPassword=True)],
    bad=[
        sample("redshift/cluster", masterPassword="generated-elsewhere"),
        sample("docdb/cluster", masterPassword="generated-elsewhere"),
        sample("redshiftserverless/namespace", adminUserPassword="generated-elsewhere"),
    ],
)
def warehouse_password_managed(store: Resource) -> Findings:
    """Look for a password that the program sets; a value not yet known is a set one."""
    for path in ("masterPassword", "adminUserPassword"):
        if not store.lacks(path):
            yield store.finding(f"{store.label} takes its master password from the program ({path})")


@AREA.rule(
    "shared-with-named-accounts",
    title="Layers and event buses are shared with named accounts",
    cause="* is every AWS account: they read the layer's code, or send events that our rules act on.",
    remedy="Name the account, or add organization_id or a condition on aws:PrincipalOrgID.",
    types=["lambda/layerVersionPermission", "cloudwatch/eventPermission"],
    severity="high",
    controls=["EventBridge.3"],
    good=[
        sample("lambda/layerVersionPermission", principal="111122223333"),
        sample("lambda/layerVersionPermission", principal="*", organizationId="o-a1b2c3d4e5"),
    ],
    bad=[
        sample("lambda/layerVersionPermission", principal="*"),
        sample("cloudwatch/eventPermission", principal="*", statementId="all"),
    ],
)
def shared_with_named_accounts(permission: Resource) -> Findings:
    """Look for * without an organization."""
    if permission.text("principal") == "*" and permission.lacks("organizationId") and permission.lacks("condition"):
        yield permission.finding(f"{permission.label} admits every account")


@AREA.rule(
    "things-do-named-actions",
    title="Things may do named actions on named topics",
    cause="A stolen device otherwise listens to all others and commands them.",
    remedy="Name the iot actions and the ARNs of topics and client, by ${iot:Connection.Thing.ThingName}.",
    types=["iot/policy"],
    severity="high",
    good=[
        sample(
            "iot/policy",
            policy=json.dumps(
                {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "iot:Connect",
                            "Resource": "arn:aws:iot:ap-northeast-2:111122223333:client/printer-1",
                        }
                    ]
                }
            ),
        )
    ],
    bad=[
        sample(
            "iot/policy",
            policy=json.dumps({"Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}),
        )
    ],
)
def things_do_named_actions(policy: Resource) -> Findings:
    """Look for all actions."""
    for statement in statements(policy.get("policy")):
        if statement.allows and any(action in ("*", "iot:*") for action in statement.actions):
            yield policy.finding(f"{policy.label}, {statement.label}: allows every action")
