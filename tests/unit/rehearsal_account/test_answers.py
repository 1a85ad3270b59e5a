"""Every answer of the simulated account has the form that the API's model says, and refuses what AWS refuses."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.account import images
from rehearsal.account.answers import ANSWERS, ApiError, Call
from rehearsal.account.past import give_past, past_of
from rehearsal.aws.endings import KEPT, RECOVERY_POINT
from rehearsal.aws.plugin import AwsProvider
from rehearsal.aws.wire import to_struct
from rehearsal.cloud import Cloud, CloudObject
from rehearsal.iam.catalog import exists

if TYPE_CHECKING:
    from pathlib import Path

    from rehearsal.cloud import JsonObject

# The library has no types.
SESSION: Any = importlib.import_module("botocore.session").get_session()
VALIDATOR: Any = importlib.import_module("botocore.validate").ParamValidator()
REGION = "ap-northeast-2"
ACCOUNT = "123456789012"
ADDRESS = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web"
IMAGE = {"imageTag": "1"}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "ecr:DescribeImages": {"repositoryName": "web", "imageIds": [IMAGE]},
    "ecr:BatchGetImage": {"repositoryName": "web", "imageIds": [IMAGE, {"imageTag": "absent"}]},
    "ecr:DescribeImageScanFindings": {"repositoryName": "web", "imageId": IMAGE},
    "service-quotas:GetServiceQuota": {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"},
    "service-quotas:RequestServiceQuotaIncrease": {
        "ServiceCode": "ec2",
        "QuotaCode": "L-1216C47A",
        "DesiredValue": 32.0,
    },
    "eks:DescribeAddonVersions": {"kubernetesVersion": "1.36"},
    "eks:DescribeClusterVersions": {"clusterVersions": ["1.36"]},
    "eks:DescribeCluster": {"name": "c"},
    "rds:DescribeDBEngineVersions": {"Engine": "aurora-mysql"},
    "rds:DescribeOrderableDBInstanceOptions": {"Engine": "aurora-mysql", "DBInstanceClass": "db.r7g.large"},
    "elasticache:DescribeCacheEngineVersions": {"Engine": "valkey"},
    "rds:CreateDBClusterSnapshot": {"DBClusterIdentifier": "db", "DBClusterSnapshotIdentifier": "made"},
    "rds:CopyDBClusterSnapshot": {
        "SourceDBClusterSnapshotIdentifier": "kept",
        "TargetDBClusterSnapshotIdentifier": "copied",
        "KmsKeyId": "outside",
    },
    "backup:ListRecoveryPointsByBackupVault": {"BackupVaultName": "v"},
    "ec2:DescribeInstanceTypeOfferings": {
        "LocationType": "availability-zone",
        "Filters": [{"Name": "instance-type", "Values": ["m7g.large"]}],
    },
    "kms:CreateAlias": {"AliasName": "alias/outside"},
    "secretsmanager:CreateSecret": {"Name": "n", "SecretString": "s"},
    "secretsmanager:DescribeSecret": {"SecretId": "kept"},
    "ec2:DescribeInstances": {"Filters": [{"Name": "tag:Role", "Values": ["bastion"]}]},
    "ssm:StartSession": {"Target": "i-1", "DocumentName": "AWS-StartPortForwardingSessionToRemoteHost"},
}


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    """An account with one of everything that the answers tell of."""
    give_past(tmp_path, "new")
    cloud = Cloud(tmp_path)
    provider = AwsProvider(cloud)
    provider.configure(provider_pb2.ConfigureRequest(args=to_struct({"region": REGION})))
    role: JsonObject = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "vpcConfig": {"subnetIds": []}}
    wanted: dict[str, JsonObject] = {
        "aws:ecr/repository:Repository": {"name": "web"},
        "aws:eks/cluster:Cluster": {"name": "c", "version": "1.36", **role},
        "aws:rds/cluster:Cluster": {
            "clusterIdentifier": "db",
            "engine": "aurora-mysql",
            "masterUsername": "admin",
            "kmsKeyId": "inside",
        },
        "aws:backup/vault:Vault": {"name": "v"},
        "aws:route53/zone:Zone": {"name": "fastorder.kr"},
        "aws:ec2/eip:Eip": {"domain": "vpc", "tags": {"Environment": "dev"}},
    }
    for token, arguments in wanted.items():
        urn = f"urn:pulumi:test::tiny::{token}::one"
        checked = provider.check(provider_pb2.CheckRequest(urn=urn, news=to_struct(arguments)))
        provider.create(provider_pb2.CreateRequest(urn=urn, properties=checked.inputs))
    bastion: JsonObject = {"privateIp": "10.0.0.9", "tags": {"Role": "bastion"}}
    cloud.create(
        CloudObject(provider="aws", type="aws:ec2/instance:Instance", location=REGION, id="i-1", properties=bastion)
    )
    images.push(cloud, f"{ADDRESS}:1")
    ask(cloud, "rds:CreateDBClusterSnapshot", DBClusterIdentifier="db", DBClusterSnapshotIdentifier="kept")
    ask(cloud, "secretsmanager:CreateSecret", Name="kept", SecretString="s", KmsKeyId="k")
    return cloud


def call_of(cloud: Cloud, arguments: dict[str, Any]) -> Call:
    return Call(
        arguments=arguments,
        region=REGION,
        account=ACCOUNT,
        caller_arn=f"arn:aws:iam::{ACCOUNT}:user/rehearsal",
        cloud=cloud,
        past=past_of(cloud.folder),
    )


def ask(cloud: Cloud, operation: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters of any operation
    return ANSWERS[operation].reply(call_of(cloud, arguments))


@pytest.mark.parametrize("operation", sorted(ANSWERS))
def test_an_answer_has_the_form_of_the_apis_model(cloud: Cloud, operation: str) -> None:
    service, name = operation.split(":")
    model = SESSION.get_service_model(service).operation_model(name)
    arguments = dict(ARGUMENTS.get(operation, {}))
    if operation == "route53:GetHostedZone":
        arguments["Id"] = str(cloud.list("aws:route53/zone:Zone")[0].properties["zoneId"])
    if operation == "route53:GetDNSSEC":
        arguments["HostedZoneId"] = str(cloud.list("aws:route53/zone:Zone")[0].properties["zoneId"])
    if operation == "kms:CreateAlias":
        arguments["TargetKeyId"] = ask(cloud, "kms:CreateKey")["KeyMetadata"]["Arn"]
    asked = VALIDATOR.validate(arguments, model.input_shape)
    assert not asked.has_errors(), asked.generate_report()
    answer = ANSWERS[operation].reply(call_of(cloud, arguments))
    if model.output_shape is None:
        assert answer == {}
    else:
        said = VALIDATOR.validate(answer, model.output_shape)
        assert not said.has_errors(), said.generate_report()
    action = ANSWERS[operation].action
    assert action is None or exists(action), f"IAM has no action {action}"
    assert ANSWERS[operation].resource(call_of(cloud, arguments)).startswith(("*", "arn:aws:"))


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("ecr:DescribeImages", {"repositoryName": "was"}, "RepositoryNotFoundException"),
        ("ecr:DescribeImages", {"repositoryName": "web", "imageIds": [{"imageTag": "2"}]}, "ImageNotFoundException"),
        ("ecr:DescribeImageScanFindings", {"repositoryName": "web", "imageId": {"imageTag": "2"}}, "ImageNotFoundExc"),
        ("ssm:StartSession", {"Target": "i-2", "DocumentName": "AWS-StartSSHSession"}, "TargetNotConnected"),
        ("ssm:StartSession", {"Target": "i-1", "DocumentName": "dev-shell"}, "InvalidDocument"),
        ("ec2:DescribeInstances", {"Filters": [{"Name": "vpc-id", "Values": ["v"]}]}, "NotSimulated"),
        ("ecr:DescribeRepositories", {"repositoryNames": ["was"]}, "RepositoryNotFoundException"),
        ("service-quotas:GetServiceQuota", {"ServiceCode": "x", "QuotaCode": "L-1"}, "NoSuchResourceException"),
        ("eks:DescribeCluster", {"name": "d"}, "ResourceNotFoundException"),
        ("rds:CreateDBClusterSnapshot", {"DBClusterIdentifier": "no"}, "DBClusterNotFoundFault"),
        (
            "rds:CreateDBClusterSnapshot",
            {"DBClusterIdentifier": "db", "DBClusterSnapshotIdentifier": "kept"},
            "DBClusterSnapshotAlreadyExistsFault",
        ),
        ("rds:CopyDBClusterSnapshot", {"SourceDBClusterSnapshotIdentifier": "no"}, "DBClusterSnapshotNotFoundFault"),
        ("rds:DescribeDBClusterSnapshots", {"DBClusterSnapshotIdentifier": "no"}, "DBClusterSnapshotNotFoundFault"),
        ("backup:ListRecoveryPointsByBackupVault", {"BackupVaultName": "w"}, "ResourceNotFoundException"),
        ("route53:GetHostedZone", {"Id": "Z0"}, "NoSuchHostedZone"),
        ("kms:CreateAlias", {"AliasName": "alias/x", "TargetKeyId": "no"}, "NotFoundException"),
        ("secretsmanager:DescribeSecret", {"SecretId": "no"}, "ResourceNotFoundException"),
        ("secretsmanager:CreateSecret", {"Name": "kept"}, "ResourceExistsException"),
    ],
)
def test_what_is_not_there_is_refused(cloud: Cloud, operation: str, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ApiError) as refused:
        ask(cloud, operation, **arguments)
    assert refused.value.code.startswith(code)


def test_a_copied_snapshot_is_under_the_key_that_was_asked_for(cloud: Cloud) -> None:
    copied = ask(cloud, "rds:CopyDBClusterSnapshot", **ARGUMENTS["rds:CopyDBClusterSnapshot"])["DBClusterSnapshot"]
    kept = ask(cloud, "rds:DescribeDBClusterSnapshots", DBClusterSnapshotIdentifier="kept")["DBClusterSnapshots"]
    assert (copied["KmsKeyId"], kept[0]["KmsKeyId"]) == ("outside", "inside")


def test_keys_of_people_are_told_apart_and_take_a_name_once(cloud: Cloud) -> None:
    first, second = (ask(cloud, "kms:CreateKey", Description="Outlives")["KeyMetadata"] for _ in range(2))
    assert first["KeyId"] != second["KeyId"]
    assert cloud.find(first["Arn"], provider=KEPT)
    ask(cloud, "kms:CreateAlias", AliasName="alias/kept", TargetKeyId=first["Arn"])
    with pytest.raises(ApiError, match="already exists"):
        ask(cloud, "kms:CreateAlias", AliasName="alias/kept", TargetKeyId=second["KeyId"])


def test_a_vault_tells_what_was_put_into_it(cloud: Cloud) -> None:
    point = CloudObject(
        provider=KEPT, type=RECOVERY_POINT, location=REGION, id="p", properties={"backupVaultName": "v"}
    )
    cloud.create(point)
    (told,) = ask(cloud, "backup:ListRecoveryPointsByBackupVault", BackupVaultName="v")["RecoveryPoints"]
    assert told["RecoveryPointArn"].endswith(":recovery-point:p")


def test_an_account_tells_its_past(cloud: Cloud) -> None:
    assert (
        ask(cloud, "service-quotas:GetServiceQuota", ServiceCode="ec2", QuotaCode="L-1216C47A")["Quota"]["Value"] == 5
    )
    assert ask(cloud, "lambda:GetAccountSettings")["AccountLimit"]["ConcurrentExecutions"] == 10
    monitors = ask(cloud, "ce:GetAnomalyMonitors")["AnomalyMonitors"]
    assert [one["MonitorName"] for one in monitors] == ["Default-Services-Monitor"]
    assert [one["IsDefault"] for one in ask(cloud, "ec2:DescribeVpcs")["Vpcs"]] == [True]
    tags = ask(cloud, "ec2:DescribeAddresses")["Addresses"][0]["Tags"]
    assert {"Key": "Environment", "Value": "dev"} in tags


def test_a_quota_that_was_asked_for_is_granted_and_no_less_is_taken(cloud: Cloud) -> None:
    quota = {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
    ask(cloud, "service-quotas:RequestServiceQuotaIncrease", **quota, DesiredValue=32.0)
    assert ask(cloud, "service-quotas:GetServiceQuota", **quota)["Quota"]["Value"] == 32
    with pytest.raises(ApiError, match="greater than the current"):
        ask(cloud, "service-quotas:RequestServiceQuotaIncrease", **quota, DesiredValue=32.0)
