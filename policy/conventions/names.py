"""The naming rule `{env}-{system}-{resource}-{role}[-pub]-{nn}`, each service's limits and AWS-forced variants.

Owns the judgement on a physical name by resource type. Written from the design, not from the program's own naming
module: a test proves that both agree. Does not read resources.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ENVIRONMENTS: Final = ("dev", "stg", "prod")
SYSTEMS: Final = ("user", "item", "pay", "common")
_FORM: Final = "{env}-{system}-{resource}-{role}[-pub]-{nn}"
_NAME: Final = (
    rf"(?:{'|'.join(ENVIRONMENTS)})-(?:{'|'.join(SYSTEMS)})-[a-z][a-z0-9]*-[a-z][a-z0-9]*(?:-pub)?-(?!00)\d\d"
)
_PLAIN: Final = re.compile(_NAME)
_REGION: Final = r"[a-z]{2}(?:-[a-z]+)+-\d"
_BUCKET: Final = re.compile(rf"(?:aws-waf-logs-)?{_NAME}(?:-\d{{12}})?(?:-{_REGION})?(?:-an)?")
_REGIONAL: Final = re.compile(rf"{_NAME}(?:-{_REGION})?")
_UNDERSCORED: Final = re.compile(
    rf"(?:{'|'.join(ENVIRONMENTS)})_(?:{'|'.join(SYSTEMS)})_[a-z][a-z0-9]*_[a-z][a-z0-9]*(?:_pub)?_(?!00)\d\d"
)
_ALIAS: Final = re.compile(rf"alias/{_NAME}")
_WAF_LOGS: Final = re.compile(rf"(?:aws-waf-logs-)?{_NAME}")
_SUFFIXED: Final = re.compile(rf"{_NAME}(?:\.fifo)?")
_GENERATED: Final = re.compile(r"-[0-9a-f]{7}$")
_ALNUM_ENDS: Final = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_LETTER_FIRST: Final = r"[a-z](?:-?[a-z0-9]+)*"


@dataclass(frozen=True)
class Form:
    """How one type of resource carries its name.

    Attributes:
        property: The property that holds the name.
        longest: Most characters that the service allows.
        variant: Which form of the rule applies.
        charset: What the service itself accepts, beyond the rule.
    """

    property: str
    longest: int
    variant: str = "plain"
    charset: str = r".+"


_FORMS: Final[dict[str, Form]] = {
    "lb/loadBalancer": Form("name", 32, charset=rf"(?!internal-){_ALNUM_ENDS}"),
    "lb/targetGroup": Form("name", 32, charset=_ALNUM_ENDS),
    "s3/bucket": Form("bucket", 63, "bucket", r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"),
    "iam/role": Form("name", 64, "regional"),
    "iam/policy": Form("name", 128, "regional"),
    "iam/instanceProfile": Form("name", 128, "regional"),
    "iam/user": Form("name", 64),
    "iam/group": Form("name", 128),
    "ec2/securityGroup": Form("name", 255, charset=r"(?!sg-).+"),
    "ec2/launchTemplate": Form("name", 128),
    "ec2/managedPrefixList": Form("name", 255),
    "ec2/keyPair": Form("keyName", 255),
    "eks/cluster": Form("name", 100),
    "eks/nodeGroup": Form("nodeGroupName", 63),
    "rds/cluster": Form("clusterIdentifier", 63, charset=_LETTER_FIRST),
    "rds/clusterInstance": Form("identifier", 63, charset=_LETTER_FIRST),
    "rds/instance": Form("identifier", 63, charset=_LETTER_FIRST),
    "rds/subnetGroup": Form("name", 255),
    "rds/parameterGroup": Form("name", 255, charset=_LETTER_FIRST),
    "rds/clusterParameterGroup": Form("name", 255, charset=_LETTER_FIRST),
    "rds/optionGroup": Form("name", 255),
    "rds/proxy": Form("name", 63, charset=_LETTER_FIRST),
    "rds/globalCluster": Form("globalClusterIdentifier", 255),
    "rds/eventSubscription": Form("name", 254),
    "elasticache/replicationGroup": Form("replicationGroupId", 40, charset=_LETTER_FIRST),
    "elasticache/cluster": Form("clusterId", 50, charset=_LETTER_FIRST),
    "elasticache/subnetGroup": Form("name", 255),
    "elasticache/parameterGroup": Form("name", 255),
    "elasticache/user": Form("userId", 40),
    "elasticache/userGroup": Form("userGroupId", 40),
    "efs/fileSystem": Form("creationToken", 64),
    "backup/vault": Form("name", 50),
    "backup/plan": Form("name", 50),
    "backup/selection": Form("name", 50),
    "backup/restoreTestingPlan": Form("name", 50, "underscored", r"[a-z0-9_]+"),
    "backup/restoreTestingSelection": Form("name", 50, "underscored", r"[a-z0-9_]+"),
    "backup/framework": Form("name", 256, "underscored", r"[a-z][a-z0-9_]*"),
    "backup/reportPlan": Form("name", 256, "underscored", r"[a-z][a-z0-9_]*"),
    "wafv2/webAcl": Form("name", 128),
    "wafv2/ipSet": Form("name", 128),
    "wafv2/ruleGroup": Form("name", 128),
    "cloudfront/originAccessControl": Form("name", 64),
    "cloudfront/function": Form("name", 64),
    "cloudfront/responseHeadersPolicy": Form("name", 128),
    "cloudfront/cachePolicy": Form("name", 128),
    "cloudfront/originRequestPolicy": Form("name", 128),
    "cloudfront/vpcOrigin": Form("vpcOriginEndpointConfig.name", 64),
    "kms/alias": Form("name", 256, "alias"),
    "sns/topic": Form("name", 256, "suffixed"),
    "sqs/queue": Form("name", 80, "suffixed"),
    "lambda/function": Form("name", 64),
    "cloudwatch/logGroup": Form("name", 512, "path", r"[._/#A-Za-z0-9-]+"),
    "cloudwatch/metricAlarm": Form("name", 255),
    "cloudwatch/compositeAlarm": Form("alarmName", 255),
    "cloudwatch/dashboard": Form("dashboardName", 255),
    "cloudwatch/eventRule": Form("name", 64),
    "scheduler/schedule": Form("name", 64),
    "ssm/parameter": Form("name", 1011, "path"),
    "ssm/document": Form("name", 128),
    "secretsmanager/secret": Form("name", 512, "path", r"(?!.*-[A-Za-z0-9]{6}$).+"),
    "ecr/repository": Form("name", 256, "path", r"[a-z0-9]+(?:[-/][a-z0-9]+)*"),
    "cloudtrail/trail": Form("name", 128),
    "cfg/recorder": Form("name", 256),
    "cfg/rule": Form("name", 128),
    "budgets/budget": Form("name", 100),
    "kinesis/firehoseDeliveryStream": Form("name", 64, "waf"),
    "athena/workgroup": Form("name", 128),
    "amp/workspace": Form("alias", 100),
    "codebuild/project": Form("name", 150),
    "appautoscaling/policy": Form("name", 256),
}
_VARIANTS: Final = {
    "plain": (_PLAIN, _FORM),
    "bucket": (_BUCKET, f"{_FORM}[-account][-region], with aws-waf-logs- in front for WAF logs"),
    "regional": (_REGIONAL, f"{_FORM}[-region]"),
    "underscored": (_UNDERSCORED, _FORM.replace("-", "_")),
    "alias": (_ALIAS, f"alias/{_FORM}"),
    "suffixed": (_SUFFIXED, f"{_FORM}[.fifo]"),
    "waf": (_WAF_LOGS, f"[aws-waf-logs-]{_FORM}"),
}


def name_property(kind: str) -> str | None:
    """Return the property that holds a type's physical name (`kind` as `service/resource`), None if it has none."""
    form = _FORMS.get(kind)
    return form.property if form else None


def is_generated(name: str) -> bool:
    """Tell whether a name ends as the provider's generated names do: a hyphen and seven hexadecimal digits."""
    return _GENERATED.search(name) is not None


def violations(kind: str, name: str, environment: str | None = None) -> list[str]:
    """Say what is wrong with a physical name; an empty list means that the name is right.

    Args:
        kind: Short type of the resource, `service/resource`; a type without a name of its own is judged by its
            `Name` tag, whose limit is 256.
        name: The physical name.
        environment: When given, the environment that the name must carry.
    """
    form = _FORMS.get(kind, Form("tags.Name", 256))
    found: list[str] = []
    if len(name) > form.longest:
        found.append(f"{name!r} has {len(name)} characters, the limit is {form.longest}")
    if not re.fullmatch(form.charset, name):
        found.append(f"{name!r} is not accepted by the service, which wants {form.charset}")
    found += _form_violations(form, name)
    if not found and environment in ENVIRONMENTS and not _carries(name, environment):
        found.append(f"{name!r} is in stack {environment} and must carry {environment!r}")
    return found


def _form_violations(form: Form, name: str) -> list[str]:
    if form.variant == "path":
        segments = name.split("/")
        if any(_WAF_LOGS.fullmatch(segment) for segment in segments):
            return []
        return [f"{name!r} must be, or have as one segment of its path, {_FORM}"]
    pattern, wanted = _VARIANTS[form.variant]
    return [] if pattern.fullmatch(name) else [f"{name!r} must be {wanted}"]


def _carries(name: str, environment: str) -> bool:
    return re.search(rf"(?:^|/|aws-waf-logs-){environment}[-_]", name) is not None
