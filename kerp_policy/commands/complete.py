"""What a shell offers for a value that is half written.

Each function has the signature that click asks for: the command's context, the parameter, and what
is written so far. A shell asks at every press of a key and has no place for errors, so where the
project is not in order nothing is offered. The project is the one that the shell stands in: click
does not tell a PATH while the value of an option is missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from click import Context, Parameter
from click.shell_completion import CompletionItem

from kerp_policy.commands.project import project_of
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.folder import builtin_folder
from kerp_policy.policy.load import load_library
from kerp_policy.policy.model import Profile, fill
from kerp_policy.policy.releases import MARK, releases
from kerp_policy.visible import printable


def policy(context: Context, parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The policies of the standard, each with its title."""
    return _fitting(begun, _policies(_standard(context)))


def selection(context: Context, parameter: Parameter, begun: str) -> list[CompletionItem]:
    """Policies, clauses and topics, each for the last part of a list with commas."""
    standard = _standard(context)
    if standard is None:
        return []
    done, comma, last = begun.rpartition(",")
    topics = {topic: _("topic") for policy in standard.policies for topic in policy.topics}
    offers = {**topics, **standard.clauses, **_policies(standard)}
    return _fitting(last, offers, before=done + comma)


def profile(context: Context, parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The profiles that ship, their releases, and those of the project."""
    try:
        config = project_of().config
        profiles = load_library(config.policies, config.profile).profiles
    except (UsageError, OSError):
        return []
    titles = {name: str(file.data["title"]) for name, file in profiles.items()}
    frozen = {name: titles[name.partition(MARK)[0]] for name in releases(builtin_folder())}
    return _fitting(begun, {**frozen, **titles})


def catalogue(context: Context, parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The catalogues of controls."""
    standard = _standard(context)
    titles = {id: one.title for id, one in standard.catalogues.items()} if standard else {}
    return _fitting(begun, titles)


def environment(context: Context, parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The environments that the standard knows."""
    standard = _standard(context)
    return _fitting(begun, {e.name: "" for e in standard.environments} if standard else {})


def report(context: Context, parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The names of reports."""
    from kerp_policy.report import FORMATS

    return _fitting(begun, dict.fromkeys(FORMATS, ""))


def audit_report(context: Context, parameter: Parameter, begun: str) -> list[CompletionItem]:
    """The names of reports on an audit."""
    from kerp_policy.audit.formats import FORMATS

    return _fitting(begun, dict.fromkeys(FORMATS, ""))


def _standard(context: Context) -> Profile | None:
    try:
        return project_of().standard(context.params.get("profile"))
    except (UsageError, OSError):
        return None


def _policies(standard: Profile | None) -> dict[str, str]:
    return {p.id: fill(p.title, p.params) for p in standard.policies} if standard else {}


def _fitting(begun: str, offers: Mapping[str, str], before: str = "") -> list[CompletionItem]:
    return [
        CompletionItem(before + value, help=printable(" ".join(text.split())) or None)
        for value, text in sorted(offers.items())
        if value.startswith(begun)
    ]
