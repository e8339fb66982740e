"""Security policies of AWS load balancers, by family.

Source: "Security policies for your Application Load Balancer" in the Elastic Load Balancing
documentation. New policies of a family keep its naming, so the name is parsed and not looked up:
`ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04` reads: with TLS 1.3, from TLS 1.2 on, …
"""

from __future__ import annotations

from kerp_policy.regex import regex

_FAMILY = regex(
    r"ELBSecurityPolicy-(?:TLS13-1-(?P<with_13>[0-3])|(?:TLS|FS)-1-(?P<up_to_12>[0-2]))"
    r"(?:-[A-Za-z0-9]{1,12}){0,4}-20[0-9]{2}-[01][0-9]"
)

# The older names state no version: these accept TLS 1.0 and newer.
_UNSTATED = {
    "ELBSecurityPolicy-2016-08": "1.0",
    "ELBSecurityPolicy-2015-05": "1.0",
    "ELBSecurityPolicy-FS-2018-06": "1.0",
}


def lowest_tls(policy_name: str) -> str | None:
    """The lowest TLS version that a policy accepts (`1.0` … `1.3`); None for an unknown name."""
    if policy_name in _UNSTATED:
        return _UNSTATED[policy_name]
    found = _FAMILY.fullmatch(policy_name)
    return f"1.{found['with_13'] or found['up_to_12']}" if found else None
