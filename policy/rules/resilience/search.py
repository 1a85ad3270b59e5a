"""Search domains, firewalls and event data stores that survive: nodes, zones, protection.

Owns one rule per control. A domain of one node is a choice that these rules name and a waiver can allow.
"""

from __future__ import annotations

from typing import Final

from policy.frame.demands import demand, least, not_off, on
from policy.frame.resources import Resource
from policy.frame.rule import Findings, sample
from policy.frame.values import Unknown

from . import AREA

_DOMAINS: Final = ("opensearch/domain", "elasticsearch/domain")
_NODES: Final = "clusterConfig.instanceCount"

demand(
    AREA,
    "opensearch-spread",
    _DOMAINS,
    "Search domains span zones",
    wants=[on("clusterConfig.zoneAwarenessEnabled")],
    cause="A domain in one zone ends with it, replicas and all.",
    remedy="Set cluster_config.zone_awareness_enabled=True.",
    controls=["Opensearch.6", "ES.6", "cdk-nag OS4"],
)
demand(
    AREA,
    "opensearch-nodes",
    _DOMAINS,
    "Search domains have three data nodes",
    wants=[least(_NODES, 3, default=1)],
    cause="With fewer nodes the loss of one makes the index unwritable.",
    remedy="Set cluster_config.instance_count to 3 or more.",
    severity="low",
    controls=["Opensearch.6", "ES.6"],
)
demand(
    AREA,
    "opensearch-has-masters",
    _DOMAINS,
    "Search domains have dedicated masters",
    wants=[on("clusterConfig.dedicatedMasterEnabled")],
    cause="A data node under load loses the election of the master, and the index stops.",
    remedy="Set cluster_config.dedicated_master_enabled=True.",
    severity="low",
    controls=["Opensearch.11", "ES.7"],
)
demand(
    AREA,
    "opensearch-masters",
    _DOMAINS,
    "Search domains have three masters",
    wants=[least("clusterConfig.dedicatedMasterCount", 3)],
    cause="Two masters cannot outvote each other.",
    remedy="Set cluster_config.dedicated_master_count=3.",
    severity="low",
    controls=["Opensearch.11", "ES.7"],
)
demand(
    AREA,
    "firewall-protected",
    "networkfirewall/firewall",
    "Network firewalls are protected from deletion",
    wants=[on("deleteProtection")],
    cause="Without the firewall its routes lead nowhere, or past it.",
    remedy="Set delete_protection=True.",
    controls=["NetworkFirewall.9"],
)
demand(
    AREA,
    "event-data-store-protected",
    "cloudtrail/eventDataStore",
    "Event data stores are protected from deletion",
    wants=[not_off("terminationProtectionEnabled")],
    cause="An attacker deletes from the record what showed him.",
    remedy="Leave termination_protection_enabled on.",
)
demand(
    AREA,
    "event-data-store-every-region",
    "cloudtrail/eventDataStore",
    "Event data stores record every region",
    wants=[not_off("multiRegionEnabled")],
    cause="An attacker works in the region that nobody looks at.",
    remedy="Leave multi_region_enabled on.",
)


@AREA.rule(
    "firewall-spread",
    title="Network firewalls stand in two zones",
    cause="Traffic of a zone without an endpoint crosses zones, and all of it stops with the one zone.",
    remedy="Add a subnet_mappings entry per zone.",
    types=["networkfirewall/firewall"],
    controls=["NetworkFirewall.1"],
    good=[sample("networkfirewall/firewall", subnetMappings=[{"subnetId": "subnet-1"}, {"subnetId": "subnet-2"}])],
    bad=[sample("networkfirewall/firewall", subnetMappings=[{"subnetId": "subnet-1"}])],
)
def firewall_spread(firewall: Resource) -> Findings:
    """Count the subnets, known or not."""
    mappings = firewall.get("subnetMappings")
    if not isinstance(mappings, Unknown) and (not isinstance(mappings, list) or len(mappings) == 1):
        yield firewall.finding(f"{firewall.label} stands in one zone")
