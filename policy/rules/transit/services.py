"""Encryption in transit of services beside the platform's own: a table of demanded values.

Owns the TLS switches of data stores and endpoints that a team may add to the platform.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import Want, demand, never, not_off, on, one_of
from policy.frame.values import Block, Unknown

from . import AREA

_CLEAR: Final = "Whoever is in the network reads queries, answers and credentials on the way."
_OLD_YEARS: Final = ("-2018", "-2020")


def _old_policy(block: Block, rest: str) -> bool:
    value = block.get(rest)
    return not isinstance(value, Unknown) and (value is None or any(year in str(value) for year in _OLD_YEARS))


demand(
    AREA,
    "opensearch-https-only",
    ["opensearch/domain", "elasticsearch/domain"],
    "Search domains demand HTTPS",
    wants=[on("domainEndpointOptions.enforceHttps")],
    cause=_CLEAR,
    remedy="Set domain_endpoint_options.enforce_https=True.",
    severity="high",
    controls=["Opensearch.8", "ES.8"],
)
demand(
    AREA,
    "opensearch-tls-version",
    ["opensearch/domain", "elasticsearch/domain"],
    "Search domains demand TLS 1.2",
    wants=[
        one_of(
            "domainEndpointOptions.tlsSecurityPolicy",
            "Policy-Min-TLS-1-2-2019-07",
            "Policy-Min-TLS-1-2-PFS-2023-10",
            "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08",
            wrong="Policy-Min-TLS-1-0-2019-07",
        )
    ],
    cause="TLS 1.0 and 1.1 are broken, and the default policy still speaks them.",
    remedy="Set domain_endpoint_options.tls_security_policy=Policy-Min-TLS-1-2-PFS-2023-10.",
    controls=["Opensearch.8", "ES.8"],
)
demand(
    AREA,
    "opensearch-nodes-encrypted",
    ["opensearch/domain", "elasticsearch/domain"],
    "Nodes of search domains speak TLS to each other",
    wants=[on("nodeToNodeEncryption.enabled")],
    base={"clusterConfig": {"instanceCount": 3}},
    when=lambda domain: (
        not domain.below("clusterConfig.instanceCount", 2)
        or domain.is_true("clusterConfig.dedicatedMasterEnabled")
        or domain.is_true("clusterConfig.warmEnabled")
    ),
    cause=_CLEAR,
    remedy="Set node_to_node_encryption.enabled=True.",
    severity="high",
    controls=["Opensearch.3", "ES.3", "cdk-nag OS7"],
)
demand(
    AREA,
    "transfer-encrypted",
    "transfer/server",
    "Transfer servers speak no plain FTP",
    wants=[never("protocols", "FTP", good=["SFTP"])],
    cause="FTP sends passwords and files in clear.",
    remedy="Set protocols to SFTP or FTPS.",
    severity="high",
    controls=["Transfer.2"],
)
demand(
    AREA,
    "cloudsearch-tls-version",
    "cloudsearch/domain",
    "CloudSearch domains demand TLS 1.2",
    wants=[
        one_of("endpointOptions.tlsSecurityPolicy", "Policy-Min-TLS-1-2-2019-07", wrong="Policy-Min-TLS-1-0-2019-07")
    ],
    cause="TLS 1.0 and 1.1 are broken.",
    remedy="Set endpoint_options.tls_security_policy=Policy-Min-TLS-1-2-2019-07.",
)
demand(
    AREA,
    "transfer-current-policy",
    "transfer/server",
    "Transfer servers use a current security policy",
    wants=[
        Want(
            "securityPolicyName",
            _old_policy,
            good="TransferSecurityPolicy-2024-01",
            bad=("TransferSecurityPolicy-2018-11", None),
            says="is missing or from before 2022",
        )
    ],
    cause="Older policies admit broken ciphers and key exchanges; 2018-11 is the default.",
    remedy="Set security_policy_name=TransferSecurityPolicy-2024-01 or later.",
)
demand(
    AREA,
    "cloudsearch-tls-only",
    "cloudsearch/domain",
    "CloudSearch domains demand HTTPS",
    wants=[on("endpointOptions.enforceHttps")],
    cause=_CLEAR,
    remedy="Set endpoint_options.enforce_https=True.",
    severity="high",
)
demand(
    AREA,
    "msk-encrypted-in-transit",
    "msk/cluster",
    "Kafka clusters speak TLS only",
    wants=[
        one_of("encryptionInfo.encryptionInTransit.clientBroker", "TLS", wrong="TLS_PLAINTEXT", default=True),
        not_off("encryptionInfo.encryptionInTransit.inCluster"),
    ],
    cause=_CLEAR,
    remedy="Leave encryption_in_transit at TLS and in_cluster at true.",
    severity="high",
    controls=["MSK.1", "cdk-nag MSK2"],
)
demand(
    AREA,
    "memorydb-encrypted-in-transit",
    "memorydb/cluster",
    "MemoryDB clusters speak TLS",
    wants=[not_off("tlsEnabled")],
    cause=_CLEAR,
    remedy="Leave tls_enabled on.",
    severity="high",
)
demand(
    AREA,
    "dax-encrypted-in-transit",
    "dax/cluster",
    "DAX clusters speak TLS",
    wants=[one_of("clusterEndpointEncryptionType", "TLS", wrong="NONE")],
    cause=_CLEAR,
    remedy="Set cluster_endpoint_encryption_type=TLS.",
    severity="high",
    controls=["DynamoDB.7"],
)
demand(
    AREA,
    "dms-endpoint-tls",
    "dms/endpoint",
    "Migration endpoints use TLS",
    wants=[one_of("sslMode", "verify-full", "verify-ca", "require", wrong="none")],
    cause=_CLEAR,
    remedy="Set ssl_mode to require or stricter.",
    severity="high",
    controls=["DMS.9"],
    base={"engineName": "aurora"},
    when=lambda endpoint: endpoint.text("engineName") not in ("s3", "dynamodb", "kinesis", "kafka", "opensearch"),
)
demand(
    AREA,
    "appsync-cache-in-transit",
    "appsync/apiCache",
    "AppSync caches are reached by TLS",
    wants=[on("transitEncryptionEnabled")],
    cause=_CLEAR,
    remedy="Set transit_encryption_enabled=True.",
    controls=["AppSync.6"],
)
demand(
    AREA,
    "api-domain-tls",
    ["apigateway/domainName"],
    "API domains demand TLS 1.2",
    wants=[never("securityPolicy", "TLS_1_0", good="SecurityPolicy_TLS13_1_2_2021_06")],
    cause="TLS 1.0 and 1.1 are broken.",
    remedy="Set security_policy=TLS_1_2 or one of the SecurityPolicy_TLS13 policies.",
    severity="high",
)
demand(
    AREA,
    "mail-tls-only",
    "ses/configurationSet",
    "Mail leaves by TLS",
    wants=[one_of("deliveryOptions.tlsPolicy", "Require", wrong="Optional")],
    cause="A receipt sent in clear shows who ordered what.",
    remedy="Set delivery_options.tls_policy=Require.",
)
demand(
    AREA,
    "task-mounts-by-tls",
    "ecs/taskDefinition",
    "Tasks mount file systems by TLS",
    wants=[one_of("volumes[].efsVolumeConfiguration.transitEncryption", "ENABLED", wrong="DISABLED")],
    cause="NFS is unencrypted by itself.",
    remedy="Set efs_volume_configuration.transit_encryption=ENABLED.",
    severity="high",
    base={"volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-0123456789abcdef0"}}]},
    when=lambda task: any(not volume.lacks("efsVolumeConfiguration") for volume in task.blocks("volumes")),
)
