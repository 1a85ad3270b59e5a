"""Who runs a rehearsal may do what a role of the account may, and nothing else; the calls of a run say what that is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rehearsal.aws.authorization.caller import ADMINISTRATOR, identity_of
from rehearsal.aws.authorization.record import Recorded, read
from rehearsal.cloud import Cloud, CloudObject
from rehearsal.iam.reduction import judge

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.conftest import Rehearse

ROLE = "deployer"
RIGHTS = f"{ROLE}:rights"
ACCOUNT = "123456789012"
REFUSED = f"AccessDenied: User: arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/rehearsal is not authorized to perform:"


def exactly(calls: list[Recorded]) -> list[dict[str, Any]]:
    """Rights to these calls: a statement for each action, on the resources that it was asked for."""
    asked: dict[str, set[str]] = {}
    for call in calls:
        asked.setdefault(call.request.action, set()).add(call.request.resource)
    return [
        {"Sid": f"S{number}", "Effect": "Allow", "Action": action, "Resource": sorted(resources)}
        for number, (action, resources) in enumerate(sorted(asked.items()))
    ]


def exist(cloud: Cloud, *statements: dict[str, Any]) -> None:
    """Make the role, as somebody else's program would have."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    role = CloudObject(
        provider="aws", type="aws:iam/role:Role", location="", id=ROLE, properties={"name": ROLE, "arn": arn}
    )
    rights = CloudObject(
        provider="aws",
        type="aws:iam/rolePolicy:RolePolicy",
        location="",
        id=RIGHTS,
        properties={"name": "rights", "role": ROLE, "policy": document},
    )
    for thing in (role, rights):
        cloud.create(thing)


def test_a_role_may_what_it_was_given_and_every_word_of_that_is_needed(rehearse: Rehearse, tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    administrator = replace(rehearse("aws"), calls=file)
    assert administrator.up().succeeded
    assert administrator.refresh().succeeded
    calls = read(file)
    assert ({call.operation for call in calls}, {call.caller for call in calls}) == (
        {"create", "read"},
        {ADMINISTRATOR},
    )

    cloud, role = Cloud(administrator.cloud), replace(administrator, caller=ROLE, calls=None)
    exist(cloud, *exactly(calls))
    found = judge(identity_of(ROLE, cloud, ACCOUNT), [call.request for call in calls])
    assert (found.refused, found.idle, found.share) == ((), (), 1.0)
    refreshed = role.refresh()
    assert refreshed.succeeded, refreshed.errors
    changed = replace(role, config={"hostnames": True}).up()
    assert not changed.succeeded
    assert any(f"{REFUSED} ec2:DeleteTags on resource: arn:aws:ec2:" in error for error in changed.errors), (
        changed.errors
    )

    without = [one for one in exactly(calls) if one["Action"] != "rds:DescribeDBClusters"]
    text = json.dumps({"Version": "2012-10-17", "Statement": without})
    cloud.change("aws:iam/rolePolicy:RolePolicy", RIGHTS, "policy", text)
    denied = role.refresh()
    assert not denied.succeeded
    wanted = f"reading aws:rds/cluster:Cluster test-db: {REFUSED} rds:DescribeDBClusters on resource: arn:aws:rds:"
    assert any(wanted in error for error in denied.errors), denied.errors


def test_a_caller_that_does_not_exist_is_told_how_to_make_it(rehearse: Rehearse) -> None:
    outcome = replace(rehearse("aws"), caller="nobody").up()
    assert not outcome.succeeded
    assert any("the caller nobody is no role of the simulated account: make it first" in one for one in outcome.errors)
