"""Subnet plan: a subnet, once planned, never moves, whatever else is planned beside it."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.subnets import PREFIX_RANGE, ZONE_LETTERS, Tier, of_tier, plan


@st.composite
def vpcs(draw: st.DrawFn) -> IPv4Network:
    prefix = draw(st.sampled_from(PREFIX_RANGE))
    base = int(draw(st.sampled_from(["10.0.0.0", "172.16.0.0", "192.168.0.0"])).split(".")[0]) << 24
    return IPv4Network((base | draw(st.integers(0, 2 ** (prefix - 8) - 1)) << (32 - prefix), prefix))


zones = st.permutations([f"ap-northeast-2{letter}" for letter in ZONE_LETTERS])
counts = st.integers(1, len(ZONE_LETTERS))


@given(vpcs(), zones, zones, counts)
def test_a_subnet_does_not_move_when_zones_are_added_or_reordered(
    vpc: IPv4Network, zones: list[str], order: list[str], count: int
):
    before = set(plan(vpc, tuple(zones[:count])))
    assert before <= set(plan(vpc, tuple(order)))


@given(vpcs(), zones, counts)
def test_subnets_are_disjoint_inside_the_vpc_and_large_enough(vpc: IPv4Network, zones: list[str], count: int):
    planned = plan(vpc, tuple(zones[:count]))
    assert len(planned) == count * len(Tier)
    for subnet in planned:
        assert subnet.cidr.subnet_of(vpc)
        assert subnet.cidr.prefixlen <= 28
    for one, other in combinations(planned, 2):
        assert not one.cidr.overlaps(other.cidr), (one, other)


@given(vpcs(), zones, counts)
def test_each_tier_has_one_subnet_per_zone_and_app_has_the_room(vpc: IPv4Network, zones: list[str], count: int):
    planned = plan(vpc, tuple(zones[:count]))
    for tier in Tier:
        assert [subnet.zone for subnet in of_tier(planned, tier)] == zones[:count]
    assert {subnet.cidr.prefixlen for subnet in of_tier(planned, Tier.APP)} == {vpc.prefixlen + 3}


@given(vpcs(), zones)
def test_sequences_follow_the_zones_letter(vpc: IPv4Network, zones: list[str]):
    for subnet in plan(vpc, tuple(zones)):
        assert subnet.sequence == ZONE_LETTERS.index(subnet.zone[-1]) + 1


@given(vpcs())
def test_three_eighths_of_the_vpc_stay_spare_for_tiers_to_come(vpc: IPv4Network):
    used = sum(subnet.cidr.num_addresses for subnet in plan(vpc, tuple(f"z{letter}" for letter in ZONE_LETTERS)))
    assert vpc.num_addresses - used >= vpc.num_addresses * 3 // 8


@given(st.integers(1, 30).filter(lambda prefix: prefix not in PREFIX_RANGE))
def test_a_vpc_that_cannot_be_cut_is_refused(prefix: int):
    with pytest.raises(ValueError, match="use /16 to /20"):
        plan(IPv4Network((0, prefix)), ("ap-northeast-2a",))


@given(st.text(max_size=20).filter(lambda zone: zone[-1:] not in tuple(ZONE_LETTERS)))
def test_a_zone_without_a_letter_of_ours_is_refused(zone: str):
    with pytest.raises(ValueError, match="must end in one of a, b, c, d"):
        plan(IPv4Network("10.0.0.0/16"), (zone,))
