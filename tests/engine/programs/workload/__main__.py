"""One cluster with a node pool, a namespace of restricted pods, a few objects and a small release."""

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as k8s

config = pulumi.Config()
wrong = config.require("wrong")
account = aws.Provider("aws", region="ap-northeast-2")
opts = pulumi.ResourceOptions(provider=account)


def role(name: str, service: str) -> aws.iam.Role:
    """A role that a service may take."""
    statement = aws.iam.GetPolicyDocumentStatementArgsDict(
        actions=["sts:AssumeRole"], principals=[{"type": "Service", "identifiers": [service]}]
    )
    policy = aws.iam.get_policy_document_output(
        statements=[statement], opts=pulumi.InvokeOutputOptions(provider=account)
    )
    return aws.iam.Role(name, name=name, assume_role_policy=policy.json, opts=opts)


def without_creator_admin(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """What the real program does too."""
    if args.type_ != "aws:eks/cluster:Cluster":
        return None
    access = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
    return pulumi.ResourceTransformResult(props={**args.props, "accessConfig": access}, opts=args.opts)


vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=opts)
subnets = [
    aws.ec2.Subnet(
        f"subnet-{zone}",
        vpc_id=vpc.id,
        cidr_block=f"10.0.{number}.0/24",
        availability_zone=f"ap-northeast-2{zone}",
        opts=opts,
    )
    for number, zone in enumerate("ab")
]
cluster_role, node_role = role("cluster", "eks.amazonaws.com"), role("node", "ec2.amazonaws.com")
cluster = eks.Cluster(
    "small",
    name="small",
    version=config.require("version"),
    vpc_id=vpc.id,
    private_subnet_ids=[subnet.id for subnet in subnets],
    service_role=cluster_role,
    authentication_mode=None if wrong == "access" else eks.AuthenticationMode.API,
    access_entries={
        "deployer": eks.AccessEntryArgs(
            principal_arn=node_role.arn,
            access_policies={
                "admin": eks.AccessPolicyAssociationArgs(
                    policy_arn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
                    access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                )
            },
        )
    },
    auto_mode=eks.AutoModeOptionsArgs(
        enabled=True,
        create_node_role=False,
        compute_config=eks.ClusterComputeConfigArgs(
            node_pools=[eks.ClusterNodePools.SYSTEM], node_role_arn=node_role.arn
        ),
    ),
    endpoint_private_access=True,
    endpoint_public_access=False,
    skip_default_node_group=True,
    create_instance_role=False,
    skip_default_security_groups=True,
    coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False),
    opts=pulumi.ResourceOptions(provider=account, transforms=[without_creator_admin]),
)
provider = k8s.Provider(
    "kubernetes",
    kubeconfig=pulumi.Output.secret(cluster.kubeconfig_json),
    cluster_identifier="small",
)
inside = pulumi.ResourceOptions(provider=provider)
node_class = k8s.apiextensions.CustomResource(
    "class",
    api_version="eks.amazonaws.com/v1",
    kind="NodeClass",
    metadata={"name": "small"},
    spec={
        "role": "node",
        "subnetSelectorTerms": [{"id": subnet.id} for subnet in subnets],
        "securityGroupSelectorTerms": [{"id": cluster.cluster_security_group_id}],
    },
    opts=inside,
)
pool = k8s.apiextensions.CustomResource(
    "pool",
    api_version="karpenter.sh/v1",
    kind="NodePool",
    metadata={"name": "small"},
    spec={
        "template": {
            "spec": {
                "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "small"},
                "requirements": [{"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"]}],
            }
        }
    },
    opts=pulumi.ResourceOptions(provider=provider, depends_on=[node_class]),
)
namespace = k8s.core.v1.Namespace(
    "namespace",
    metadata={"name": "small", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    opts=inside,
)
here = pulumi.ResourceOptions(provider=provider, depends_on=[namespace, pool])
k8s.core.v1.ConfigMap("settings", metadata={"namespace": "small"}, data={"text": config.require("text")}, opts=here)
k8s.core.v1.Secret(
    "secret",
    metadata={"name": "secret", "namespace": "small"},
    string_data={"word": pulumi.Output.secret(config.require("word"))},
    opts=here,
)
k8s.apiextensions.CustomResource(
    "binding",
    api_version="eks.amazonaws.com/v1",
    kind="TargetGroupBinding",
    # The provider's own setting, enablePatchForce, is younger than the provider that can be built.
    metadata={
        "name": "small",
        "namespace": "small",
        **({"annotations": {"pulumi.com/patchForce": "true"}} if config.require_bool("force") else {}),
    },
    spec={
        "targetGroupARN": "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/x/0123456789abcdef",
        "targetType": "ip",
        "serviceRef": {"name": "small", "port": "http"},
        **({"targetGroupName": "x"} if wrong == "field" else {}),
    },
    opts=here,
)
if wrong == "pod":
    k8s.core.v1.Pod(
        "root",
        metadata={"name": "root", "namespace": "small"},
        spec=k8s.core.v1.PodSpecArgs(
            containers=[
                k8s.core.v1.ContainerArgs(
                    name="main", image="x", security_context=k8s.core.v1.SecurityContextArgs(privileged=True)
                )
            ]
        ),
        opts=here,
    )
release = k8s.helm.v3.Release(
    "release",
    name="small",
    namespace="small",
    chart="chart",
    values={
        "replicas": config.require_int("replicas"),
        "text": None if wrong == "null" else config.require("text"),
        "checksum": config.require("checksum"),
    },
    reset_values=True,
    atomic=True,
    cleanup_on_fail=True,
    timeout=config.require_int("timeout"),
    opts=here,
)
pulumi.export("status", release.status)
pulumi.export("names", release.resource_names)
pulumi.export("group", cluster.cluster_security_group_id)
