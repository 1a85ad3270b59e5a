"""Kubernetes access: who administers a cluster, what pods and nodes may do in AWS.

Owns the rules on access entries, Pod Identity and node roles.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample
from policy.iam import identities

from . import AREA

_NODE_POLICIES: Final = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKSWorkerNodeMinimalPolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonSSMManagedInstanceCore",
)
_ADMIN: Final = "AmazonEKSClusterAdminPolicy"
_WRITING: Final = (_ADMIN, "AmazonEKSAdminPolicy", "AmazonEKSEditPolicy")
_POLICY_ARN: Final = "arn:aws:eks::aws:cluster-access-policy/"


def _trust(service: str) -> str:
    return json.dumps(
        {
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": service}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
            ]
        }
    )


_POD_TRUST: Final = _trust("pods.eks.amazonaws.com")
_NODE_TRUST: Final = _trust("ec2.amazonaws.com")


@AREA.rule(
    "eks-access-by-entries",
    title="Clusters authenticate by access entries, without the creator as administrator",
    cause="The aws-auth ConfigMap can lock everybody out with one typing error, and the creator's hidden right shows "
    "in no list.",
    remedy="Set authentication_mode=API and bootstrap_cluster_creator_admin_permissions=False; give the deployer an "
    "access entry.",
    types=["eks/cluster"],
    good=[
        sample(
            "eks/cluster",
            accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
        )
    ],
    bad=[
        sample("eks/cluster", accessConfig={"authenticationMode": "CONFIG_MAP"}),
        sample(
            "eks/cluster",
            accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": True},
        ),
    ],
)
def eks_access_by_entries(cluster: Resource) -> Findings:
    """Look at the access configuration where there is one."""
    if cluster.text("accessConfig.authenticationMode") == "CONFIG_MAP":
        yield cluster.finding(f"{cluster.label} authenticates by the aws-auth ConfigMap")
    if cluster.is_true("accessConfig.bootstrapClusterCreatorAdminPermissions"):
        yield cluster.finding(
            f"{cluster.label} makes its creator administrator: bootstrapClusterCreatorAdmin... is true"
        )


@AREA.rule(
    "eks-admins-named",
    title="Cluster administrators are on the list",
    cause="A cluster administrator reads every Secret of the cluster and can become any workload's role.",
    remedy="Use AmazonEKSEditPolicy or ViewPolicy on namespaces; add true administrators to the setting "
    "`administrators` (globs on the principal's ARN).",
    types=["eks/accessPolicyAssociation"],
    severity="high",
    # People try things in dev's clusters; elsewhere the pipeline alone changes them.
    settings={
        "administrators": [
            "*:role/*-common-role-deploy*",
            "*:role/*-common-role-admin*",
            "*:role/*deployer*",
            "*:role/dev-common-role-operator-*",
        ]
    },
    good=[
        sample(
            "eks/accessPolicyAssociation",
            policyArn=f"{_POLICY_ARN}{_ADMIN}",
            principalArn=f"arn:aws:iam::111122223333:role/{role}",
            accessScope={"type": "cluster"},
        )
        for role in ("prod-common-role-deploy-01", "dev-common-role-operator-01")
    ],
    bad=[
        sample(
            "eks/accessPolicyAssociation",
            policyArn=f"{_POLICY_ARN}{_ADMIN}",
            principalArn=f"arn:aws:iam::111122223333:role/{role}",
            accessScope={"type": "cluster"},
        )
        for role in ("developers", "prod-common-role-operator-01")
    ],
)
def eks_admins_named(association: Resource, run: Run) -> Findings:
    """Compare the principal with the list."""
    principal = association.text("principalArn")
    if not (association.text("policyArn") or "").endswith(_ADMIN) or principal is None:
        return
    if not any(fnmatchcase(principal, pattern) for pattern in run.texts("administrators")):
        yield association.finding(f"{association.label} makes {principal} cluster administrator")


@AREA.rule(
    "eks-access-in-namespaces",
    title="Writing access to a cluster is limited to namespaces",
    cause="Edit rights on the whole cluster reach kube-system and every other service.",
    remedy="Set access_scope to type namespace with the service's namespaces.",
    types=["eks/accessPolicyAssociation"],
    good=[
        sample(
            "eks/accessPolicyAssociation",
            policyArn=f"{_POLICY_ARN}AmazonEKSEditPolicy",
            accessScope={"type": "namespace", "namespaces": ["pay"]},
        )
    ],
    bad=[
        sample(
            "eks/accessPolicyAssociation",
            policyArn=f"{_POLICY_ARN}AmazonEKSEditPolicy",
            accessScope={"type": "cluster"},
        )
    ],
)
def eks_access_in_namespaces(association: Resource) -> Findings:
    """Look at the scope; cluster administrators are the other rule's."""
    policy = (association.text("policyArn") or "").rpartition("/")[2]
    if policy in _WRITING and policy != _ADMIN and association.text("accessScope.type") == "cluster":
        yield association.finding(f"{association.label} gives {policy} on the whole cluster")


@AREA.rule(
    "pod-role-for-one-workload",
    title="A pod's role belongs to one cluster, namespace and service account",
    cause="Two workloads with one role have each other's rights.",
    remedy="Make a role for each Pod Identity association.",
    types=["iam/role"],
    severity="high",
    scope="stack",
    good=[
        (
            sample("iam/role", "pay", assumeRolePolicy=_POD_TRUST),
            sample(
                "eks/podIdentityAssociation",
                "pay-identity",
                roleArn=Ref("pay", "arn"),
                clusterName="was",
                namespace="pay",
                serviceAccount="was-pay",
            ),
        )
    ],
    bad=[
        (
            sample("iam/role", "shared", assumeRolePolicy=_POD_TRUST),
            sample(
                "eks/podIdentityAssociation",
                "pay-identity",
                roleArn=Ref("shared", "arn"),
                clusterName="was",
                namespace="pay",
                serviceAccount="was-pay",
            ),
            sample(
                "eks/podIdentityAssociation",
                "item-identity",
                roleArn=Ref("shared", "arn"),
                clusterName="was",
                namespace="item",
                serviceAccount="was-item",
            ),
        ),
    ],
)
def pod_role_for_one_workload(role: Resource, run: Run) -> Findings:
    """Count the workloads that are associated with the role."""
    sides = run.stack.sides(role, "eks/podIdentityAssociation", "roleArn")
    workloads = {(side.text("namespace"), side.text("serviceAccount")) for side in sides}
    if len(sides) > 1 and (len(workloads) > 1 or len({side.text("clusterName") for side in sides}) > 1):
        yield role.finding(f"{role.label} is shared by {len(sides)} Pod Identity associations")


@AREA.rule(
    "pod-role-without-node-rights",
    title="Pod roles hold no node-level rights",
    cause="Node policies manage network interfaces of the whole VPC and pull every image.",
    remedy="Attach only the workload's own policy.",
    types=["iam/role"],
    severity="high",
    scope="stack",
    good=[(sample("iam/role", "pay", assumeRolePolicy=_POD_TRUST),)],
    bad=[
        (
            sample("iam/role", "pay", assumeRolePolicy=_POD_TRUST),
            sample(
                "iam/rolePolicyAttachment",
                "cni",
                role=Ref("pay"),
                policyArn="arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
            ),
        )
    ],
)
def pod_role_without_node_rights(role: Resource, run: Run) -> Findings:
    """Look at what is attached to roles that pods assume."""
    if not identities.trusts(role, "pods.eks.amazonaws.com"):
        return
    names = [arn.rpartition("/")[2] for arn in identities.managed_arns(role, run.stack)]
    found = [name for name in names if name.startswith("AmazonEKSWorkerNode") or name == "AmazonEKS_CNI_Policy"]
    if found:
        yield role.finding(f"{role.label} is a pod's role and holds {', '.join(found)}")


def _is_node_role(role: Resource, run: Run) -> bool:
    stack = run.stack
    return bool(
        stack.sides(role, "eks/nodeGroup", "nodeRoleArn")
        or stack.sides(role, "eks/cluster", "computeConfig.nodeRoleArn")
        or any(entry.text("type") == "EC2" for entry in stack.sides(role, "eks/accessEntry", "principalArn"))
    )


@AREA.rule(
    "node-role-minimal",
    title="Node roles hold only what a node needs",
    cause="Every pod on a node can reach for the node's rights; what one service needs does not belong there.",
    remedy="Move the rights to a Pod Identity role of the service.",
    types=["iam/role"],
    severity="high",
    scope="stack",
    good=[
        (
            sample("iam/role", "node", assumeRolePolicy=_NODE_TRUST),
            sample(
                "iam/rolePolicyAttachment",
                "worker",
                role=Ref("node"),
                policyArn="arn:aws:iam::aws:policy/AmazonEKSWorkerNodeMinimalPolicy",
            ),
            sample("eks/nodeGroup", "apps", nodeRoleArn=Ref("node", "arn")),
        )
    ],
    bad=[
        (
            sample("iam/role", "node", assumeRolePolicy=_NODE_TRUST),
            sample("iam/rolePolicy", "bucket", role=Ref("node"), policy="{}"),
            sample("eks/nodeGroup", "apps", nodeRoleArn=Ref("node", "arn")),
        ),
        (
            sample("iam/role", "node", assumeRolePolicy=_NODE_TRUST),
            sample(
                "iam/rolePolicyAttachment",
                "s3",
                role=Ref("node"),
                policyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
            ),
            sample("eks/cluster", "was", computeConfig={"enabled": True, "nodeRoleArn": Ref("node", "arn")}),
        ),
    ],
)
def node_role_minimal(role: Resource, run: Run) -> Findings:
    """Look at what is attached to roles that nodes assume."""
    if not _is_node_role(role, run):
        return
    names = [arn.rpartition("/")[2] for arn in identities.managed_arns(role, run.stack)]
    extra = [name for name in names if name not in _NODE_POLICIES]
    inline = identities.inline_policies(role, run.stack)
    if extra or inline:
        what = [*extra, *(side.label for side in inline)]
        yield role.finding(f"{role.label} is a node's role and also holds {', '.join(what)}")
