"""Every operation of the stand-in asks what AWS would ask, of whoever calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.aws.authorization import guard
from rehearsal.aws.authorization.caller import UnknownCallerError, identity_of
from rehearsal.aws.authorization.record import Recorded, read
from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.refusals import RefusedError
from rehearsal.aws.wire import to_struct
from rehearsal.cloud import Cloud, JsonObject
from rehearsal.iam import Identity, Request

if TYPE_CHECKING:
    from conftest import Engine

ACCOUNT: Final = "123456789012"
ROLE: Final = "dev-common-role-deployer-01"
ME: Final = f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/rehearsal"
BUCKET: Final = "arn:aws:s3:::dev-logs"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/dev-boundary"

Become = Callable[..., "Engine"]


def allow(*actions: str, resource: str | list[str] = "*", condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": "Granted", "Effect": "Allow", "Action": list(actions), "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "calls.jsonl"
    monkeypatch.setenv("FASTORDER_CALLS", str(file))
    return file


@pytest.fixture
def engine(calls: Path, engine: Engine) -> Engine:
    """The provider of every test here is made after its calls have a file to go to."""
    assert not calls.exists()
    return engine


@pytest.fixture
def become(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Become:
    """Makes the deployer's role as an administrator does, and returns a provider that works as it."""

    def as_role(*statements: dict[str, Any], limits: str | None = None) -> Engine:
        role: JsonObject = {"name": ROLE, "assumeRolePolicy": trusting("ec2.amazonaws.com")}
        if limits:
            policy = engine.create("aws:iam/policy:Policy", "limits", {"name": "limits", "policy": limits})
            role["permissionsBoundary"] = policy.state["arn"]
        engine.create("aws:iam/role:Role", "deployer", role)
        rights: JsonObject = {"name": "rights", "role": ROLE, "policy": document(*statements)}
        engine.create("aws:iam/rolePolicy:RolePolicy", "rights", rights)
        monkeypatch.setenv("FASTORDER_CALLER", ROLE)
        provider = AwsProvider(engine.cloud)
        provider.configure(provider_pb2.ConfigureRequest(args=to_struct({"region": "ap-northeast-2"})))
        return type(engine)(provider, engine.cloud)

    return as_role


def asked(file: Path, **wanted: str) -> list[Request]:
    found: Iterable[Recorded] = read(file)
    return [one.request for one in found if all(getattr(one, name) == value for name, value in wanted.items())]


def one(requests: list[Request], action: str) -> Request:
    (found,) = {(one.action, one.resource): one for one in requests if one.action == action}.values()
    return found


def test_a_denied_call_says_who_what_on_what_and_which_statement_is_missing(become: Become):
    deployer = become(
        allow("s3:*", resource="arn:aws:s3:::dev-state"),
        allow("s3:CreateBucket", "s3:PutBucketTagging", "s3:TagResource"),
    )
    with pytest.raises(RefusedError) as refused:
        deployer.create("aws:s3/bucket:Bucket", "logs", {"bucket": "dev-logs"})
    said = str(refused.value)
    assert said.startswith(f"creating aws:s3/bucket:Bucket: AccessDenied: User: {ME} is not authorized to perform: s3:")
    assert "because no identity-based policy allows the s3:" in said
    assert "statement Granted does not: Resource is arn:aws:s3:::dev-state" in said
    assert f'"Resource": "{BUCKET}"}}' in said
    assert deployer.cloud.list("aws:s3/bucket:Bucket") == []


def test_the_last_missing_action_makes_the_difference(become: Become):
    reading = ["s3:GetBucket*", "s3:GetA*", "s3:GetL*", "s3:GetR*", "s3:GetE*", "s3:ListT*", "s3:CreateB*", "s3:TagR*"]
    deployer = become(allow(*reading, "s3:PutBucketTagging"))
    with pytest.raises(RefusedError, match=r"s3:ListBucket on resource: arn:aws:s3:::dev-logs because"):
        deployer.create("aws:s3/bucket:Bucket", "logs", {"bucket": "dev-logs"})


def test_every_operation_asks(become: Become):
    deployer = become(allow("sqs:*", condition={"StringNotEquals": {"aws:ResourceTag/locked": "yes"}}))
    made = deployer.create("aws:sqs/queue:Queue", "q", {"name": "dev-q"})
    location = deployer.cloud.list("aws:sqs/queue:Queue")[0].location
    deployer.cloud.change("aws:sqs/queue:Queue", made.id, "tagsAll", {"locked": "yes"}, location=location)
    for act, verb in (
        (lambda: deployer.read(made), "reading"),
        (lambda: deployer.delete(made), "deleting"),
    ):
        with pytest.raises(RefusedError, match=rf"^{verb} aws:sqs/queue:Queue.*: AccessDenied: User: .* sqs:"):
            act()
    with pytest.raises(RefusedError, match=r"^updating aws:sqs/queue:Queue"):
        deployer.update(made, {"name": "dev-q", "delaySeconds": 5, "tags": {"locked": "yes"}})


def test_a_preview_of_something_new_asks_nothing(become: Become):
    deployer = become(allow("sqs:ListQueues"))
    assert deployer.preview("aws:sqs/queue:Queue", "q", {"name": "dev-q"})


def test_functions_ask_too_and_say_who_calls(become: Become):
    deployer = become(allow("ec2:DescribeVpcs"))
    _, failures = deployer.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {})
    assert len(failures) == 1
    assert "not authorized to perform: ec2:DescribeAvailabilityZones because" in failures[0]
    identity, _ = deployer.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert identity["arn"] == ME


def test_functions_name_what_they_are_asked_for(engine: Engine, calls: Path):
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    engine.invoke("aws:ssm/getParameter:getParameter", {"name": name})
    # What AWS publishes belongs to no account.
    assert asked(calls)[-1].resource == f"arn:aws:ssm:ap-northeast-2::parameter{name}"
    engine.create("aws:iam/role:Role", "r", {"name": "dev-r", "assumeRolePolicy": trusting("ec2.amazonaws.com")})
    engine.invoke("aws:iam/getRole:getRole", {"name": "dev-r"})
    assert asked(calls)[-1].resource == f"arn:aws:iam::{ACCOUNT}:role/dev-r"


def test_the_boundary_counts(become: Become):
    deployer = become(allow("sqs:*"), limits=document(allow("sns:*")))
    with pytest.raises(RefusedError, match=r"because no permissions boundary allows the sqs:\w+ action"):
        deployer.create("aws:sqs/queue:Queue", "q", {"name": "dev-q"})


def test_roles_are_made_under_the_boundary_that_a_condition_wants(become: Become):
    bound = allow("iam:*", condition={"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}})
    deployer = become(bound)
    role: JsonObject = {"name": "dev-pod", "assumeRolePolicy": trusting("pods.eks.amazonaws.com")}
    with pytest.raises(RefusedError, match=r"iam:PermissionsBoundary wants .*dev-boundary, it is not in the request"):
        deployer.create("aws:iam/role:Role", "pod", role)
    deployer.create("aws:iam/role:Role", "pod", role | {"permissionsBoundary": BOUNDARY})
    # A policy in the role is judged by the boundary that the role has.
    deployer.create(
        "aws:iam/rolePolicy:RolePolicy", "p", {"name": "p", "role": "dev-pod", "policy": document(allow("s3:*"))}
    )


def test_a_role_is_passed_to_the_service_that_it_trusts(engine: Engine, calls: Path):
    role = engine.create(
        "aws:iam/role:Role", "f", {"name": "dev-f", "assumeRolePolicy": trusting("lambda.amazonaws.com")}
    )
    engine.create(
        "aws:lambda/function:Function",
        "f",
        {
            "name": "dev-f",
            "role": role.state["arn"],
            "handler": "a.b",
            "runtime": "python3.13",
            "s3Bucket": "code",
            "s3Key": "f.zip",
        },
    )
    passed = one(asked(calls, operation="create"), "iam:PassRole")
    assert passed.resource == role.state["arn"]
    assert passed.context["iam:passedtoservice"] == ("lambda.amazonaws.com",)
    assert passed.context["aws:requestedregion"] == ("us-east-1",)


def test_a_key_is_used_through_the_service_and_known_by_its_alias_and_tags(engine: Engine, calls: Path):
    key = engine.create("aws:kms/key:Key", "data", {"tags": {"DataClass": "secret"}})
    engine.create("aws:kms/alias:Alias", "data", {"name": "alias/dev-data", "targetKeyId": key.state["keyId"]})
    engine.create(
        "aws:backup/vault:Vault", "v", {"name": "dev-v", "kmsKeyArn": key.state["arn"], "region": "ap-northeast-1"}
    )
    granted = one(
        [call for call in asked(calls, operation="create") if "kms:viaservice" in call.context], "kms:CreateGrant"
    )
    assert granted.resource == key.state["arn"]
    assert granted.context["kms:viaservice"] == ("backup.ap-northeast-1.amazonaws.com",)
    assert granted.context["kms:resourcealiases"] == ("alias/dev-data",)
    assert granted.context["kms:grantisforawsresource"] == ("true",)
    assert granted.context["aws:resourcetag/dataclass"] == ("secret",)
    assert granted.context["aws:requestedregion"] == ("ap-northeast-1",)


@pytest.mark.parametrize(
    ("token", "arguments", "operation", "action", "resource"),
    [
        ("aws:s3/bucket:Bucket", {"bucket": "dev-logs"}, "create", "s3:CreateBucket", BUCKET),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": "dev-logs", "versioningConfiguration": {"status": "Enabled"}},
            "create",
            "s3:PutBucketVersioning",
            BUCKET,
        ),
        ("aws:sns/topic:Topic", {"name": "t"}, "create", "sns:CreateTopic", f"arn:aws:sns:ap-northeast-2:{ACCOUNT}:t"),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, "create", "ec2:DescribeVpcs", "*"),
        (
            "aws:iam/rolePolicy:RolePolicy",
            {"name": "p", "role": "r", "policy": "{}"},
            "create",
            "iam:PutRolePolicy",
            f"arn:aws:iam::{ACCOUNT}:role/r",
        ),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"name": "/g"},
            "create",
            "logs:CreateLogGroup",
            f"arn:aws:logs:ap-northeast-2:{ACCOUNT}:log-group:/g",
        ),
    ],
)
def test_calls_name_the_resource_that_they_act_on(
    engine: Engine, calls: Path, token: str, arguments: JsonObject, operation: str, action: str, resource: str
):
    engine.create(token, "it", arguments)
    assert one(asked(calls, operation=operation), action).resource == resource


def test_tags_are_of_the_request_when_they_are_given_and_of_the_resource_afterwards(engine: Engine, calls: Path):
    made = engine.create("aws:sqs/queue:Queue", "q", {"name": "dev-q", "tags": {"Owner": "team"}})
    engine.read(made)
    created, seen = one(asked(calls, operation="create"), "sqs:CreateQueue"), asked(calls, operation="read")[0]
    assert created.context["aws:requesttag/owner"] == ("team",)
    assert set(created.context["aws:tagkeys"]) == {"Environment", "Owner"}
    assert "aws:resourcetag/owner" not in created.context
    assert seen.context["aws:resourcetag/owner"] == ("team",)


def test_a_service_gets_its_own_role_when_it_is_first_used(engine: Engine, calls: Path):
    engine.create("aws:accessanalyzer/analyzer:Analyzer", "a", {"analyzerName": "dev"})
    made = one(asked(calls), "iam:CreateServiceLinkedRole")
    assert made.context["iam:awsservicename"] == ("access-analyzer.amazonaws.com",)
    assert made.resource.startswith(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/access-analyzer.amazonaws.com/")


def test_records_say_what_was_refused(become: Become, calls: Path):
    deployer = become(allow("sqs:CreateQueue"))
    with pytest.raises(RefusedError):
        deployer.create("aws:sqs/queue:Queue", "q", {"name": "dev-q"})
    of_role = [call for call in read(calls) if call.caller == ROLE]
    assert {call.request.action for call in of_role if call.allowed} == {"sqs:CreateQueue"}
    assert "sqs:TagQueue" in {call.request.action for call in of_role if not call.allowed}
    assert {call.caller for call in read(calls)} == {ROLE, "administrator"}


def test_a_caller_that_does_not_exist_is_named(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FASTORDER_CALLER", "nobody")
    provider = AwsProvider(engine.cloud)
    provider.configure(provider_pb2.ConfigureRequest(args=to_struct({"region": "ap-northeast-2"})))
    with pytest.raises(
        UnknownCallerError, match="the caller nobody is no role of the simulated account: make it first"
    ):
        type(engine)(provider, engine.cloud).create("aws:sqs/queue:Queue", "q", {"name": "q"})


def test_policies_of_aws_are_known_or_refused_by_name(become: Become, engine: Engine):
    deployer = become(allow("sqs:*"))
    attached: JsonObject = {"role": ROLE, "policyArn": "arn:aws:iam::aws:policy/SecurityAudit"}
    engine.create("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "a", attached)
    with pytest.raises(UnknownCallerError, match="AWS's own policy SecurityAudit is not known"):
        deployer.create("aws:sqs/queue:Queue", "q", {"name": "q"})


def test_policies_are_read_once_for_all_operations_of_a_process(become: Become, monkeypatch: pytest.MonkeyPatch):
    read_for: list[str] = []

    def counted(name: str, cloud: Cloud, account: str) -> Identity:
        read_for.append(name)
        return identity_of(name, cloud, account)

    monkeypatch.setattr(guard, "identity_of", counted)
    deployer = become(allow("sqs:*"))
    made = deployer.create("aws:sqs/queue:Queue", "q", {"name": "dev-q"})
    for _ in range(20):
        deployer.read(made)
    assert read_for == [ROLE]
