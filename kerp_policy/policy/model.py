"""Policies and profiles, as the program works with them after they were validated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _

if TYPE_CHECKING:
    from kerp_policy.baseline.model import Baseline
    from kerp_policy.policy.catalogues import Catalogue
    from kerp_policy.waivers.model import Pair, Waiver


class Policy(Struct, frozen=True):
    """One rule of a standard.

    Exactly one of `require` (paths to what must hold there) and `check` (the name of a function
    in `kerp_policy.checks`) decides it, except for the policies that readers speak for
    (`each: file`), which have neither.
    """

    id: str
    title: str
    severity: str
    each: str
    why: str
    how: str
    file: str = ""
    clauses: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    """Of a joint policy, the kinds of facts that it is about; empty for any."""
    when: Mapping[str, Any] = field(default_factory=dict)
    environments: tuple[str, ...] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    takes: Mapping[str, Any] = field(default_factory=dict)
    """What its parameters have to be, as JSON Schemas by name, where no check tells it."""
    params_of: str = ""
    """Another policy, whose parameters this one has as well."""
    require: Mapping[str, Any] = field(default_factory=dict)
    check: str = ""
    confidential: bool = False
    waivable: bool = True
    patches: bool = False
    """Whether its check judges patches, too, of which only what they set is known."""
    examples: tuple[Mapping[str, str | Mapping[str, str]], ...] = ()
    ko: Mapping[str, str] = field(default_factory=dict)
    """Its title, why and how in Korean, where it has them."""

    def help(self) -> str:
        """The advice, with the parameters in effect filled in."""
        return fill(self.how, self.params)


def section_of(clause: str) -> str:
    """The section that a clause stands in, `2.1` of `2.1-a`; a clause without a dash is its own."""
    return clause.rpartition("-")[0] or clause


def fill(text: str, params: Mapping[str, Any]) -> str:
    """Put parameters for `{name}` into a text; braces that name none stay as they are."""
    for name, value in params.items() if "{" in text else ():
        if "{" + name + "}" in text:
            text = text.replace("{" + name + "}", in_words(value))
    return text.strip()


def in_words(value: Any) -> str:
    """A parameter or value as a message shows it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (list, tuple)):
        return ", ".join(in_words(item) for item in value)
    return str(value)


class Environment(Struct, frozen=True):
    """How a thing is known to belong to an environment."""

    name: str
    namespaces: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    paths: tuple[str, ...] = ()


def this_day() -> date:
    """The day that SOURCE_DATE_EPOCH names where it is set, else today, in UTC.

    Source: reproducible-builds.org, "SOURCE_DATE_EPOCH" (seconds since 1970).

    Raises:
        UsageError: it is set to what names no day; nobody would know by which day was judged.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        message = _("SOURCE_DATE_EPOCH is {value!r}; expected the seconds since 1970")
        raise UsageError(message.format(value=epoch[:40])) from None


def later(day: date, days: int) -> date:
    """So many days later, or the last day that a date can have."""
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


class External(Struct, frozen=True):
    """What a project says of things that no file of it shows.

    Attributes:
        name: of what it is, a pattern: `ServiceAccount/kerp-prod/*`, `image/ghcr.io/acme/*`.
        status: what is attested of it, as `protected`; empty where it just exists elsewhere.
        reason: why that may be believed.
    """

    name: str
    status: str
    reason: str

    @property
    def says(self) -> str:
        """The name with what is attested of it, as checks ask for it."""
        return f"{self.name}: {self.status}" if self.status else self.name


class Profile(Struct, frozen=True):
    """A standard: the policies chosen and tuned, the versions and environments that it means."""

    name: str
    title: str
    versions: Mapping[str, str]
    environments: tuple[Environment, ...]
    policies: tuple[Policy, ...]
    clauses: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    """The titles of sections, as far as it has them."""
    pending: Mapping[str, str] = field(default_factory=dict)
    ko: Mapping[str, Any] = field(default_factory=dict)
    """Its title, sections, clauses and what is pending in Korean, as far as it has them."""
    externals: tuple[External, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    """Those that the project's configuration holds."""
    baseline: Baseline | None = None
    """The debt that the project has accepted."""
    distrusted: frozenset[Pair] = frozenset()
    """What waivers in files do not cover, since no revision that is trusted has them so."""
    catalogues: Mapping[str, Catalogue] = field(default_factory=dict)
    """Those whose controls its policies may name."""
    known: frozenset[str] = frozenset()
    """Every policy that there is, those that the standard leaves out too."""
    today: date = field(default_factory=this_day)
    """The day that dates are compared with."""
