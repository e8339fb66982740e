"""The formats of tokens that turn up in deployment artifacts."""

from __future__ import annotations

import re

from msgspec import Struct

from kerp_policy.regex import regex
from kerp_policy.secrets import validators
from kerp_policy.secrets.prefixed import TABLE
from kerp_policy.secrets.validators import Accepts


class Format(Struct, frozen=True):
    """One format.

    Attributes:
        kind: its id.
        title: what it is, in words, with an article.
        keywords: texts, one of which every token holds; the search looks for them alone.
        pattern: matches from the keyword on. Group `secret` is the secret where that is not all
            of the match, `prefix` the public beginning.
        accepts: what a real token satisfies beyond that.
        head: what stands right before the keyword, if anything must.
        reach: how many characters back the head may begin.
        head_is_public: whether the head may be shown.
    """

    kind: str
    title: str
    keywords: tuple[str, ...]
    pattern: re.Pattern[str]
    accepts: Accepts = validators.varied
    head: re.Pattern[str] | None = None
    reach: int = 0
    head_is_public: bool = False


# A token is no part of a word: before it stands no letter and no digit, but that of an option
# (`-pTOKEN`). A hyphen or underscore there ends a name, as no format begins with one. Behind it
# stands nothing that its last characters may be. A hyphen there joins it with a name as well
# (`TOKEN-old`): where the format knows hyphens, its length is known, too.
_BEGINS = r"(?:(?<![A-Za-z0-9])|(?<=[\s\"'=(\[,]-[A-Za-z])|(?<=\A-[A-Za-z]))"
_BEGINNING = regex(rf"{_BEGINS}\Z")
_REACH = 3
_UNBROKEN = r"(?![A-Za-z0-9_])"
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


def _prefixed(row: str) -> Format:
    """The format of one row of the table: a word of its own."""
    kind, title, prefixes, body, *accepts = re.split(r"\s{2,}", row)
    keywords = tuple(prefixes.split())
    choice = "|".join(re.escape(keyword) for keyword in keywords)
    pattern = _ascii(rf"(?P<prefix>{choice})(?P<body>{body}){_end(body)}")
    accept: Accepts = getattr(validators, *accepts) if accepts else validators.varied
    return Format(kind, title, keywords, pattern, accept, _BEGINNING, _REACH)


def _end(body: str) -> str:
    """No character follows that the last ones of a token are taken from, but a hyphen."""
    last = re.findall(r"\[[^]]+\]", body)[-1]
    others = "_" if r"\w" in last else "+/=" if "+/" in last else ""
    return rf"(?![A-Za-z0-9{others}])"


def _ascii(text: str) -> re.Pattern[str]:
    """No token has other letters: those of a sentence in Korean may follow one."""
    return regex(text, re.ASCII)


def _named(
    kind: str, title: str, names: tuple[str, ...], secret: str, accepts: Accepts = validators.varied
) -> Format:
    """A format that only the name before it gives away: `name: value`, `name=value`."""
    choice = "|".join(re.escape(name) for name in names)
    pattern = _ascii(
        rf"(?:{choice})[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?(?P<secret>{secret})(?![\w/+=-])"
    )
    return Format(kind, title, names, pattern, accepts)


_NAMED = (
    _named(
        "aws-secret-key",
        "an AWS secret access key",
        ("secret_access_key", "SECRET_ACCESS_KEY", "SecretAccessKey", "secretAccessKey"),
        r"[A-Za-z0-9/+]{40}",
        validators.mixed,
    ),
    _named(
        "pagerduty-key",
        "a PagerDuty integration key",
        ("routing_key", "service_key", "integration_key"),
        r"[0-9a-f]{32}",
    ),
    _named("opsgenie-key", "an Opsgenie API key", ("api_key",), _UUID),
    _named(
        "registry-login",
        "a registry login",
        ('"auth"',),
        r"[A-Za-z0-9+/]{4,400}={0,2}",
        validators.user_and_password,
    ),
)

_SERVICES = (
    Format(
        "teams-webhook",
        "a Microsoft Teams webhook URL",
        (".webhook.office.com/webhookb2/",),
        regex(
            r"\.webhook\.office\.com/webhookb2/"
            rf"{_UUID}@{_UUID}/IncomingWebhook/[0-9a-f]{{32}}/{_UUID}"
        ),
        head=regex(r"https://[a-z0-9-]{1,60}\Z"),
        reach=68,
    ),
    Format(
        "telegram-token",
        "a Telegram bot token",
        (":AA",),
        _ascii(rf":AA[\w-]{{33}}{_UNBROKEN}"),
        head=regex(rf"(?:{_BEGINS}|(?<=bot))[0-9]{{8,10}}\Z"),
        reach=10 + _REACH,
    ),
    Format(
        "azure-storage-key",
        "an Azure storage account key",
        ("AccountKey=",),
        regex(r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)"),
    ),
    Format(
        "azure-client-secret",
        "an Azure client secret",
        ("Q~",),
        regex(r"Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])"),
        head=regex(rf"{_BEGINS}[A-Za-z0-9_~.-]{{3}}[0-9]\Z"),
        reach=4 + _REACH,
    ),
    Format(
        "azure-sas",
        "an Azure shared access signature",
        ("sig=",),
        regex(r"sig=(?P<secret>(?:[A-Za-z0-9+/]|%[0-9A-Fa-f]{2}){40,80}(?:%3[Dd]|=))"),
        head=regex(r"[?&;]\Z"),
        reach=1,
    ),
    Format(
        "terraform-token",
        "a Terraform Cloud token",
        (".atlasv1.",),
        _ascii(rf"\.atlasv1\.[\w=-]{{60,70}}{_UNBROKEN}"),
        head=regex(rf"{_BEGINS}[A-Za-z0-9]{{14}}\Z"),
        reach=14 + _REACH,
    ),
    Format(
        "npm-token",
        "an npm registry token",
        ("_authToken=",),
        _ascii(r"_authToken=[\"']?(?P<secret>[\w.~+/=-]{16,400})"),
    ),
)

_KEY_HEADERS = r"(?:(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]{0,200}(?:\n|\\n)\s{0,40}){0,4}"

_STRUCTURES = (
    Format(
        "private-key",
        "a private key",
        ("-----BEGIN ",),
        regex(
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])*+"
            rf"{_KEY_HEADERS}(?P<body>(?:[A-Za-z0-9+/=]|\s|\\[nr])++)"
        ),
        validators.key_body,
    ),
    Format(
        "jwt",
        "a JSON Web Token",
        ("eyJ",),
        _ascii(
            r"(?P<prefix>)(?P<header>eyJ[\w-]{8,2000})\.[\w-]{2,16000}\.[\w-]{16,2000}" + _UNBROKEN
        ),
        validators.jwt,
        _BEGINNING,
        _REACH,
    ),
    Format(
        "authorization-header",
        "a credential in an Authorization header",
        ("uthorization",),
        _ascii(
            r"uthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:Bearer|Basic|[Tt]oken)\s{1,3}"
            r"(?P<secret>[\w.~+/=-]{12,4000}+)(?![$%{<@])"
        ),
        validators.with_digit,
        head=regex(r"[Aa]\Z"),
        reach=1,
    ),
    Format(
        "url-password",
        "a password in a URL",
        ("://",),
        regex(
            r"(?P<prefix>://)(?P<user>[^\s/?#@:\"'<>\\]{0,128}):"
            r"(?P<secret>[^\s/?#@\"'<>\\]{1,256})@(?!sha\d+:)[\w\[$%{.-]"
        ),
        validators.no_sample,
        head=regex(r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,29}\Z"),
        reach=31,
        head_is_public=True,
    ),
    Format(
        "connection-password",
        "a password in a connection string",
        ("assword=", "ASSWORD="),
        regex(r"(?i:assword)=(?P<secret>[^\s&\"'`;,<>(){}\\]{3,256})"),
        validators.anything,
        head=regex(r"[?&;][Pp]\Z"),
        reach=2,
    ),
)

FORMATS = (
    *(_prefixed(row) for row in TABLE.strip().splitlines()),
    *_NAMED,
    *_SERVICES,
    *_STRUCTURES,
)
