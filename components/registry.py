"""The container registry: where images are pushed to, and from where both clusters pull them.

Owns the repositories of the two images, how long they keep versions, and their twins in another region. Does not own
who pulls: each node role may, by its own policy. Nothing is pulled through it from elsewhere: EKS's add-ons come from
AWS's registries.

Images go where the backups go, because a restored database serves nobody without them. The twins are repositories of
our own, made before replication starts, and not left to a creation template: a template of that registry would hold
for all its repositories and give them one name tag, one lifecycle and a role of its own, and no policy would see them.

A scan on push is ECR's basic one; where Inspector is on, the registry scans all of the time and ignores the switch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import pulumi
import pulumi_aws as aws

from components.keys import Keys
from components.stateful import beside_kept, keeping
from model import settings

Image: TypeAlias = Literal["web", "was"]
_UNTAGGED_DAYS: Final = 7
"""Untagged is what no index refers to any more: the rest of a push that broke off."""


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """What the registry needs.

    Attributes:
        settings: All settings of the stack.
        keys: The images key encrypts the repositories, the copies key their twins.
    """

    settings: settings.Settings
    keys: Keys


class Registry(pulumi.ComponentResource):
    """One repository per image, with a twin in the copies' region where the stack has one."""

    repositories: dict[Image, pulumi.Output[str]]
    """Address of each image without its tag."""

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:registry:Registry", name, None, opts)
        self._name, self._settings, self._conventions = name, args.settings, args.settings.conventions
        images: tuple[Image, ...] = get_args(Image)
        self.repositories = {
            image: self._repository(image, args.keys.arns["images"]).repository_url for image in images
        }
        region, key_arn = args.settings.backup.copy_region, args.keys.copies_arn
        if region is not None and key_arn is not None:
            self._replicate(region, [self._repository(image, key_arn, region) for image in images])
        self.register_outputs({"repositories": self.repositories})

    def _repository(self, image: Image, key_arn: pulumi.Input[str], region: str | None = None) -> aws.ecr.Repository:
        conventions = self._conventions
        # Replication goes by name: the twin has the same one.
        physical = conventions.naming.name("ecr", image)
        name = f"{self._name}-{image}" if region is None else f"{self._name}-{image}-copy"
        repository = aws.ecr.Repository(
            name,
            name=physical,
            region=region,
            image_tag_mutability="IMMUTABLE",
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": key_arn}],
            image_scanning_configuration={"scan_on_push": True},
            # A disposable environment is torn down with its images.
            force_delete=conventions.disposable,
            tags=conventions.tagging.tags(physical, image),
            opts=keeping(conventions, self),
        )
        aws.ecr.LifecyclePolicy(
            f"{name}-lifecycle",
            region=region,
            repository=repository.name,
            policy=json.dumps(_lifecycle(self._settings.registry.versions)),
            opts=beside_kept(conventions, self),
        )
        return repository

    def _replicate(self, region: str, twins: list[aws.ecr.Repository]) -> None:
        conventions = self._conventions
        aws.ecr.ReplicationConfiguration(
            f"{self._name}-replication",
            replication_configuration={
                "rules": [
                    {
                        "destinations": [{"region": region, "registry_id": conventions.account_id}],
                        "repository_filters": [
                            {"filter": conventions.naming.name("ecr", image), "filter_type": "PREFIX_MATCH"}
                            for image in self.repositories
                        ],
                    }
                ]
            },
            # Replication that finds no repository makes one without key, lifecycle and tags.
            opts=pulumi.ResourceOptions(parent=self, depends_on=twins),
        )


def _lifecycle(versions: int) -> dict[str, object]:
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Rests of broken pushes",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": _UNTAGGED_DAYS,
                },
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 2,
                "description": "Versions beyond those that are kept",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPatternList": ["*"],
                    "countType": "imageCountMoreThan",
                    "countNumber": versions,
                },
                "action": {"type": "expire"},
            },
        ]
    }
