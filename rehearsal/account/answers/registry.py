"""The registry: images, their scans, and the password to push with."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any, Final

from rehearsal.account import images
from rehearsal.account.answers.frame import Answer, ApiError, Call

_REPOSITORY: Final = "aws:ecr/repository:Repository"
_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"


def _arn(call: Call) -> str:
    return call.arn("ecr", f"repository/{call.text('repositoryName')}")


def _repository(call: Call) -> str:
    name = call.text("repositoryName")
    if call.one(_REPOSITORY, "name", name) is None:
        raise ApiError(
            "RepositoryNotFoundException",
            f"The repository with name '{name}' does not exist in the registry with id '{call.account}'",
        )
    return name


def _find(call: Call, wanted: dict[str, str]) -> images.Image | None:
    return images.find(
        call.cloud,
        call.past,
        call.text("repositoryName"),
        call.region,
        tag=wanted.get("imageTag", ""),
        digest=wanted.get("imageDigest", ""),
    )


def _absent(call: Call, wanted: dict[str, str]) -> ApiError:
    shown = f"imageDigest:'{wanted.get('imageDigest', 'null')}', imageTag:'{wanted.get('imageTag', 'null')}'"
    return ApiError(
        "ImageNotFoundException",
        f"The image with imageId {{{shown}}} does not exist within the repository with name "
        f"'{call.text('repositoryName')}' in the registry with id '{call.account}'",
    )


def _describe(call: Call) -> dict[str, Any]:
    name = _repository(call)
    found: list[images.Image] = []
    for wanted in call.several("imageIds"):
        image = _find(call, wanted)
        if image is None:
            raise _absent(call, wanted)
        found.append(image)
    if not call.several("imageIds"):
        found = images.pushed(call.cloud, name, call.region)
    return {
        "imageDetails": [
            {
                "registryId": call.account,
                "repositoryName": name,
                "imageDigest": image.digest,
                "imageTags": [image.tag] if image.tag else [],
                "imageSizeInBytes": 1,
                "imagePushedAt": _MOMENT,
            }
            for image in found
        ]
    }


def _get(call: Call) -> dict[str, Any]:
    name = _repository(call)
    found: list[dict[str, Any]] = []
    failures: list[dict[str, Any]] = []
    for wanted in call.several("imageIds"):
        image = _find(call, wanted)
        if image is None:
            failure = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
            failures.append({"imageId": wanted, **failure})
        else:
            identity = {"imageDigest": image.digest, **({"imageTag": image.tag} if image.tag else {})}
            one = {"registryId": call.account, "repositoryName": name, "imageId": identity}
            found.append({**one, "imageManifest": "{}", "imageManifestMediaType": _MANIFEST})
    return {"images": found, "failures": failures}


def _scan(call: Call) -> dict[str, Any]:
    name = _repository(call)
    wanted: dict[str, str] = call.arguments["imageId"]
    image = _find(call, wanted)
    if image is None:
        raise _absent(call, wanted)
    # Inspector's scans go on as long as the image is there: their status stays ACTIVE.
    return {
        "registryId": call.account,
        "repositoryName": name,
        "imageId": {"imageDigest": image.digest, **({"imageTag": image.tag} if image.tag else {})},
        "imageScanStatus": {"status": "ACTIVE", "description": "Continuous scan is selected for image."},
        "imageScanFindings": {
            "imageScanCompletedAt": _MOMENT,
            "findingSeverityCounts": {},
            "enhancedFindings": [],
        },
    }


def _repositories(call: Call) -> dict[str, Any]:
    names: list[str] = call.several("repositoryNames")
    found = call.cloud.list(_REPOSITORY, location=call.region)
    for name in names:
        if name not in [one.properties.get("name") for one in found]:
            message = f"The repository with name '{name}' does not exist in the registry with id '{call.account}'"
            raise ApiError("RepositoryNotFoundException", message)
    return {
        "repositories": [
            {
                "repositoryArn": one.properties["arn"],
                "registryId": call.account,
                "repositoryName": one.properties["name"],
                "repositoryUri": one.properties["repositoryUrl"],
            }
            for one in found
            if not names or one.properties["name"] in names
        ]
    }


def _password(call: Call) -> dict[str, Any]:
    token = base64.b64encode(b"AWS:password-of-the-rehearsal").decode()
    address = f"https://{call.account}.dkr.ecr.{call.region}.amazonaws.com"
    return {"authorizationData": [{"authorizationToken": token, "expiresAt": _MOMENT, "proxyEndpoint": address}]}


ANSWERS = {
    "ecr:DescribeImages": Answer(action="ecr:DescribeImages", reply=_describe, resource=_arn),
    "ecr:BatchGetImage": Answer(action="ecr:BatchGetImage", reply=_get, resource=_arn),
    "ecr:DescribeImageScanFindings": Answer(action="ecr:DescribeImageScanFindings", reply=_scan, resource=_arn),
    "ecr:DescribeRepositories": Answer(
        action="ecr:DescribeRepositories", reply=_repositories, resource=lambda call: call.arn("ecr", "repository/*")
    ),
    "ecr:GetAuthorizationToken": Answer(action="ecr:GetAuthorizationToken", reply=_password),
}
