"""Question: which external APIs changed, as far as settings name their hosts?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerp_policy.connections.hosts import Where, where
from kerp_policy.connections.urls import find_urls, host_of
from kerp_policy.i18n import gettext as _
from kerp_policy.regex import regex
from kerp_policy.review.delta import Delta
from kerp_policy.review.environment import Settings
from kerp_policy.review.model import Answer, Entry, How
from kerp_policy.review.settings import Setting
from kerp_policy.review.values import MAX_VALUE
from kerp_policy.review.wording import tally, unread_first

_BARE = regex(r"(?=.{4,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z][A-Za-z0-9-]+(?::\d+)?")
_NAMED = regex(r"HOST|SERVER|ENDPOINT|ADDR|DOMAIN|URL|URI|BASE|BROKER", re.IGNORECASE)
_SAFE = regex(r"[\w.:\[\]-]{1,253}", re.ASCII)
_LONGEST = 20_000
"""Characters of a value in which hosts are looked for."""


def hosts_of(setting: Setting | None) -> tuple[str, ...]:
    """The hosts outside the cluster that a setting names."""
    if setting is None or setting.kind == "Secret":
        return ()
    text = str(setting.value)[:_LONGEST]
    found = [host for url in find_urls(text) for host in url.hosts]
    if (
        not found
        and _NAMED.search(setting.name)
        and len(text) <= MAX_VALUE
        and _BARE.fullmatch(text)
    ):
        found = [host_of(text)]
    outside = (host.lower() for host in found if where(host) is Where.OUTSIDE)
    return tuple(dict.fromkeys(host for host in outside if _SAFE.fullmatch(host)))


def hosts(delta: Delta, settings: Settings) -> Answer:
    """The hosts that settings name now and did not, or the other way about."""
    entries = tuple(entry for old, new in settings.pairs for entry in _entries(old, new))
    says = tally(entries) or _("settings name the same external hosts as before")
    title = _("External APIs, by the hosts that settings name")
    return unread_first(delta, Answer("external", title, True, says, entries))


def _entries(old: Setting | None, new: Setting | None) -> Iterator[Entry]:
    before, after = hosts_of(old), hosts_of(new)
    for host in dict.fromkeys([*after, *before]):
        here = new if host in after else old
        assert here
        how: How = "removed" if host not in after else "added" if host not in before else "changed"
        note = _("another path, port or parameter") if how == "changed" else ""
        yield Entry(
            how, here.holder, here.name, *_shown(host, how), here.file, here.place, note=note
        )


def _shown(host: str, how: How) -> tuple[str | None, str | None]:
    return (host if how != "added" else None, host if how != "removed" else None)
