"""Hosts and clusters: metadata service, public addresses, Kubernetes endpoints, functions.

Owns the rules on compute that may be reached from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample
from policy.frame.values import Block

from . import AREA
from .permissions import WORLD

_HOSTS: Final = ("ec2/instance", "ec2/launchTemplate", "ec2/launchConfiguration")


def _metadata(host: Resource) -> Iterator[Block]:
    if host.type == "ec2/instance" and not host.lacks("launchTemplate") and host.lacks("metadataOptions"):
        return
    if host.lacks("metadataOptions"):
        yield Block({})
    yield from host.blocks("metadataOptions")


@AREA.rule(
    "imds-v2-required",
    title="The instance metadata service demands version 2",
    cause="Version 1 hands the role's credentials to any request that a web server can be tricked into making.",
    remedy="Set metadata_options.http_tokens=required.",
    types=_HOSTS,
    severity="high",
    controls=["FSBP EC2.8", "FSBP EC2.170", "cdk-nag EC2IMDSv2Enabled"],
    good=[
        sample("ec2/instance", metadataOptions={"httpTokens": "required"}),
        sample("ec2/launchTemplate", metadataOptions={"httpEndpoint": "disabled"}),
    ],
    bad=[
        sample("ec2/instance", instanceType="t4g.small"),
        sample("ec2/launchTemplate", metadataOptions={"httpTokens": "optional"}),
    ],
)
def imds_v2_required(host: Resource) -> Findings:
    """Look at the options, which a launch template may bring."""
    for options in _metadata(host):
        on = options.is_known("httpEndpoint") and options.text("httpEndpoint") != "disabled"
        if on and options.is_known("httpTokens") and options.text("httpTokens") != "required":
            yield host.finding(f"{host.label} answers metadata requests of version 1")


@AREA.rule(
    "imds-hop-limit",
    title="Metadata answers do not leave the host",
    cause="With a hop limit over 1 containers on the host get the host's role.",
    remedy="Set metadata_options.http_put_response_hop_limit=1.",
    types=_HOSTS,
    good=[sample("ec2/launchTemplate", metadataOptions={"httpTokens": "required", "httpPutResponseHopLimit": 1})],
    bad=[sample("ec2/launchTemplate", metadataOptions={"httpTokens": "required", "httpPutResponseHopLimit": 2})],
)
def imds_hop_limit(host: Resource) -> Findings:
    """Look at the limit, 1 by default."""
    for options in host.blocks("metadataOptions"):
        limit = options.number("httpPutResponseHopLimit")
        if limit is not None and limit > 1:
            yield host.finding(f"{host.label} answers metadata requests over {limit:.0f} hops")


@AREA.rule(
    "host-without-public-address",
    title="Hosts have no public address",
    cause="A host on the internet is scanned within minutes; ours are reached through load balancers and SSM.",
    remedy="Leave associate_public_ip_address off and use a private subnet.",
    types=_HOSTS,
    severity="high",
    controls=["FSBP EC2.9", "FSBP EC2.25", "AWSGuard ec2-instance-no-public-ip", "cdk-nag EC2InstanceNoPublicIp"],
    good=[sample("ec2/instance", associatePublicIpAddress=False)],
    bad=[
        sample("ec2/instance", associatePublicIpAddress=True),
        sample("ec2/launchTemplate", networkInterfaces=[{"associatePublicIpAddress": "true"}]),
    ],
)
def host_without_public_address(host: Resource) -> Findings:
    """Look at the host and at its interfaces."""
    if any(block.is_true("associatePublicIpAddress") for block in [host, *host.blocks("networkInterfaces")]):
        yield host.finding(f"{host.label} gets a public address")


@AREA.rule(
    "eks-endpoint-private",
    title="The Kubernetes API has a private endpoint and no public one",
    cause="A public API server is one stolen token away from every pod.",
    remedy="Set endpoint_private_access=True and endpoint_public_access=False; deploy from the in-VPC runner.",
    types=["eks/cluster"],
    severity="high",
    controls=["FSBP EKS.1", "cdk-nag EKS1", "Pulumi eks-cluster-disallow-api-endpoint-public-access"],
    good=[sample("eks/cluster", vpcConfig={"endpointPrivateAccess": True, "endpointPublicAccess": False})],
    bad=[
        sample("eks/cluster", vpcConfig={"endpointPrivateAccess": True}),
        sample(
            "eks/cluster",
            vpcConfig={
                "endpointPrivateAccess": True,
                "endpointPublicAccess": True,
                "publicAccessCidrs": ["203.0.113.0/24"],
            },
        ),
        sample("eks/cluster", vpcConfig={"endpointPrivateAccess": False, "endpointPublicAccess": False}),
    ],
)
def eks_endpoint_private(cluster: Resource) -> Findings:
    """Look at both switches; the public one is on by default."""
    for config in cluster.blocks("vpcConfig"):
        if config.is_known("endpointPublicAccess") and not config.is_false("endpointPublicAccess"):
            yield cluster.finding(f"{cluster.label} has a public API endpoint")
        if config.not_true("endpointPrivateAccess"):
            yield cluster.finding(f"{cluster.label} has no private API endpoint: nodes take the public way")


@AREA.rule(
    "eks-endpoint-not-open",
    title="A public Kubernetes API admits named addresses only",
    cause="Open to the world, every flaw of the API server is reachable by everybody.",
    remedy="Set public_access_cidrs to the office's and CI's addresses.",
    types=["eks/cluster"],
    severity="critical",
    controls=["FSBP EKS.1", "cdk-nag EKS1"],
    good=[
        sample("eks/cluster", vpcConfig={"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]}),
        sample("eks/cluster", vpcConfig={"endpointPublicAccess": False}),
    ],
    bad=[
        sample("eks/cluster", vpcConfig={"endpointPublicAccess": True, "publicAccessCidrs": [WORLD[0]]}),
        sample("eks/cluster", vpcConfig={"endpointPrivateAccess": True}),
    ],
)
def eks_endpoint_not_open(cluster: Resource) -> Findings:
    """Look at the ranges; without any AWS admits everybody."""
    for config in cluster.blocks("vpcConfig"):
        public = config.is_known("endpointPublicAccess") and not config.is_false("endpointPublicAccess")
        ranges = config.texts("publicAccessCidrs")
        if public and (config.lacks("publicAccessCidrs") or any(item.endswith("/0") for item in ranges)):
            yield cluster.finding(f"{cluster.label} opens the Kubernetes API to the world")


@AREA.rule(
    "eks-node-ssh-limited",
    title="SSH to nodes is limited to security groups",
    cause="A key without source groups opens port 22 of every node to the world.",
    remedy="Leave remote_access out, or set source_security_group_ids.",
    types=["eks/nodeGroup"],
    severity="high",
    good=[sample("eks/nodeGroup", remoteAccess={"ec2SshKey": "ops", "sourceSecurityGroupIds": ["sg-1"]})],
    bad=[sample("eks/nodeGroup", remoteAccess={"ec2SshKey": "ops"})],
)
def eks_node_ssh_limited(group: Resource) -> Findings:
    """Look at remote access with a key."""
    for access in group.blocks("remoteAccess"):
        if not access.lacks("ec2SshKey") and access.lacks("sourceSecurityGroupIds"):
            yield group.finding(f"{group.label} opens SSH of its nodes to the world")


@AREA.rule(
    "lambda-in-vpc",
    title="Functions run in the VPC",
    cause="A function outside the VPC reaches the internet freely and cannot be tied to our endpoints by policy.",
    remedy="Set vpc_config with private subnets and a security group; list functions that only call public AWS "
    "endpoints in a waiver.",
    types=["lambda/function"],
    severity="low",
    controls=["Lambda.3", "cdk-nag LambdaInsideVPC"],
    good=[sample("lambda/function", vpcConfig={"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]})],
    bad=[sample("lambda/function", runtime="python3.13")],
)
def lambda_in_vpc(function: Resource) -> Findings:
    """Look for subnets."""
    if function.lacks("vpcConfig.subnetIds"):
        yield function.finding(f"{function.label} runs outside the VPC")
