"""Checks of settings that speak of an environment: it is the one that they are for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.connections.urls import find_urls, is_url
from kerp_policy.findings import NOT_APPLICABLE, Remark, Verdict
from kerp_policy.parameters import ENVIRONMENT, WORD, WORDS, any_of, by_name, takes
from kerp_policy.regex import regex
from kerp_policy.scopes import settings
from kerp_policy.scopes.settings import Setting
from kerp_policy.views import View
from kerp_policy.wording import clipped
from kerp_policy.words import name_words, word_set

_HOST = regex(r"([a-z0-9][a-z0-9.-]{0,252})(?::[0-9]{1,5})?")
_HOSTS = word_set("host hosts hostname url uri dsn endpoint addr address server brokers")
"""The last words of settings that say where something is reached."""
_PUBLIC = frozenset(("dev.azure.com", "dev.mysql.com"))
_LONG = 5
"""Letters of a word that tells an environment where a name begins with it: `dev-portal` is for
developers."""

_PARAMETERS = {
    "words": by_name(WORDS, ENVIRONMENT, least=2),
    "names": WORDS,
    "modes": any_of(WORD),
    "production": ENVIRONMENT,
}


@takes(**_PARAMETERS)
def of_object(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The settings of a ConfigMap name no other environment, and no host of one.

    `params["words"]` are those that mean an environment, `params["names"]` the last words of
    settings that say which it is, `params["modes"]` the first words of those that say how a
    program runs (`NODE_ENV`). Of what `params["production"]` reaches elsewhere it is certain that
    it is a mistake; other environments may share what is production's.
    """
    yield from _judge(view, settings.object_settings(view), params)


@takes(**_PARAMETERS)
def of_container(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A container's variables name no other environment, and no host of one: see `of_object`."""
    yield from _judge(view, settings.environment(view), params)


def _judge(view: View, found: Sequence[Setting], params: Mapping[str, Any]) -> Iterator[Remark]:
    own = view.environment or ""
    if own not in params["words"]:
        yield NOT_APPLICABLE
        return
    meant = {word: name for name, words in params["words"].items() for word in words}
    verdict = Verdict.FAIL if own == params["production"] else Verdict.UNVERIFIED
    for setting in found:
        value = setting.value.lower()
        if next(filter(value.__contains__, meant), None) is None:
            continue  # as nearly all settings are soon left
        words = name_words(setting.name) or [""]
        if words[-1] in params["names"]:
            other = meant.get(value, own)
            if other != own and words[0] not in params["modes"]:
                message = f"{setting.name} is {setting.value}, and this is for {own}"
                yield Remark(setting.path, message, subject=setting.name)
        elif words[-1] in _HOSTS or is_url(value):
            host, other = next(_elsewhere(value, own, meant), ("", ""))
            if other:
                message = f"{setting.name} leads to {clipped(host, 80)}, a host of {other}"
                message += f", and this is for {own}"
                yield Remark(setting.path, message, verdict, subject=setting.name)


def _elsewhere(value: str, own: str, meant: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The hosts that tell another environment, and which."""
    for host in _hosts(value):
        named = sorted({meant[word] for word in _telling(host) if word in meant})
        if named and own not in named:
            yield host, named[0]


def _hosts(value: str) -> Iterator[str]:
    """The hosts of URLs, or of a list of hosts with ports."""
    urls = [url.shown.partition("://")[2] for url in find_urls(value)]
    for text in ",".join(urls if "://" in value else [value]).split(","):
        if (found := _HOST.fullmatch(text.strip())) and found[1] not in _PUBLIC:
            yield found[1]


def _telling(host: str) -> Iterator[str]:
    """The words of a host that may tell an environment; `.dev` at its end is a domain."""
    labels = host.rstrip(".").split(".")
    for label in labels[:-1] if len(labels) > 1 and labels[-1].isalpha() else labels:
        yield label.rpartition("-")[2]
        if len(first := label.partition("-")[0]) >= _LONG:
            yield first
