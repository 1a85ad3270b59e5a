"""Our own program as edits of its source would leave it: other ports, families, words, keys, and a new way to the ALB.

Each change replaces a resource with a name of ours while others point to it, or changes one that others hold fast.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

import pulumi
from pulumi.runtime import register_stack_transformation

checkout = pulumi.Config("edited").require("checkout")
sys.path.insert(0, checkout)
os.chdir(checkout)

from components import cache, database, edge, was_tier, web_tier  # noqa: E402 - found in the checkout only

_DESCRIBED = (
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:elasticache/parameterGroup:ParameterGroup",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
)


def reword(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    """Change descriptions, folders of logs, and the keys of certificates."""
    if args.type_ in _DESCRIBED:
        return pulumi.ResourceTransformationResult({**args.props, "description": "In other words"}, args.opts)
    if args.type_ == "aws:cloudwatch/logDelivery:LogDelivery":
        elsewhere = [{"suffix_path": "/{yyyy}/{MM}/{dd}", "enable_hive_compatible_path": False}]
        return pulumi.ResourceTransformationResult({**args.props, "s3_delivery_configurations": elsewhere}, args.opts)
    if args.type_ == "aws:acm/certificate:Certificate":
        return pulumi.ResourceTransformationResult({**args.props, "key_algorithm": "RSA_2048"}, args.opts)
    return None


register_stack_transformation(reword)
was_tier.AJP_PORTS.update({service: port + 100 for service, port in was_tier.AJP_PORTS.items()})
web_tier.HTTPD_PORT = 8180  # type: ignore[misc] - this is the edit
database.FAMILY = "aurora-mysql8.4"  # type: ignore[misc]
cache.FAMILY = "valkey9"  # type: ignore[misc]
edge.VPC_ORIGIN = 2  # type: ignore[misc]
runpy.run_path(str(Path(checkout) / "__main__.py"), run_name="__main__")
