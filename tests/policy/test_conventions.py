"""The naming convention as the guard states it."""

from __future__ import annotations

import pytest

from policy.conventions.names import is_generated, name_property, violations


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("eks/cluster", "prod-common-eks-web-01"),
        ("lb/targetGroup", "stg-pay-tg-was-01"),
        ("ec2/subnet", "dev-common-sbn-app-02"),
        ("lb/loadBalancer", "prod-common-alb-web-pub-01"),
        ("s3/bucket", "prod-common-s3-cloudtrail-01-111122223333-ap-northeast-2"),
        ("s3/bucket", "prod-common-s3-cloudtrail-01-111122223333-ap-northeast-2-an"),
        ("s3/bucket", "aws-waf-logs-prod-common-s3-waf-01-111122223333-ap-northeast-2"),
        ("kms/alias", "alias/dev-common-kms-data-01"),
        ("iam/role", "prod-common-role-backup-01-ap-northeast-1"),
        ("backup/restoreTestingPlan", "prod_common_rtp_main_01"),
        ("cloudwatch/logGroup", "/aws/eks/prod-common-eks-web-01/cluster"),
        ("cloudwatch/logGroup", "/fastorder/dev/dev-common-log-flow-01"),
        ("cloudwatch/logGroup", "aws-waf-logs-prod-common-log-waf-01"),
    ],
)
def test_names_of_the_convention_pass(kind: str, name: str):
    assert violations(kind, name, name.replace("alias/", "").split("-")[0] if name[0] in "dsp" else None) == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("eks/cluster", "prod-common-eks-web"),
        ("eks/cluster", "prod-common-eks-web-1"),
        ("eks/cluster", "prod-common-eks-web-00"),
        ("eks/cluster", "Prod-common-eks-web-01"),
        ("eks/cluster", "prod-orders-eks-web-01"),
        ("eks/cluster", "production-common-eks-web-01"),
        ("eks/cluster", "prod-common-eks-web-01-pub"),
        ("eks/cluster", "prod-common-eks-web-int-01"),
        ("eks/cluster", "prod_common_eks_web_01"),
        ("lb/targetGroup", "prod-common-tg-recommendations-01"),
        ("kms/alias", "prod-common-kms-data-01"),
        ("backup/framework", "prod-common-bkf-main-01"),
        ("s3/bucket", "prod-common-s3-logs-01-mine"),
        ("elasticache/replicationGroup", "prod-common-redis-averylongrolename0123-01"),
        ("cloudwatch/logGroup", "/aws/lambda/notifier"),
        ("secretsmanager/secret", "prod-common-sm-x/abc-AbCd12"),
    ],
)
def test_names_outside_the_convention_are_found(kind: str, name: str):
    assert violations(kind, name) != []


def test_a_name_of_another_environment_is_found():
    assert violations("eks/cluster", "dev-common-eks-web-01", "prod") != []
    assert violations("kms/alias", "alias/dev-common-kms-data-01", "prod") != []
    assert violations("backup/framework", "dev_common_bkf_main_01", "dev") == []


def test_generated_names_are_recognized():
    assert is_generated("bucket-1a2b3c4")
    assert not is_generated("prod-common-eks-web-01")


def test_every_type_with_a_name_says_where_it_is():
    assert name_property("rds/clusterInstance") == "identifier"
    assert name_property("ec2/vpc") is None
