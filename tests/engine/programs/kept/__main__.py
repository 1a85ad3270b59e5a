"""A queue and a network that outlive their stack and are taken back by import."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
stage = config.require("stage")


def kept(name: str) -> pulumi.ResourceOptions:
    """Stay when the program no longer says so; be taken back by id."""
    known = config.get(f"{name}Id") if stage == "take" else None
    return pulumi.ResourceOptions(retain_on_delete=True, import_=known)


if stage != "leave":
    queue = aws.sqs.Queue("queue", name="kept", delay_seconds=3, opts=kept("queue"))
    net = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", tags={"Name": "kept"}, opts=kept("net"))
    pulumi.export("queue", queue.id)
    pulumi.export("net", net.id)
