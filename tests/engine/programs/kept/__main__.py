"""A queue and a network that outlive their stack and are taken back by import."""

import pulumi
import pulumi_aws as aws

stage = pulumi.Config().require("stage")
if stage != "leave":
    for name, kind, arguments in (
        ("queue", aws.sqs.Queue, {"name": "kept", "delay_seconds": 3}),
        ("net", aws.ec2.Vpc, {"cidr_block": "10.0.0.0/16", "tags": {"Name": "kept"}}),
    ):
        known = pulumi.Config().get(f"{name}Id") if stage == "take" else None
        made = kind(name, **arguments, opts=pulumi.ResourceOptions(retain_on_delete=True, import_=known))
        pulumi.export(name, made.id)
