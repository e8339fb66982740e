"""Is the connection that a setting or an argument names encrypted?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from kerp_policy.connections.model import Judgement
from kerp_policy.connections.names import judge_name, mode_elsewhere, normal
from kerp_policy.connections.schemes import IN_FILES, judge_url
from kerp_policy.connections.urls import Url, find_urls, is_url
from kerp_policy.regex import regex
from kerp_policy.words import word_set

_COMMENT = ("#", "//", ";", "--", "*", "<!--")
_LIST = regex(r"[,\s]+")
# A single value that is longer is no list of addresses.
_LONGEST_VALUE = 8192

# URLs by these names say who is meant or what is allowed; nothing connects to them.
_NO_CONNECTION = word_set(
    "ORIGIN ORIGINS CORS XMLNS NAMESPACE CLAIM AUDIENCE OCSP CRL REFERER SCHEMA"
)
# A proxy is asked by plain HTTP for a tunnel, through which TLS goes (RFC 9110, 9.3.6; curl(1) and
# Go's net/http on the variables, Datadog's agent on its own).
_PROXY = regex(r"(?:\w+_)?(?:(?:HTTPS?|ALL)_PROXY|PROXY_HTTPS?)")
# Hosts whose http:// URLs are names of vocabularies.
_VOCABULARIES = word_set(
    """
    www.w3.org schemas.xmlsoap.org schemas.microsoft.com schemas.openid.net schemas.android.com
    json-schema.org purl.org xmlns.com xmlns.jcp.org java.sun.com www.springframework.org
    maven.apache.org
    """
)


def judge_settings(
    settings: Mapping[str, str], modes: Sequence[str]
) -> Iterator[tuple[str, Judgement]]:
    """Judge the settings that are given together, each in the light of the others.

    Args:
        settings: from name to value: one ConfigMap, Secret or container's environment, decoded.
        modes: the values of `sslmode` that the standard accepts.

    Yields:
        The name and at most one judgement, the worst, of a value on one line; of a file, one for
        each place.
    """
    known = {normal(name): value for name, value in settings.items()}
    for name, text in settings.items():
        said = _of_urls(name, text, known, modes)
        yield from ((name, judgement) for judgement in said)
        if not said and "\n" not in text and (by_name := judge_name(normal(name), known, modes)):
            yield name, Judgement(by_name[0], f"{name} {by_name[1]}", 0, len(text))


def judge_urls(
    settings: Mapping[str, str], modes: Sequence[str]
) -> Iterator[tuple[str, Judgement]]:
    """Judge what `judge_settings` does, but only by the URLs in the values."""
    known = {normal(name): value for name, value in settings.items()}
    for name, text in settings.items():
        yield from ((name, judgement) for judgement in _of_urls(name, text, known, modes))


def _of_urls(
    name: str, text: str, known: Mapping[str, str], modes: Sequence[str]
) -> list[Judgement]:
    if not _may_hold_url(text):
        return []
    given = mode_elsewhere(normal(name), known)
    said = list(judge_text(text, modes, name=name, mode_given=given))
    if said and "\n" not in text.strip():
        said = [max(said, key=lambda judgement: judgement.level)]
    return [replace(each, message=f"{name}: {each.message}") for each in said]


def _may_hold_url(text: str) -> bool:
    return "://" in text or "@tcp(" in text


def judge_text(
    text: str, modes: Sequence[str], *, name: str = "", mode_given: str = ""
) -> Iterator[Judgement]:
    """Judge the URLs in a text: one value, or a whole file in which comments are skipped.

    Plain HTTP is judged only where the value is nothing but URLs: in a file it may as well be a
    link or the name of a vocabulary.

    Args:
        text: the value.
        modes: the values of `sslmode` that the standard accepts.
        name: the name it stands under, if any.
        mode_given: the setting beside it that gives the `sslmode`, if any.
    """
    if not _may_hold_url(text):
        return
    whole = _nothing_but_urls(text) and _connects(normal(name))
    offset, is_file = 0, "\n" in text.strip()
    for line in text.split("\n"):
        if not is_file or not line.lstrip().startswith(_COMMENT):
            yield from _judge_line(line, offset, modes, whole=whole, mode_given=mode_given)
        offset += len(line) + 1


def _connects(name: str) -> bool:
    """Whether a URL by a name is what is talked to, rather than named or asked for a way there."""
    return not _NO_CONNECTION.intersection(name.split("_")) and not _PROXY.fullmatch(name)


def _judge_line(
    line: str, offset: int, modes: Sequence[str], *, whole: bool, mode_given: str
) -> Iterator[Judgement]:
    for url in find_urls(line):
        if (not whole and url.scheme not in IN_FILES) or _vocabulary(url):
            continue
        if said := judge_url(url, modes, mode_elsewhere=mode_given):
            level, message = said
            yield Judgement(level, f"{url.shown} {message}", url.start + offset, url.end + offset)


def _nothing_but_urls(text: str) -> bool:
    value = text.strip().strip("'\"")
    return len(value) <= _LONGEST_VALUE and all(map(is_url, filter(None, _LIST.split(value))))


def _vocabulary(url: Url) -> bool:
    return url.scheme == "http" and url.authority.lower() in _VOCABULARIES
