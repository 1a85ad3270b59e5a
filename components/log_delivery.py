"""The delivery of one resource's log into the log archive, by CloudWatch's vended logs.

Owns source, destination and the link between them. Does not own the bucket, whose policy admits the delivery
(`storage`), nor what writes the log.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from model.conventions import Conventions


@dataclass(frozen=True, kw_only=True)
class LogDeliveryArgs:
    """What is delivered and where to.

    Attributes:
        conventions: Names and tags.
        role: Role part of the names.
        region: Where the source is: us-east-1 for CloudFront, whatever the bucket's region.
        log_type: What AWS calls the log, such as `ACCESS_LOGS`.
        resource_arn: What writes it.
        bucket_arn: The archive.
        suffix_path: Folder of an object, below the one that AWS sets for the account and the service.
    """

    conventions: Conventions
    role: str
    region: str
    log_type: str
    resource_arn: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    suffix_path: str


class LogDelivery(pulumi.ComponentResource):
    """One log on its way into the archive, as JSON."""

    def __init__(self, name: str, args: LogDeliveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:log_delivery:LogDelivery", name, None, opts)
        child, tags = pulumi.ResourceOptions(parent=self), args.conventions.tagging.tags
        names = {kind: args.conventions.naming.name(kind, args.role) for kind in ("lgs", "lgd", "lgv")}
        source = aws.cloudwatch.LogDeliverySource(
            f"{name}-source",
            name=names["lgs"],
            region=args.region,
            log_type=args.log_type,
            resource_arn=args.resource_arn,
            tags=tags(names["lgs"], args.role),
            opts=child,
        )
        destination = aws.cloudwatch.LogDeliveryDestination(
            f"{name}-destination",
            name=names["lgd"],
            region=args.region,
            output_format="json",
            delivery_destination_configuration={"destination_resource_arn": args.bucket_arn},
            tags=tags(names["lgd"], args.role),
            opts=child,
        )
        aws.cloudwatch.LogDelivery(
            f"{name}-delivery",
            region=args.region,
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            s3_delivery_configurations=[{"suffix_path": args.suffix_path, "enable_hive_compatible_path": False}],
            tags=tags(names["lgv"], args.role),
            # AWS puts its own folder before the suffix when a delivery is made and, by some versions of the provider,
            # not when it is changed: then the bucket's policy refuses what is delivered.
            opts=pulumi.ResourceOptions(
                parent=self, replace_on_changes=["s3DeliveryConfigurations"], delete_before_replace=True
            ),
        )
        self.register_outputs({})
