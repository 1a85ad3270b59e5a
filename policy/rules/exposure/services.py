"""Exposure of services beside the platform's own: a table of demanded values.

Owns the public switches of data stores, brokers, notebooks and gateways that a team may add to the platform.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, given, never, not_off, off, on, one_of

from . import AREA

_FOUND: Final = "What has a public address is found by scanners the same day."

for _id, _type, _what, _control in (
    ("redshift-not-public", "redshift/cluster", "Redshift clusters", "Redshift.1"),
    ("redshift-serverless-not-public", "redshiftserverless/workgroup", "Redshift workgroups", "RedshiftServerless.3"),
    ("neptune-not-public", "neptune/clusterInstance", "Neptune instances", "Neptune"),
    ("mq-not-public", "mq/broker", "Message brokers", "MQ"),
):
    demand(
        AREA,
        _id,
        _type,
        f"{_what} have no public address",
        wants=[off("publiclyAccessible")],
        cause=_FOUND,
        remedy="Leave publicly_accessible off; clients reach it inside the VPC.",
        severity="critical",
        controls=[_control],
    )

demand(
    AREA,
    "dms-not-public",
    "dms/replicationInstance",
    "Replication instances have no public address",
    wants=[off("publiclyAccessible")],
    cause="It holds the credentials of both databases.",
    remedy="Set publicly_accessible=False.",
    severity="critical",
    controls=["DMS.1"],
)
demand(
    AREA,
    "redshift-in-vpc",
    ["redshift/cluster", "redshiftserverless/workgroup"],
    "Redshift moves data through the VPC",
    wants=[on("enhancedVpcRouting")],
    cause="COPY and UNLOAD otherwise take the internet, past flow logs and endpoints.",
    remedy="Set enhanced_vpc_routing=True.",
    controls=["Redshift.7", "cdk-nag RS10"],
)
demand(
    AREA,
    "redshift-own-subnets",
    "redshift/cluster",
    "Redshift clusters lie in a subnet group of ours",
    wants=[given("clusterSubnetGroupName", "prod-common-rsg-data-01")],
    cause="Without one the cluster lies in the default VPC, whose subnets are public.",
    remedy="Set cluster_subnet_group_name.",
    severity="medium",
    controls=["Redshift.16"],
)
demand(
    AREA,
    "domain-locked",
    "route53domains/registeredDomain",
    "Domains are locked against transfer",
    wants=[not_off("transferLock")],
    cause="Whoever moves the domain to another registrar owns every name in it.",
    remedy="Leave transfer_lock on.",
    severity="high",
)
demand(
    AREA,
    "opensearch-in-vpc",
    ["opensearch/domain", "elasticsearch/domain"],
    "Search domains lie in the VPC",
    wants=[given("vpcOptions.subnetIds", ["subnet-1"])],
    cause="A domain outside a VPC has a public endpoint that one wrong policy opens.",
    remedy="Set vpc_options with private subnets and a security group.",
    severity="high",
    controls=["Opensearch.2", "ES.2", "cdk-nag OS1"],
)
demand(
    AREA,
    "msk-not-public",
    "msk/cluster",
    "Kafka brokers have no public address",
    wants=[never("brokerNodeGroupInfo.connectivityInfo.publicAccess.type", "SERVICE_PROVIDED_EIPS")],
    cause=_FOUND,
    remedy="Leave public access at DISABLED.",
    severity="high",
    controls=["MSK.4"],
)
demand(
    AREA,
    "msk-authenticates",
    "msk/cluster",
    "Kafka clusters know their clients",
    wants=[off("clientAuthentication.unauthenticated")],
    cause="Without authentication whoever reaches the port reads and writes every topic.",
    remedy="Use IAM, SASL/SCRAM or TLS client authentication; leave unauthenticated off.",
    severity="high",
    controls=["MSK.6", "cdk-nag MSK3"],
)
demand(
    AREA,
    "ecs-service-private",
    "ecs/service",
    "Tasks get no public address",
    wants=[off("networkConfiguration.assignPublicIp")],
    cause=_FOUND,
    remedy="Leave assign_public_ip off and use private subnets with NAT or endpoints.",
    severity="high",
    controls=["ECS.2"],
)
demand(
    AREA,
    "notebook-private",
    "sagemaker/notebookInstance",
    "Notebooks have no direct way to the internet",
    wants=[one_of("directInternetAccess", "Disabled", wrong="Enabled")],
    cause="A notebook with production data and a direct way out is an exfiltration tool.",
    remedy="Set direct_internet_access=Disabled with subnet_id and security_groups.",
    severity="high",
    controls=["SageMaker.1", "cdk-nag SM3"],
)
demand(
    AREA,
    "notebook-in-vpc",
    "sagemaker/notebookInstance",
    "Notebooks lie in the VPC",
    wants=[given("subnetId", "subnet-1")],
    cause="Outside the VPC neither endpoints nor flow logs see what a notebook fetches and sends.",
    remedy="Set subnet_id and security_groups.",
    controls=["SageMaker.2", "cdk-nag SM1"],
)
demand(
    AREA,
    "transfer-private",
    "transfer/server",
    "Transfer servers lie in the VPC",
    wants=[one_of("endpointType", "VPC", "VPC_ENDPOINT", wrong="PUBLIC")],
    cause="A public endpoint is tried all day.",
    remedy="Set endpoint_type=VPC.",
    severity="high",
)
demand(
    AREA,
    "notebook-imds-v2",
    "sagemaker/notebookInstance",
    "Notebooks demand version 2 of the metadata service",
    wants=[one_of("instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion", "2", wrong="1")],
    cause="Version 1 hands the role's credentials to any request that a notebook can be tricked into making.",
    remedy="Set instance_metadata_service_configuration.minimum_instance_metadata_service_version=2.",
)
demand(
    AREA,
    "notebook-without-root",
    "sagemaker/notebookInstance",
    "Users of notebooks are not root",
    wants=[one_of("rootAccess", "Disabled", wrong="Enabled")],
    cause="Root on the notebook changes its network settings and reads other users' files.",
    remedy="Set root_access=Disabled.",
    controls=["SageMaker.3"],
)
demand(
    AREA,
    "sagemaker-domain-private",
    "sagemaker/domain",
    "SageMaker domains use the VPC only",
    wants=[one_of("appNetworkAccessType", "VpcOnly", wrong="PublicInternetOnly")],
    cause="Studio otherwise reaches the internet by a network of AWS that nobody watches.",
    remedy="Set app_network_access_type=VpcOnly.",
    severity="high",
)
demand(
    AREA,
    "sagemaker-model-isolated",
    "sagemaker/model",
    "Models run without a network of their own",
    wants=[on("enableNetworkIsolation")],
    cause="A model container that calls out can send away what it is asked.",
    remedy="Set enable_network_isolation=True.",
    controls=["SageMaker.5"],
)
demand(
    AREA,
    "transit-gateway-needs-acceptance",
    "ec2transitgateway/transitGateway",
    "Transit gateways accept attachments by hand",
    wants=[one_of("autoAcceptSharedAttachments", "disable", wrong="enable", default=True)],
    cause="Every account that the gateway is shared with could join the network unseen.",
    remedy="Leave auto_accept_shared_attachments at disable.",
    severity="high",
    controls=["EC2.23"],
)
demand(
    AREA,
    "emr-not-public",
    "emr/blockPublicAccessConfiguration",
    "EMR refuses clusters that are open to the world",
    wants=[on("blockPublicSecurityGroupRules")],
    cause="An open cluster runs anybody's jobs.",
    remedy="Set block_public_security_group_rules=True.",
    severity="high",
    controls=["EMR.2"],
)
demand(
    AREA,
    "share-inside-organization",
    "ram/resourceShare",
    "Resources are shared inside the organization only",
    wants=[off("allowExternalPrincipals")],
    cause="A share with an outside account outlives the contract with it.",
    remedy="Leave allow_external_principals off.",
    severity="high",
)
demand(
    AREA,
    "airflow-private",
    "mwaa/environment",
    "Airflow's pages are private",
    wants=[one_of("webserverAccessMode", "PRIVATE_ONLY", wrong="PUBLIC_ONLY", default=True)],
    cause="Airflow runs code; its login page does not belong on the internet.",
    remedy="Set webserver_access_mode=PRIVATE_ONLY.",
    severity="high",
)
demand(
    AREA,
    "build-unprivileged",
    "codebuild/project",
    "Builds run without privileged mode",
    wants=[off("environment.privilegedMode")],
    cause="A privileged build container is root on its host; a pull request can use it.",
    remedy="Leave privileged_mode off; build images with a rootless builder.",
    controls=["CodeBuild.5", "cdk-nag CB3"],
)
demand(
    AREA,
    "firewall-drops-by-default",
    "networkfirewall/firewallPolicy",
    "Network firewalls drop what no rule knows",
    wants=[
        never("firewallPolicy.statelessDefaultActions", "aws:pass", good=["aws:forward_to_sfe"]),
        never("firewallPolicy.statelessFragmentDefaultActions", "aws:pass", good=["aws:forward_to_sfe"]),
    ],
    cause="A firewall that passes by default is a log at best.",
    remedy="Use aws:drop or aws:forward_to_sfe as default actions.",
    controls=["NetworkFirewall.4", "NetworkFirewall.5"],
)
demand(
    AREA,
    "opensearch-access-controlled",
    ["opensearch/domain", "elasticsearch/domain"],
    "Search domains have fine-grained access control",
    wants=[on("advancedSecurityOptions.enabled")],
    cause="Without it whoever may reach the domain reads every index.",
    remedy="Set advanced_security_options with enabled=True and a master user by IAM ARN.",
    severity="high",
    controls=["Opensearch.7", "cdk-nag OS5"],
)
