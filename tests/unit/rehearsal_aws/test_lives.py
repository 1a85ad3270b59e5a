"""What everything in an account would ask in its life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.aws.authorization.lives import lives

if TYPE_CHECKING:
    from conftest import Engine


def test_a_thing_asks_to_be_made_read_changed_and_deleted_where_it_is(engine: Engine) -> None:
    engine.create("aws:sqs/queue:Queue", "q", {"name": "dev-q", "region": "ap-northeast-1"})
    engine.create("aws:iam/role:Role", "r", {"name": "dev-r", "assumeRolePolicy": '{"Statement": []}'})
    calls = lives(engine.cloud, "deployer", region="ap-northeast-2")
    asked = {(call.operation, call.request.action) for call in calls}
    assert {("create", "sqs:CreateQueue"), ("update", "sqs:UntagQueue"), ("delete", "iam:DeleteRole")} <= asked
    regions = {(call.request.action.partition(":")[0], call.request.context["aws:requestedregion"]) for call in calls}
    assert regions == {("sqs", ("ap-northeast-1",)), ("iam", ("us-east-1",))}
    assert {call.caller for call in calls} == {"deployer"}
