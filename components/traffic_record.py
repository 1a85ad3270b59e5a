"""What is recorded of a VPC's traffic: flow logs, and where an environment pays for it, whether flows were encrypted.

Owns the flow log, its fields, and the encryption control. Does not own the bucket that receives the log.

The control only reports; enforcing would need exclusions for gateways, NAT and EFS. Without it AWS writes `-` for the
encryption of every flow, and without the field the control reports nothing.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from model.conventions import Conventions

_USUAL_FIELDS: Final = (
    *("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol"),
    *("packets", "bytes", "start", "end", "action", "log-status"),
)
"""What AWS writes where no format is given."""
_ENCRYPTION_FIELDS: Final = ("flow-direction", "traffic-path", "encryption-status")
"""The last is 0 for clear text; AWS advises the two before it, to tell where such a flow went."""


def record_traffic(
    name: str,
    conventions: Conventions,
    *,
    vpc_id: pulumi.Input[str],
    bucket_arn: pulumi.Input[str],
    encryption: bool,
    opts: pulumi.ResourceOptions,
) -> None:
    """Record every flow of a VPC.

    Args:
        name: Logical name of the network.
        conventions: Names and tags.
        vpc_id: The VPC.
        bucket_arn: Where the records go.
        encryption: Whether they say if a flow was encrypted.
        opts: With the parent.
    """
    fields = (*_USUAL_FIELDS, *_ENCRYPTION_FIELDS)
    aws.ec2.FlowLog(
        f"{name}-flow-log",
        vpc_id=vpc_id,
        traffic_type="ALL",
        log_destination_type="s3",
        log_destination=bucket_arn,
        destination_options={
            "file_format": "parquet",
            "hive_compatible_partitions": True,
            "per_hour_partition": True,
        },
        max_aggregation_interval=60,
        log_format=" ".join(f"${{{field}}}" for field in fields) if encryption else None,
        tags=conventions.tags("flow", "main"),
        # EC2 refuses a second one with the same configuration and destination.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )
    if encryption:
        aws.ec2.VpcEncryptionControl(
            f"{name}-encryption-control",
            vpc_id=vpc_id,
            mode="monitor",
            tags=conventions.tags("vec", "main"),
            opts=opts,
        )
