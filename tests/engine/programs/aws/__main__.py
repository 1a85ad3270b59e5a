"""A network, a database and a certificate: references, fixed names, invented names, lists of outputs."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", enable_dns_hostnames=config.require_bool("hostnames"))
subnets = [
    aws.ec2.Subnet(f"subnet-{zone}", vpc_id=vpc.id, cidr_block=block, availability_zone=f"ap-northeast-2{zone}")
    for zone, block in (("a", "10.0.1.0/24"), ("c", "10.0.2.0/24"))
]
group = aws.ec2.SecurityGroup("group", name="test-sg", description="in use", vpc_id=vpc.id)
aws.ec2.SecurityGroup("spare", name="spare-sg", description=config.require("description"), vpc_id=vpc.id)
aws.vpc.SecurityGroupIngressRule(
    "http", security_group_id=group.id, ip_protocol="tcp", from_port=80, to_port=80, cidr_ipv4="10.0.0.0/16"
)
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
if config.require_bool("typo"):
    pulumi.CustomResource("aws:ec2/vpc:Vpc", "typo", {"cidrBlok": "10.0.0.0/16"})
certificate = aws.acm.Certificate("certificate", domain_name="www.example.com", validation_method="DNS")
database = aws.rds.Cluster(
    "database",
    cluster_identifier="test-db",
    engine="aurora-mysql",
    master_username="admin",
    manage_master_user_password=True,
    deletion_protection=config.require_bool("protected"),
    vpc_security_group_ids=[group.id],
    skip_final_snapshot=True,
)
pulumi.export("role", role.name)
pulumi.export("record", certificate.domain_validation_options[0].resource_record_name)
pulumi.export("secret", database.master_user_secrets[0].secret_arn)
pulumi.export("reader", database.reader_endpoint)
pulumi.export("zones", aws.get_availability_zones(region="ap-northeast-1").names)
