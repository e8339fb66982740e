"""What each type of text must be: by the type's name in the table, why a text is none, or None."""

from __future__ import annotations

from collections.abc import Callable

from kerp_policy.artifacts.alertmanager import intervals, texts
from kerp_policy.artifacts.alertmanager.matchers import (
    MatcherError,
    label_name_problem,
    pattern_problem,
    read_matchers,
)
from kerp_policy.artifacts.alertmanager.table import Version


def _matcher_problem(text: str, version: Version) -> str | None:
    try:
        read_matchers(text, version)
    except MatcherError as error:
        return str(error)
    return None


def _secret_url_problem(text: str, version: Version) -> str | None:
    return None if text == "<secret>" else texts.url_problem(text)


def _webhook_url_problem(text: str, version: Version) -> str | None:
    """Newer versions take templates, and the mark that stands for a secret."""
    if version >= (0, 31) and (not text or "{{" in text):
        return None
    return _secret_url_problem(text, version) if version >= (0, 26) else texts.url_problem(text)


def _tls_version_problem(text: str, version: Version) -> str | None:
    known = ("TLS10", "TLS11", "TLS12", "TLS13")
    return None if text in known else f"is no version of TLS; one of {', '.join(known)} is"


def _regexp_problem(text: str, version: Version) -> str | None:
    reason = pattern_problem(text, version)
    return f"is {reason}" if reason else None


def _whatever_version(check: Callable[[str], str | None]) -> Callable[[str, Version], str | None]:
    return lambda text, version: check(text)


CHECKS: dict[str, Callable[[str, Version], str | None]] = {
    "duration": _whatever_version(texts.duration_problem),
    "go_duration": _whatever_version(texts.go_duration_problem),
    "duration_text": _whatever_version(texts.go_duration_problem),
    "url": _whatever_version(texts.url_problem),
    "plain_url": _whatever_version(texts.any_url_problem),
    "secret_url": _secret_url_problem,
    "webhook_url": _webhook_url_problem,
    "host_port": _whatever_version(texts.host_port_problem),
    "regexp": _regexp_problem,
    "matcher": _matcher_problem,
    "label": label_name_problem,
    "location": _whatever_version(intervals.location_problem),
    "tls_version": _tls_version_problem,
    "weekdays": _whatever_version(intervals.weekdays_problem),
    "days_of_month": _whatever_version(intervals.days_problem),
    "months": _whatever_version(intervals.months_problem),
    "years": _whatever_version(intervals.years_problem),
}
