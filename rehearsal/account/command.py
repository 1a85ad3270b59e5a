"""The `aws` command of a rehearsal: the real AWS CLI, answered from the simulated account instead of the network.

Owns the place where the answer goes in: after the CLI has parsed its arguments, checked them and made the request, and
before it would be sent. So arguments, `--query`, output formats and waiters are the CLI's own. Each answer is held
against botocore's model of the operation. What is answered is in `answers/`; S3 and KMS go on to the rehearsal's
endpoint where there is one.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any, Final

from rehearsal.account.answers import ANSWERS, ApiError, Call
from rehearsal.account.number import account_number
from rehearsal.account.past import past_of
from rehearsal.account.permission import caller_arn, permit
from rehearsal.aws_cli import find_or_fetch_aws_cli
from rehearsal.cloud import Cloud
from rehearsal.plugins import write_launcher

_PARAMETERS: Final = "fastorder_parameters"
_OK: Final = 200
_DENIED: Final = 403


class _Response:
    """What is left of an HTTP response that nobody sent."""

    def __init__(self, status: int) -> None:
        self.status_code = status
        self.headers: dict[str, str] = {}


def install_aws_command(folder: Path) -> None:
    """Write the rehearsal's `aws`, `skopeo` and `dig` into a folder that will be on PATH."""
    find_or_fetch_aws_cli()
    write_launcher(folder / "aws", module="rehearsal.account.command")
    write_launcher(folder / "skopeo", module="rehearsal.account.skopeo")
    write_launcher(folder / "dig", module="rehearsal.account.dig")


def main() -> int:
    """Run the CLI with the arguments of this process and return its exit code."""
    if "AWS_REGION" in os.environ:
        # Version 2 of the CLI, which people have, reads this one first; version 1 does not know it.
        os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"]
    sys.path.insert(0, str(find_or_fetch_aws_cli()))
    cli: Any = importlib.import_module("awscli.clidriver")
    driver: Any = cli.create_clidriver()
    events: Any = driver.session.get_component("event_emitter")
    events.register_last("before-parameter-build", _remember)
    events.register_first("before-call", _answer)
    return int(driver.main() or 0)


def _remember(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    context[_PARAMETERS] = params


def _answer(
    model: Any,  # noqa: ANN401 - the CLI has no types
    context: dict[str, Any],
    request_signer: object,
    **_: object,
) -> tuple[_Response, dict[str, Any]] | None:
    service, operation = str(model.service_model.service_name), str(model.name)
    if f"{service}:{operation}" not in ANSWERS and f"AWS_ENDPOINT_URL_{service.upper()}" in os.environ:
        return None
    _demand_credentials(request_signer)
    try:
        result: dict[str, Any] = _reply(service, operation, context)
        status = _OK
    except ApiError as error:
        result, status = {"Error": {"Code": error.code, "Message": error.message}}, error.status
    else:
        _demand_form(service, operation, result, model.output_shape)
    metadata: dict[str, Any] = {
        "RequestId": "rehearsal",
        "HTTPStatusCode": status,
        "HTTPHeaders": {},
        "RetryAttempts": 0,
    }
    return _Response(status), {**result, "ResponseMetadata": metadata}


def _reply(service: str, operation: str, context: dict[str, Any]) -> dict[str, Any]:
    answer = ANSWERS.get(f"{service}:{operation}")
    if answer is None:
        known = ", ".join(sorted(ANSWERS))
        raise ApiError(
            "NotSimulated",
            f"the rehearsal has no answer for {service}:{operation}: add one to rehearsal/account/answers "
            f"(known: {known})",
        )
    cloud = Cloud.from_environment()
    call = Call(
        arguments=context[_PARAMETERS],
        region=str(context["client_region"]),
        account=account_number(),
        caller_arn=caller_arn(),
        cloud=cloud,
        past=past_of(cloud.folder),
    )
    if answer.action is not None:
        reason = permit(cloud, answer.action, answer.resource(call), call.region)
        if reason:
            raise ApiError("AccessDeniedException", reason, _DENIED)
    return answer.reply(call)


def _demand_credentials(signer: object) -> None:
    # The CLI looks for credentials when it signs, which comes after the place where the answer goes in.
    if getattr(signer, "_credentials", None) is None:
        exceptions: Any = importlib.import_module("botocore.exceptions")
        raise exceptions.NoCredentialsError


def _demand_form(service: str, operation: str, result: dict[str, Any], shape: object) -> None:
    if shape is None:
        # The operation answers nothing.
        return
    validation: Any = importlib.import_module("botocore.validate")
    report: Any = validation.ParamValidator().validate(result, shape)
    if report.has_errors():
        wrong = report.generate_report()
        raise TypeError(f"the rehearsal's answer to {service}:{operation} is not of the API's form: {wrong}")


if __name__ == "__main__":
    sys.exit(main())
