"""Makes a disk that nothing encrypts and a rule of the network that admits everyone to SSH."""

import pulumi_aws as aws

aws.ebs.Volume("disk", availability_zone="ap-northeast-2a", size=8, encrypted=False)
group = aws.ec2.SecurityGroup("group", description="Violates on purpose")
aws.vpc.SecurityGroupIngressRule(
    "everyone", security_group_id=group.id, ip_protocol="tcp", from_port=22, to_port=22, cidr_ipv4="0.0.0.0/0"
)
