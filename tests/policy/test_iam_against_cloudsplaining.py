"""The analyser of IAM policies against a well-known one, on its own list and on documents made at random.

Where both disagree on purpose, the difference is listed with its reason: a new one fails these tests.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from cloudsplaining.scan.policy_document import PolicyDocument  # pyright: ignore[reportMissingTypeStubs]
from cloudsplaining.shared.constants import PRIVILEGE_ESCALATION_METHODS  # pyright: ignore[reportMissingTypeStubs]

from policy.frame.rule import Ref, Rule, sample
from policy.frame.runner import Runner
from policy.iam.catalog import expand
from policy.iam.documents import statements
from policy.iam.escalation import methods
from policy.iam.methods import METHODS
from policy.reports.examples import records

# The oracle takes an action in lower case for one that cannot be limited: give it AWS's spelling.
PUBLISHED = {
    name: [spelled.name for action in actions for spelled in expand(action)]
    for name, actions in PRIVILEGE_ESCALATION_METHODS.items()
}
BEYOND_THE_ORACLE = {
    # Ways up that we know and the oracle (0.9) does not list: reported by us alone.
    ("eks:CreateAccessEntry", "eks:AssociateAccessPolicy"): "AmazonEKSClusterAdminPolicy reads every Secret",
    ("lambda:UpdateFunctionConfiguration",): "a layer replaces the function's code",
    ("ssm:SendCommand",): "commands run with the instance's role",
    ("iam:PassRole", "ecs:RunTask"): "an existing task definition takes another role by an override",
    ("iam:PassRole", "ecs:StartTask"): "as RunTask",
    ("iam:PassRole", "ecs:CreateService"): "as RunTask",
    ("iam:PassRole", "codestar:CreateProject"): "the service is closed to new customers but runs",
    ("ec2-instance-connect:SendSSHPublicKey",): "the addresses may be known without ec2:DescribeInstances",
    ("ecs:ExecuteCommand",): "the task's name may be known without ecs:DescribeTasks",
    ("sagemaker:CreateNotebookInstanceLifecycleConfig", "sagemaker:UpdateNotebookInstance"): "the owner's own restart "
    "runs the script",
}
NOISE = [
    "s3:GetObject",
    "s3:ListAllMyBuckets",
    "ec2:DescribeInstances",
    "logs:PutLogEvents",
    "kms:Decrypt",
    "sqs:SendMessage",
    "iam:GetRole",
    "iam:ListRoles",
    "ecr:BatchGetImage",
    "cloudwatch:PutMetricData",
]
OWN_ONLY = [set(map(str.lower, actions)) for actions in BEYOND_THE_ORACLE]


def _document(*blocks: tuple[list[str], Any], effect: str = "Allow") -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Action": actions, "Resource": resource} for actions, resource in blocks],
    }


def _ours(document: dict[str, Any]) -> bool:
    return bool(methods(statements(json.dumps(document))))


def _oracle(document: dict[str, Any]) -> bool:
    return bool(PolicyDocument(document).allows_privilege_escalation)


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_combination_is_found(name: str):
    assert len(PUBLISHED[name]) == len(PRIVILEGE_ESCALATION_METHODS[name])
    assert _ours(_document((PUBLISHED[name], "*")))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_combination_split_over_two_policies_of_a_role_is_found(name: str, rules: dict[str, Rule]):
    rule = rules["iam-no-privilege-escalation"]
    half = len(PUBLISHED[name]) // 2
    parts = [part for part in (PUBLISHED[name][:half], PUBLISHED[name][half:]) if part]
    example = (
        sample("iam/role", "holder"),
        *(
            sample("iam/rolePolicy", f"part-{index}", role=Ref("holder"), policy=json.dumps(_document((part, "*"))))
            for index, part in enumerate(parts)
        ),
    )
    assert Runner([rule]).run(records(example, references_known=False)).rules == {rule.id}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_combination_limited_to_named_resources_is_not_reported(name: str):
    arn = "arn:aws:iam::111122223333:role/prod-pay-role-was-01"

    assert not _ours(_document((PUBLISHED[name], arn)))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_deny_takes_a_combination_back(name: str):
    document = _document((PUBLISHED[name], "*"))
    document["Statement"] += _document((PUBLISHED[name], "*"), effect="Deny")["Statement"]

    assert not _ours(document)


def test_both_agree_on_documents_made_at_random():
    chance = random.Random(20261124)
    pool = sorted({action for actions in PUBLISHED.values() for action in actions})
    missed: list[set[str]] = []
    false: list[set[str]] = []
    reported = silent = 0
    for _ in range(1500):
        wide = {*chance.sample(pool, chance.randint(0, 4)), *chance.sample(NOISE, 3)}
        narrow = chance.sample(pool, 3)
        document = _document((sorted(wide), "*"), (narrow, "arn:aws:iam::111122223333:role/one"))
        ours, oracle = _ours(document), _oracle(document)
        reported, silent = reported + oracle, silent + (not oracle)
        if oracle and not ours:
            missed.append(wide)
        if ours and not oracle and not any(known <= {item.lower() for item in wide} for known in OWN_ONLY):
            false.append(wide)

    assert reported > 200
    assert silent > 200
    assert len(missed) <= 0.05 * reported, missed
    assert len(false) <= 0.02 * silent, false


def test_what_we_report_beyond_the_oracle_is_still_beyond_it():
    for actions in BEYOND_THE_ORACLE:
        assert actions in {method.actions for method in METHODS}
        assert not _oracle(_document((list(actions), "*"))), f"the oracle now lists {actions}: take it off the list"


@pytest.mark.parametrize("action", ["sts:AssumeRole", "iam:CreateAccessKey", "ec2:GetPasswordData", "rds-db:connect"])
def test_credentials_exposure_agrees(action: str, rules: dict[str, Rule]):
    example = (sample("iam/policy", policy=json.dumps(_document(([action], "*")))),)

    assert Runner([rules["iam-no-credential-exposure"]]).run(records(example)).violations
    assert PolicyDocument(_document(([action], "*"))).credentials_exposure or action == "rds-db:connect"


@pytest.mark.parametrize("action", ["s3:GetObject", "ssm:GetParameter", "secretsmanager:GetSecretValue"])
def test_data_exfiltration_agrees(action: str, rules: dict[str, Rule]):
    example = (sample("iam/policy", policy=json.dumps(_document(([action], "*")))),)

    assert Runner([rules["iam-no-data-exfiltration"]]).run(records(example)).violations
    assert PolicyDocument(_document(([action], "*"))).allows_data_exfiltration_actions
