"""What templates of rules and of receivers may name, beyond what Go's text/template brings."""

from __future__ import annotations

from msgspec import Struct

from kerp_policy.artifacts.go_fields import NOTIFICATION, Shape
from kerp_policy.words import word_set


class Dialect(Struct, frozen=True):
    """What a template may name.

    Attributes:
        functions: those there are.
        variables: those that are set at the start.
        foreign: names that are surely none of the functions; without any, others are none, either.
        data: what it is filled in with, if fields of that are judged: dot at the start, and `$`.
    """

    functions: frozenset[str]
    variables: frozenset[str]
    foreign: frozenset[str] = frozenset()
    data: Shape = ""


_GO = word_set(
    "and or not len index slice print printf println html js urlquery call eq ne lt le gt ge"
)
_RULE_FUNCTIONS = word_set(
    """
    query first label value strvalue args reReplaceAll safeHtml match title toUpper toLower
    graphLink tableLink sortByLabel stripPort stripDomain humanize humanize1024 humanizeDuration
    humanizePercentage humanizeTimestamp toTime toDuration now pathPrefix externalURL
    parseDuration tmpl urlQueryEscape
    """
)
_RECEIVER_FUNCTIONS = word_set(
    """
    toUpper toLower title trimSpace join match safeHtml safeUrl urlUnescape reReplaceAll stringSlice
    date tz since humanizeDuration toJson list append dict
    """
)
_SPRIG = word_set(
    """
    add add1 b64dec b64enc coalesce contains date_in_zone dateModify default div empty env fail has
    hasKey hasPrefix hasSuffix indent lower mul mod nindent quote repeat replace required round
    sha256sum split splitList squote sub ternary toString toYaml trim trimAll trimPrefix trimSuffix
    trunc upper
    """
)
RULES = Dialect(
    _GO | _RULE_FUNCTIONS,
    frozenset(("$", "$labels", "$externalLabels", "$externalURL", "$value")),
)
"""Labels and annotations of alerting rules."""
RECEIVERS = Dialect(
    _GO | _RECEIVER_FUNCTIONS,
    frozenset(("$",)),
    _SPRIG | (_RULE_FUNCTIONS - _RECEIVER_FUNCTIONS),
    NOTIFICATION,
)
"""The texts of a notification."""
