"""Log groups: each one encrypted with a key of ours, and none that never forgets.

Owns what is alike in all of them. Does not own their paths, which AWS's services dictate or `model.naming` makes, nor
when they are made: before the service that writes them, which would otherwise make them without key and retention.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from model.conventions import Conventions
from model.tags import DataClass


def log_group(
    name: str,
    path: str,
    role: str,
    *,
    conventions: Conventions,
    key_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    region: str | None = None,
    data_class: DataClass = DataClass.INTERNAL,
) -> aws.cloudwatch.LogGroup:
    """Return a new log group.

    Args:
        name: Logical name.
        path: Physical name.
        role: Role part of the `Name` tag.
        conventions: Names, tags, retention.
        key_arn: Key in the group's own region.
        opts: With the parent.
        region: None is the home region.
        data_class: Of what is logged.
    """
    return aws.cloudwatch.LogGroup(
        name,
        name=path,
        region=region,
        retention_in_days=conventions.log_retention_days,
        kms_key_id=key_arn,
        tags=conventions.tags("log", role, data_class=data_class),
        opts=opts,
    )
