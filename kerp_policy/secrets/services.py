"""Formats of services that a name, a host or something else before the token tells."""

from __future__ import annotations

import re

from kerp_policy.regex import regex
from kerp_policy.secrets import validators
from kerp_policy.secrets.format import BEGINS, REACH, UNBROKEN, UUID, Format, letters
from kerp_policy.secrets.validators import Accepts


def _named(
    kind: str, title: str, names: tuple[str, ...], secret: str, accepts: Accepts = validators.varied
) -> Format:
    """A format that only the name before it gives away: `name: value`, `name=value`."""
    choice = "|".join(re.escape(name) for name in names)
    pattern = letters(
        rf"(?:{choice})[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?(?P<secret>{secret})(?![\w/+=-])"
    )
    return Format(kind, title, names, pattern, accepts)


_AWS = ("secret_access_key", "secret-access-key", "secretAccessKey", "SecretAccessKey")
_PAGERDUTY = ("routing", "service", "integration")

_NAMED = (
    _named(
        "aws-secret-key",
        "an AWS secret access key",
        (*_AWS, _AWS[0].upper()),
        r"[A-Za-z0-9/+]{40}",
        validators.mixed,
    ),
    _named(
        "pagerduty-key",
        "a PagerDuty integration key",
        tuple(f"{of}{key}" for of in _PAGERDUTY for key in ("_key", "-key", "Key"))
        + tuple(f"{of.upper()}_KEY" for of in _PAGERDUTY),
        r"[0-9a-f]{32}|R[0-9A-Z]{31}",
    ),
    _named("opsgenie-key", "an Opsgenie API key", ("api_key",), UUID),
    _named(
        "registry-login",
        "a registry login",
        ('"auth"', " auth", "_auth"),
        r"[A-Za-z0-9+/]{4,400}={0,2}",
        validators.user_and_password,
    ),
)


def _webhook(kind: str, title: str, hosts: str, keywords: tuple[str, ...], path: str) -> Format:
    """A URL that lets whoever knows it post; its host may be written in letters of any size."""
    head = regex(rf"(?:https?://)?{hosts}\Z", re.IGNORECASE)
    pattern = letters(rf"(?P<prefix>{'|'.join(keywords)}){path}{UNBROKEN}")
    return Format(kind, title, keywords, pattern, validators.varied, head, 90, head_is_public=True)


_SLACK = ("slack-webhook", "a Slack webhook URL", r"hooks\.slack(?:-gov)?\.com")
# With the letter that a workspace's name begins with: each path of GitHub has /workflows/, too.
_SLACK_STARTS = tuple(f"/{of}/{letter}" for of in ("workflows", "triggers") for letter in "TE")
_DISCORD = r"discord(?:app)?\.com/api(?:/v\d{1,2})?"
_TEAMS = r"(?:[a-z0-9-]{1,60}\.webhook\.office|outlook\.office(?:365)?)\.com"

_WEBHOOKS = (
    _webhook(*_SLACK, ("/services/",), r"T[A-Z0-9]{6,14}/B[A-Z0-9]{6,14}/[A-Za-z0-9]{20,30}"),
    _webhook(*_SLACK, _SLACK_STARTS, r"[A-Z0-9]{5,13}/[A-Za-z0-9/]{20,120}"),
    _webhook(
        "discord-webhook",
        "a Discord webhook URL",
        _DISCORD,
        ("/webhooks/",),
        r"\d{17,20}/[\w-]{60,72}",
    ),
    _webhook(
        "teams-webhook",
        "a Microsoft Teams webhook URL",
        _TEAMS,
        ("/webhookb2/", "/webhook/"),
        rf"{UUID}@{UUID}/IncomingWebhook/[0-9a-f]{{32}}/{UUID}(?:/[\w-]{{20,80}})?",
    ),
    Format(
        "power-automate-url",
        "the signature of a Power Automate URL",
        ("sig=",),
        letters(rf"sig=(?P<secret>[\w-]{{43}}){UNBROKEN}"),
        head=regex(r"sv=1\.0&(?:amp;)?\Z"),
        reach=11,
    ),
    Format(
        "telegram-token",
        "a Telegram bot token",
        (":AA",),
        letters(rf":AA[\w-]{{33}}{UNBROKEN}"),
        head=regex(rf"(?:{BEGINS}|(?<=bot))[0-9]{{8,10}}\Z"),
        reach=10 + REACH,
    ),
)

_CLOUD = (
    Format(
        "azure-storage-key",
        "an Azure storage account key",
        ("AccountKey=",),
        regex(r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)"),
    ),
    Format(
        "azure-access-key",
        "an Azure shared access key",
        ("SharedAccessKey=",),
        regex(r"SharedAccessKey=(?P<secret>[A-Za-z0-9+/]{43}=)"),
    ),
    Format(
        "azure-client-secret",
        "an Azure client secret",
        ("Q~",),
        regex(r"Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])"),
        head=regex(rf"{BEGINS}[A-Za-z0-9_~.-]{{3}}[0-9]\Z"),
        reach=4 + REACH,
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
        letters(rf"\.atlasv1\.[\w=-]{{60,70}}{UNBROKEN}"),
        head=regex(rf"{BEGINS}[A-Za-z0-9]{{14}}\Z"),
        reach=14 + REACH,
    ),
    Format(
        "npm-token",
        "an npm registry token",
        ("_authToken=",),
        letters(r"_authToken=[\"']?(?P<secret>[\w.~+/=-]{16,400})"),
    ),
)

SERVICES = (*_NAMED, *_WEBHOOKS, *_CLOUD)
