"""Whether what decides a policy can judge the things that it is asked about.

A check is made for what the policies that ship ask it about. Of anything else it would say
nothing, or find fault with all of it, or crash in the middle of a run. What a check of an
installed package can judge, it knows itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from kerp_policy.errors import FieldError
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.model import Policy

Scopes = Mapping[str, Mapping[str, None]]
"""By check, the scopes that it is made for, in an order of their own."""

_ESTATE = "estate"


def scopes_of(shipped: Iterable[Mapping[str, Any]]) -> Scopes:
    """What checks are made for, by the policies that ship as they are written."""
    scopes = defaultdict[str, dict[str, None]](dict)
    for data in shipped:
        if "check" in data:
            scopes[data["check"]][data["each"]] = None
    return scopes


def review_scope(policy: Policy, scopes: Scopes) -> None:
    """Hold a policy of a team's own to things that something can judge.

    Raises:
        FieldError: nothing would ever be found, or a check would be asked about what it is not
            made for.
    """
    each, check = policy.each, policy.check
    if check and each not in (fits := scopes.get(check, {each: None})):
        message = _("each is {each}; expected what the check {check} judges: {scopes}")
        told = message.format(each=each, check=check, scopes=", ".join(sorted(fits)))
        raise FieldError(("each",), told)
    if policy.require and each == _ESTATE:
        message = _("each is {each}, which require cannot judge; expected container or its like")
        raise FieldError(("each",), message.format(each=each))
    if not check and not policy.require:
        message = _("each is file, but no reader speaks for {policy}; expected a check or require")
        raise FieldError(("each",), message.format(policy=policy.id))
