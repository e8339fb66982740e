"""Question: which variables, ConfigMap keys and Secret keys were added or changed?"""

from __future__ import annotations

from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.review.delta import Delta
from kerp_policy.review.model import Answer, Entry, How
from kerp_policy.review.pairs import paired
from kerp_policy.review.settings import Setting, settings_of
from kerp_policy.review.users import Users
from kerp_policy.review.values import shown
from kerp_policy.review.wording import tally, unread_first

BREAKS = {
    "ConfigMap": noted("who asks for the key finds none"),
    "Secret": noted("who asks for the key finds none"),
    "env": noted("the program finds none, unless it comes from elsewhere now"),
    "envFrom": noted("the program finds none of its keys, unless they come from elsewhere now"),
    "ENV": noted("the program finds none, unless it comes from elsewhere now"),
    "ARG": noted("what a build still passes under the name is dropped"),
}
"""What follows where a setting of a kind goes away."""


class Settings:
    """The settings that differ, with the workloads that see them."""

    def __init__(self, delta: Delta) -> None:
        """Compare both ends."""
        both = paired(settings_of(delta.base), settings_of(delta.head), _identity)
        self.pairs = [(old, new) for old, new in both if _value(old) != _value(new)]
        self._users = (Users(delta.base), Users(delta.head))
        self.entries = tuple(self._entry(old, new) for old, new in self.pairs)
        self.gone = tuple(each for each in self.entries if each.how == "removed" and each.note)

    def _entry(self, old: Setting | None, new: Setting | None) -> Entry:
        here = new or old
        assert here
        how: How = "removed" if new is None else "changed" if old else "added"
        users = self._users[new is not None].of(here.owner, here.name) if here.owner else ()
        note = _(BREAKS.get(here.kind, "")) if how == "removed" else ""
        what = f"{here.kind} {here.name}" if here.kind in ("ENV", "ARG", "envFrom") else here.name
        return Entry(
            how, here.holder, what, _shown(old), _shown(new), here.file, here.place, users, note
        )


def _identity(setting: Setting) -> tuple[str, str, str]:
    return setting.id


def _value(setting: Setting | None) -> tuple[type, object] | None:
    """With its type, since to Python `1` is `True`."""
    return (type(setting.value), setting.value) if setting else None


def _shown(setting: Setting | None) -> str | None:
    """Of a Secret nothing, whatever it says."""
    if setting is None or setting.kind == "Secret":
        return None
    return shown(setting.name, setting.value)


def environment(delta: Delta, settings: Settings) -> Answer:
    """The settings that differ; a Secret's only by their keys."""
    says = tally(settings.entries) or _("no setting differs")
    return unread_first(
        delta,
        Answer(
            "environment",
            _("Environment variables, ConfigMap and Secret keys"),
            True,
            says,
            settings.entries,
        ),
    )
