"""Whatever role, region or bucket a deployment names: what lies outside of its environment stays closed to it."""

from __future__ import annotations

import string

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rehearsal.iam import Request, decide
from rehearsal.iam.evaluation import context
from tests.unit.test_rights import BOUNDARY, PROD, REGION, ROLES, identity, on_role, request

NAMES = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=40)
OWN = {f"prod-common-role-{role}-01" for role in ROLES}


@settings(max_examples=200, deadline=None)
@given(
    action=st.sampled_from(["iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole"]),
    name=st.one_of(NAMES, NAMES.map("prod-{}".format), st.sampled_from(sorted(OWN))),
    boundary=st.one_of(st.none(), st.just(BOUNDARY), NAMES),
)
def test_a_role_is_touched_only_below_the_environment_and_under_its_boundary(
    action: str, name: str, boundary: str | None
):
    ours = name.startswith("prod-") and name not in OWN
    assert bool(on_role(action, name, boundary)) is (ours and boundary == BOUNDARY)


@settings(max_examples=100, deadline=None)
@given(
    region=NAMES, action=st.sampled_from(["ec2:RunInstances", "rds:CreateDBCluster", "kms:CreateKey", "s3:TagResource"])
)
def test_nothing_is_made_in_a_region_that_is_not_ours(region: str, action: str):
    assume(region not in {REGION, "ap-northeast-1", "us-east-1"})
    assert not decide(identity("prod", "deployer"), request(action, region=region))


@settings(max_examples=100, deadline=None)
@given(name=NAMES, role=st.sampled_from(ROLES), action=st.sampled_from(["s3:ListBucket", "s3:PutBucketPolicy"]))
def test_a_bucket_of_another_name_is_not_even_listed(name: str, role: str, action: str):
    assume(not name.startswith("prod-"))
    who = identity("prod", role)  # pyright: ignore[reportArgumentType]
    assert not decide(who, request(action, f"arn:aws:s3:::{name}"))


@settings(max_examples=100, deadline=None)
@given(service=NAMES, role=NAMES)
def test_a_role_is_passed_to_no_service_that_has_none_of_ours(service: str, role: str):
    known = context({"aws:RequestedRegion": REGION, "iam:PassedToService": f"{service}.amazonaws.com"})
    asked = Request(action="iam:PassRole", resource=f"arn:aws:iam::{PROD}:role/prod-{role}", context=known)
    assume(service not in {"backup", "codebuild", "ec2", "eks", "fis", "lambda"})
    assert not decide(identity("prod", "deployer"), asked)
