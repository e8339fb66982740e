"""What a NetworkPolicy restricts, and what its rules let through."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.kubernetes.network_policies import directions, everyone, limits_ports

EVERY_POD = "every pod of every namespace"


def blocks(networks):
    return [{"ipBlock": {"cidr": str(network)}} for network in networks]


@given(st.sampled_from(["0.0.0.0/0", "::/0"]), st.integers(0, 6), st.randoms())
def test_parts_of_all_addresses_are_all_of_them_unless_one_is_missing(whole, bits, random):
    parts = list(ip_network(whole).subnets(bits))
    random.shuffle(parts)
    assert everyone(blocks(parts)) == "every address"
    assert everyone([*blocks(parts[1:]), {"ipBlock": {"cidr": "no-address"}}]) == ""


def test_a_block_with_exceptions_is_not_everybody():
    assert everyone([{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}]) == ""


@pytest.mark.parametrize(
    ("peer", "who"),
    [
        ({"namespaceSelector": {}}, EVERY_POD),
        ({"namespaceSelector": {"matchLabels": {}}, "podSelector": {}}, EVERY_POD),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}}, ""),
        ({"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}}, ""),
        ({"podSelector": {}}, ""),
        ({"namespaceSelector": None, "podSelector": {}}, ""),
    ],
)  # fmt: skip
def test_a_selector_without_a_condition_is_everybody(peer, who):
    assert everyone([peer]) == who


@pytest.mark.parametrize(
    ("spec", "restricted"),
    [
        ({}, ("Ingress",)),
        ({"egress": []}, ("Ingress",)),
        ({"egress": [{}]}, ("Ingress", "Egress")),
        ({"policyTypes": ["Egress"], "ingress": [{}]}, ("Egress",)),
        ({"policyTypes": ["Egress", "Ingress"]}, ("Ingress", "Egress")),
    ],
)
def test_the_directions_that_a_policy_restricts(spec, restricted):
    assert directions(spec) == restricted


@pytest.mark.parametrize(
    ("ports", "limited"),
    [
        ([], False),
        ([{"port": 443}], True),
        ([{"port": "https"}], True),
        ([{"port": 443}, {"protocol": "UDP"}], False),
        ([{"port": 1, "endPort": 65535}], False),
        ([{"port": 1024, "endPort": 65535}], True),
    ],
)
def test_ports_without_a_number_are_every_port(ports, limited):
    assert limits_ports({"ports": ports}) is limited
