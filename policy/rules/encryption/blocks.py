"""Block devices: root and data disks of instances, launch templates and images.

Owns the rules on disks that are described inside another resource. An account whose stack turns default encryption on
encrypts what says nothing; only an explicit false is then wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.frame.values import Block

from . import AREA

_DEFAULT_ON = sample("ebs/encryptionByDefault", "default", enabled=True)


def _disks(resource: Resource) -> Iterator[tuple[str, Block]]:
    if resource.type == "ec2/launchTemplate":
        for mapping in resource.blocks("blockDeviceMappings"):
            for disk in mapping.blocks("ebs"):
                yield mapping.text("deviceName") or "a disk", disk
        return
    if resource.type in ("ec2/instance", "ec2/launchConfiguration"):
        roots = resource.blocks("rootBlockDevice")
        if not roots and resource.lacks("rootBlockDevice") and resource.lacks("launchTemplate"):
            roots = [Block({})]
        yield from (("the root disk", disk) for disk in roots)
    for disk in resource.blocks("ebsBlockDevices"):
        yield disk.text("deviceName") or "a disk", disk


def _encrypted_by_default(run: Run) -> bool:
    return any(not item.is_false("enabled") for item in run.stack.of("ebs/encryptionByDefault"))


@AREA.rule(
    "block-devices-encrypted",
    title="Disks of instances, launch templates and images are encrypted",
    cause="The root disk holds logs, caches and credentials; a snapshot of an unencrypted one can be copied and read.",
    remedy="Set encrypted=True on every block device (root included), or turn EBS encryption by default on.",
    types=["ec2/instance", "ec2/launchTemplate", "ec2/ami", "ec2/launchConfiguration"],
    severity="high",
    scope="stack",
    controls=["FSBP EC2.181", "cdk-nag EC26", "AWSGuard encrypted-volumes"],
    good=[
        sample("ec2/instance", rootBlockDevice={"encrypted": True}),
        (_DEFAULT_ON, sample("ec2/instance", instanceType="t4g.small")),
        sample("ec2/launchTemplate", blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true"}}]),
    ],
    bad=[
        sample("ec2/instance", instanceType="t4g.small"),
        sample("ec2/instance", rootBlockDevice={"encrypted": True}, ebsBlockDevices=[{"deviceName": "/dev/sdf"}]),
        sample("ec2/launchConfiguration", instanceType="t4g.small"),
        sample("ec2/launchTemplate", blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 20}}]),
        (_DEFAULT_ON, sample("ec2/instance", rootBlockDevice={"encrypted": False})),
        sample("ec2/ami", ebsBlockDevices=[{"deviceName": "/dev/xvda", "encrypted": False}]),
    ],
)
def block_devices_encrypted(resource: Resource, run: Run) -> Findings:
    """Look at every disk described in the resource; a disk restored from a snapshot follows the snapshot."""
    by_default = _encrypted_by_default(run)
    for name, disk in _disks(resource):
        if disk.is_false("encrypted") or (disk.not_true("encrypted") and not by_default and disk.lacks("snapshotId")):
            yield resource.finding(f"{resource.label}: {name} is not encrypted")


@AREA.rule(
    "block-devices-customer-key",
    title="Disks of instances and launch templates use a customer-managed key",
    cause="With the account's aws/ebs key a snapshot cannot be shared with the DR account, and nobody can shut it off.",
    remedy="Set kms_key_id on every block device to the data key.",
    types=["ec2/instance", "ec2/launchTemplate"],
    severity="low",
    good=[
        sample(
            "ec2/instance",
            rootBlockDevice={"encrypted": True, "kmsKeyId": "arn:aws:kms:ap-northeast-2:111122223333:key/1"},
        )
    ],
    bad=[
        sample("ec2/instance", rootBlockDevice={"encrypted": True}),
        sample("ec2/launchTemplate", blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true"}}]),
    ],
)
def block_devices_customer_key(resource: Resource) -> Findings:
    """Look at the key of every encrypted disk."""
    for name, disk in _disks(resource):
        if disk.is_true("encrypted") and disk.lacks("kmsKeyId"):
            yield resource.finding(f"{resource.label}: {name} uses the AWS-managed key")


@AREA.rule(
    "only-encrypted-volumes-attached",
    title="Only encrypted volumes are attached",
    cause="An unencrypted volume beside encrypted ones takes their data in clear.",
    remedy="Encrypt the volume (copy its snapshot with encryption) before it is attached.",
    types=["ec2/volumeAttachment"],
    severity="high",
    scope="stack",
    controls=["FSBP EC2.3"],
    good=[(sample("ebs/volume", "data", encrypted=True), sample("ec2/volumeAttachment", "to", volumeId=Ref("data")))],
    bad=[(sample("ebs/volume", "data"), sample("ec2/volumeAttachment", "to", volumeId=Ref("data")))],
)
def only_encrypted_volumes_attached(attachment: Resource, run: Run) -> Findings:
    """Follow the attachment to its volume."""
    for volume in run.stack.targets(attachment, "volumeId", "ebs/volume"):
        if volume.not_true("encrypted") and not _encrypted_by_default(run):
            yield attachment.finding(f"{attachment.label} attaches {volume.label}, which is not encrypted")
