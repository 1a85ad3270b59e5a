"""What is not there yet: changes that wait for their window, and new resources that AWS does not see at once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rehearsal.aws import lag
from rehearsal.aws.catalog import describe
from rehearsal.aws.maintenance import open_window
from rehearsal.aws.refusals import RefusedError

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from tests.unit.rehearsal_aws.conftest import Engine

_CLUSTER, _INSTANCE = "aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance"
_VPC, _SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
_ROLE, _FUNCTION = "aws:iam/role:Role", "aws:lambda/function:Function"
_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_QUEUE, _QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"


def _policy(statement: JsonObject) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


_TRUST = _policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
_DATABASE: JsonObject = {
    "clusterIdentifier": "db",
    "engine": "aurora-mysql",
    "masterUsername": "admin",
    "manageMasterUserPassword": True,
    "skipFinalSnapshot": True,
}


def test_a_change_waits_for_its_window_unless_the_program_wants_it_at_once(engine: Engine) -> None:
    assert describe(_INSTANCE).facts
    engine.create(_CLUSTER, "db", _DATABASE)
    small: JsonObject = {
        "identifier": "db-1",
        "clusterIdentifier": "db",
        "engine": "aurora-mysql",
        "instanceClass": "db.r6g.large",
    }
    made = engine.create(_INSTANCE, "db-1", small)
    waiting = engine.update(made, small | {"instanceClass": "db.r6g.xlarge"})
    assert waiting.state["instanceClass"] == "db.r6g.large"
    assert engine.read(waiting)[1]["instanceClass"] == "db.r6g.large"
    assert open_window(engine.cloud) == ["db-1"]
    assert engine.read(waiting)[1]["instanceClass"] == "db.r6g.xlarge"
    assert open_window(engine.cloud) == [], "once"
    at_once = engine.update(waiting, small | {"instanceClass": "db.r6g.2xlarge", "applyImmediately": True})
    assert at_once.state["instanceClass"] == "db.r6g.2xlarge"


def _is_made_at_the_third_look(engine: Engine, token: str, arguments: JsonObject) -> None:
    for _ in range(2):
        with pytest.raises(RefusedError, match="made a moment ago"):
            engine.create(token, "x", arguments)
    assert engine.create(token, "x", arguments).id


def test_what_was_just_made_is_not_seen_at_once_where_the_switch_is_on(engine: Engine) -> None:
    lag.switch_on(engine.cloud, {_VPC: 2})
    network = engine.create(_VPC, "v", {"cidrBlock": "10.0.0.0/16"})
    subnet: JsonObject = {"vpcId": network.id, "cidrBlock": "10.0.0.0/24"}
    _is_made_at_the_third_look(engine, _SUBNET, subnet)


def test_the_provider_waits_for_what_its_facts_say(engine: Engine) -> None:
    """A new function asks again for its role; what is attached to a role does not (provider v6.58.0)."""
    lag.switch_on(engine.cloud, {_ROLE: 2})
    function: JsonObject = {"name": "f", "handler": "a.b", "runtime": "python3.13", "s3Bucket": "code", "s3Key": "f"}
    role = engine.create(_ROLE, "r", {"name": "r", "assumeRolePolicy": _TRUST})
    assert engine.create(_FUNCTION, "f", function | {"role": role.state["arn"]}).id
    other = engine.create(_ROLE, "o", {"name": "o", "assumeRolePolicy": _TRUST})
    attached: JsonObject = {"role": other.id, "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    _is_made_at_the_third_look(engine, _ATTACHMENT, attached)


def test_whom_a_policy_lets_in_is_looked_up_and_what_it_is_about_is_not(engine: Engine) -> None:
    """A queue with a policy does not ask again, a policy of its own does (provider v6.58.0)."""
    queue = engine.create(_QUEUE, "q", {"name": "q"})
    lag.switch_on(engine.cloud, {_ROLE: 2})
    role = engine.create(_ROLE, "r", {"name": "r", "assumeRolePolicy": _TRUST})
    arn = role.state["arn"]
    statement: JsonObject = {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": "*", "Resource": arn}
    assert engine.create(_QUEUE, "a", {"name": "a", "policy": _policy(statement)}).id
    statement["Principal"] = {"AWS": [arn]}
    with pytest.raises(RefusedError, match="made a moment ago"):
        engine.create(_QUEUE, "b", {"name": "b", "policy": _policy(statement)})
    assert engine.create(_QUEUE_POLICY, "p", {"queueUrl": queue.id, "policy": _policy(statement)}).id


def test_no_type_waits_but_by_its_facts(engine: Engine) -> None:
    """The function of the test before, without the one fact, is refused as others are."""
    lag.switch_on(engine.cloud, {_ROLE: 2})
    role = engine.create(_ROLE, "r", {"name": "r", "assumeRolePolicy": _TRUST})
    function = describe(_FUNCTION)
    assert function.facts is not None
    hasty = replace(function, facts=replace(function.facts, waits_for=()))
    with pytest.raises(RefusedError, match="made a moment ago"):
        lag.look(engine.cloud, hasty, {"role": role.state["arn"]})
