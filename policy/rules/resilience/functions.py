"""Functions and images that lose nothing, take no more than their share and stay current.

Owns the demands on single properties of functions and repositories.
"""

from __future__ import annotations

import re
from typing import Final

from policy.frame.demands import Want, demand, given, one_of
from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.frame.values import Block

from . import AREA

_OLD_RUNTIMES: Final = re.compile(
    r"^(python2\.7|python3\.[6-9]|nodejs(?:4\.3|6\.10|8\.10|10\.x|12\.x|14\.x|16\.x|18\.x)?|ruby2\.\d|ruby3\.2|java8"
    r"|go1\.x|dotnetcore\d\.\d|dotnet[567]|provided)$"
)


def _unlimited(block: Block, rest: str) -> bool:
    return block.lacks(rest) or block.get(rest) == -1


def _old(block: Block, rest: str) -> bool:
    return _OLD_RUNTIMES.match(block.text(rest) or "") is not None


def _movable(block: Block, rest: str) -> bool:
    return block.is_known(rest) and not (block.text(rest) or "").startswith("IMMUTABLE")


demand(
    AREA,
    "lambda-dead-letters",
    "lambda/function",
    "Functions have a dead-letter target",
    wants=[given("deadLetterConfig.targetArn", "arn:aws:sqs:ap-northeast-2:111122223333:prod-common-sqs-dead-01")],
    cause="A notifier that fails three times loses the alarm.",
    severity="low",
    remedy="Set dead_letter_config.",
    controls=["cdk-nag LambdaDLQ"],
)
demand(
    AREA,
    "lambda-concurrency-limited",
    "lambda/function",
    "Functions have a concurrency limit",
    wants=[Want("reservedConcurrentExecutions", _unlimited, good=5, bad=(-1, None), says="sets no limit")],
    cause="One function in a loop takes the account's whole concurrency.",
    severity="low",
    remedy="Set reserved_concurrent_executions.",
    controls=["cdk-nag LambdaConcurrency"],
)
demand(
    AREA,
    "lambda-runtime-supported",
    "lambda/function",
    "Functions run on a supported runtime",
    wants=[Want("runtime", _old, good="python3.13", bad=("python3.8", "nodejs16.x"), says="gets no fixes any more")],
    cause="An old runtime gets no security fixes.",
    remedy="Set a current runtime.",
    controls=["FSBP Lambda.2", "cdk-nag L1"],
)
demand(
    AREA,
    "ecr-tags-immutable",
    "ecr/repository",
    "Image tags cannot be moved",
    wants=[Want("imageTagMutability", _movable, good="IMMUTABLE", bad=("MUTABLE", None), says="lets tags be moved")],
    cause="A moved tag deploys something else under the same name.",
    remedy="Set image_tag_mutability=IMMUTABLE.",
    controls=["FSBP ECR.2", "Pulumi ecr-repository-disallow-mutable-image"],
)
demand(
    AREA,
    "fargate-current",
    "ecs/service",
    "Fargate services run the latest platform version",
    wants=[one_of("platformVersion", "LATEST", wrong="1.3.0", default=True)],
    cause="An old platform version keeps old kernels and container runtimes.",
    remedy="Leave platform_version at LATEST.",
    controls=["ECS.10"],
    base={"launchType": "FARGATE"},
    when=lambda service: service.text("launchType") != "EC2",
)


@AREA.rule(
    "lambda-spread",
    title="Functions in the VPC span zones",
    cause="With one subnet a zone's outage stops the function.",
    remedy="Give subnets of two zones or more in vpc_config.",
    types=["lambda/function"],
    severity="low",
    controls=["Lambda.5"],
    good=[
        sample("lambda/function", vpcConfig={"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}),
        sample("lambda/function", runtime="python3.13"),
    ],
    bad=[
        sample(
            "lambda/function",
            runtime="python3.13",
            vpcConfig={"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]},
        )
    ],
)
def lambda_spread(function: Resource) -> Findings:
    """Count the subnets, known or not."""
    subnets = function.get("vpcConfig.subnetIds")
    if isinstance(subnets, list) and len(subnets) == 1:
        yield function.finding(f"{function.label} lies in one subnet")


@AREA.rule(
    "ecr-scanned",
    title="Images are scanned on push",
    cause="Unscanned images carry known holes into production.",
    remedy="Set image_scanning_configuration.scan_on_push=True, or scan by the registry's configuration.",
    types=["ecr/repository"],
    scope="stack",
    controls=["FSBP ECR.1", "Pulumi ecr-repository-enable-image-scan"],
    good=[
        sample("ecr/repository", imageScanningConfiguration={"scanOnPush": True}),
        (sample("ecr/repository", "web"), sample("ecr/registryScanningConfiguration", "scan", scanType="ENHANCED")),
    ],
    bad=[
        sample("ecr/repository", imageScanningConfiguration={"scanOnPush": False}),
        sample("ecr/repository", name="prod-common-ecr-web-01"),
    ],
)
def ecr_scanned(repository: Resource, run: Run) -> Findings:
    """Look at the switch; the registry may scan all."""
    by_registry = bool(run.stack.of("ecr/registryScanningConfiguration"))
    if repository.not_true("imageScanningConfiguration.scanOnPush") and not by_registry:
        yield repository.finding(f"{repository.label}: images are not scanned on push")


@AREA.rule(
    "ecr-images-expire",
    title="Old images expire",
    cause="Old images carry known holes and cost storage.",
    remedy="Add an ecr.LifecyclePolicy.",
    types=["ecr/repository"],
    scope="stack",
    severity="low",
    controls=["FSBP ECR.3"],
    good=[(sample("ecr/repository", "web"), sample("ecr/lifecyclePolicy", "expiry", repository=Ref("web", "name")))],
    bad=[(sample("ecr/repository", "web"),)],
)
def ecr_images_expire(repository: Resource, run: Run) -> Findings:
    """Look for the side resource."""
    if run.stack.lacks_side(repository, "ecr/lifecyclePolicy", "repository"):
        yield repository.finding(f"{repository.label} keeps every image for ever")
