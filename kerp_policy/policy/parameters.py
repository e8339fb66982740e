"""Holding parameters to what takes them: a mistake in one is told where it is written.

A check tells what it takes where it is defined (`kerp_policy.parameters.takes`). A policy without
one tells it by itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from kerp_policy.errors import FieldError, UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.parameters import Schema
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.schema import Format, Validator, Violation, violations

_KEY = regex(r"([a-z0-9.-]+/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?", re.ASCII)
"""The key of a label (Kubernetes documentation, "Labels and Selectors", Syntax)."""


Taken = Mapping[str, Schema]
"""By name, what the parameters of a policy have to be."""


def taken(check: str, own: Taken) -> Taken:
    """What is known of a policy's parameters.

    Args:
        check: the check that gets them; empty for none.
        own: what the policy tells of them by itself.
    """
    from kerp_policy.checks import find_check

    try:
        of_check: Taken = getattr(find_check(check), "takes", {}) if check else {}
    except UsageError:  # there is no such check, which is told elsewhere
        return own
    return {**own, **of_check}


def review_parameters(
    check: str, known: Taken, params: Mapping[str, Any], at: Path, *, is_whole: bool = True
) -> Iterator[FieldError]:
    """What is wrong with parameters, each thing at its place.

    Args:
        check: the check that gets them, for messages.
        known: what they have to be.
        params: their values.
        at: where they are written.
        is_whole: whether these are all that it gets; else some may be missing.
    """
    for violation in _violations(known, params, frozenset()):
        if violation.kind != "required" or len(violation.path) > 1:
            yield FieldError((*at, *violation.path), violation.message)
        elif is_whole:
            message = _("there is no parameter {name}, which {check} needs")
            told = message.format(name=violation.path[0], check=check)
            yield FieldError((*at, *violation.path), told)


def review_own(
    known: Taken,
    own: Mapping[str, Any],
    params: Mapping[str, Any],
    at: Path,
    environments: Collection[str],
) -> Iterator[FieldError]:
    """What is wrong with the parameters that a profile sets.

    Args:
        known: what they have to be.
        own: what it sets.
        params: the values that it leaves as they are, which may not go with its own.
        at: where it does.
        environments: those of the profile; it may name no other.
    """
    both = {**params, **own}
    told = {
        (each.path, each.message): None
        for each in _violations(known, both, frozenset(environments))
        if each.path[0] in own
    }
    places = {path for path, _message in told}
    for each in _violations(known, both, frozenset()):
        path = each.path if each.path[0] in own else ()
        if path not in places:
            told[path, each.message] = None
    for path, message in told:
        yield FieldError((*at, *path), message)


def _violations(
    known: Taken, params: Mapping[str, Any], environments: frozenset[str]
) -> list[Violation]:
    signals = params.get("signals", ())
    names = frozenset(signals) if isinstance(signals, Mapping) else frozenset[str]()
    needed = [name for name, schema in known.items() if "default" not in schema]
    document = {"properties": known, "required": needed}
    return list(violations(Validator(document, _formats(environments, names)), dict(params)))


def _formats(environments: frozenset[str], signals: frozenset[str]) -> dict[str, Format]:
    known = f"an environment of the profile: {_named(environments)}"
    described = f"one of the signals: {_named(signals)}"
    return {
        "word": Format("one word, without blanks", lambda text: len(text.split()) == 1),
        "lower-word": Format("a word in small letters", _is_lower_word),
        "label": Format("the key of a label, as app.kubernetes.io/name", _is_key),
        "path": Format("a path that begins with /", lambda text: text.startswith("/")),
        "duration": Format("a duration, as 30s, 5m or 1h30m", _is_duration),
        "go-duration": Format("a duration, as 500ms, 30s or 1m30s", _is_go_duration),
        "quantity": Format("a quantity, as 500m, 2 or 512Mi", _is_quantity),
        "signal": Format(described, signals.__contains__),
        "environment": Format(
            known if environments else "the name of an environment",
            lambda name: name in environments if environments else bool(name.strip()),
        ),
    }


def _named(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def _is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def _is_lower_word(text: str) -> bool:
    return text.isascii() and text.isalpha() and text.islower()


def _is_duration(text: str) -> bool:
    from kerp_policy.artifacts.prometheus.grammar import duration_seconds

    try:
        return duration_seconds(text) > 0
    except ValueError:
        return False


def _is_go_duration(text: str) -> bool:
    from kerp_policy.kubernetes.durations import parse_duration

    seconds = parse_duration(text)
    return seconds is not None and seconds >= 0


def _is_quantity(text: str) -> bool:
    from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity

    try:
        return parse_quantity(text) >= 0
    except QuantityError:
        return False
