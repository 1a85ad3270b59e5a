"""The kubeconfig that the official component hands out: it names the cluster and asks `aws eks get-token` for a token.

Owns its shape only. Not marked secret, as in the official component: the program does that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi import Input

    from rehearsal.cloud import JsonObject

_TOKEN_API = "client.authentication.k8s.io/v1beta1"  # noqa: S105 - the name of an API version


def credentials(given: Input[Mapping[str, str]] | None, *, profile: str | None) -> Input[Mapping[str, str]]:
    """What the kubeconfig logs in with: what the program gives, even if empty, or the profile of whoever deploys.

    Args:
        given: `providerCredentialOpts`.
        profile: AWS_PROFILE, or `aws:profile` of the stack.
    """
    if given is not None:
        return given
    return {"profileName": profile} if profile else {}


def kubeconfig(
    *, cluster: str, endpoint: str, region: str, certificate: str, credentials: Mapping[str, str], with_profile: bool
) -> JsonObject:
    """The configuration as an object.

    Args:
        cluster: the cluster's physical name.
        endpoint: URL of the API server.
        region: AWS region of the cluster.
        certificate: base64 of the certificate authority's certificate.
        credentials: `roleArn` and `profileName`, both optional.
        with_profile: whether `profileName` is written into it (the component's own provider: yes; the output: no).
    """
    arguments = ["--region", region, "eks", "get-token", "--cluster-name", cluster, "--output", "json"]
    if role := credentials.get("roleArn"):
        arguments += ["--role", role]
    if with_profile and (profile := credentials.get("profileName")):
        arguments += ["--profile", profile]
    info = json.dumps({"apiVersion": _TOKEN_API})
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "kubernetes", "cluster": {"server": endpoint, "certificate-authority-data": certificate}}
        ],
        "contexts": [{"name": "aws", "context": {"cluster": "kubernetes", "user": "aws"}}],
        "current-context": "aws",
        "users": [
            {
                "name": "aws",
                "user": {
                    "exec": {
                        "apiVersion": _TOKEN_API,
                        "command": "aws",
                        "args": [*arguments],
                        "env": [{"name": "KUBERNETES_EXEC_INFO", "value": info}],
                    }
                },
            }
        ],
    }
