"""How Docker cuts the text of an instruction into words, flags and JSON arrays."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any, NamedTuple

from msgspec import Struct

from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.regex import regex

_PLAIN = regex(r"\S+")
_FLAG = regex(
    r"""\s*+(?P<flag>--(?:\\.|'(?:\\.|[^'\\])*+(?:'|$)|"(?:\\.|[^"\\])*+(?:"|$)|[^\s\\'"]|\\$)*+)""",
    re.DOTALL,
)
_HEREDOC_WORD = regex(
    r"""(?:(?<=<<)[^\S\n]++(?=\S)|\\.|'[^']*+'|"(?:\\.|[^"\\])*+"|[^\s\\'"])++|\S""", re.DOTALL
)
_HEREDOC = regex(r"\d*+<<(?P<dash>-?+)\s*+(?P<name>[^<]+)", re.DOTALL)
_QUOTED = regex(r"""\\(.)|'([^']*+)'|"((?:\\.|[^"\\])*+)\"""", re.DOTALL)
_JSON_STRING = regex(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_FLAG_QUOTED = regex(r"""\\(.?)|'((?:\\.|[^'\\])*+)'?|"((?:\\.|[^"\\])*+)"?""", re.DOTALL)
_ESCAPED = regex(r"\\(.)", re.DOTALL)


class Flag(Struct, frozen=True):
    """`--name` or `--name=value` in front of an instruction's arguments."""

    name: str
    text: Text
    value: Text | None


class Pair(NamedTuple):
    """`key=value` of ENV, LABEL or ARG; `value` is None where an ARG has no default."""

    key: Text
    value: Text | None


class HeredocMark(Struct, frozen=True):
    """`<<EOF` in an instruction: what ends the body and how the body is to be read."""

    name: str
    strip_tabs: bool
    quoted: bool
    text: Text


@cache
def _word(escape: str) -> re.Pattern[str]:
    """A word of ENV, LABEL or ARG: blanks inside quotes belong to it, an open quote runs on."""
    e = re.escape(escape)
    return re.compile(
        rf"""(?:{e}.|'[^']*+(?:'|\Z)|"(?:{e}.|[^"{e}])*+(?:"|{e}?\Z)|[^\s'"{e}]|{e})++""", re.DOTALL
    )


def plain_words(text: Text) -> tuple[Text, ...]:
    """Words between blanks; quotes have no meaning here (FROM, COPY, EXPOSE, …)."""
    return tuple(text.find(_PLAIN))


def quoted_words(text: Text, escape: str) -> tuple[Text, ...]:
    """Words of ENV, LABEL and ARG, quotes still on."""
    return tuple(text.find(_word(escape)))


def pair(word: Text) -> Pair:
    """Cut a word at its first `=`."""
    at = word.text.find("=")
    return Pair(word, None) if at < 0 else Pair(word.part(0, at), word.part(at + 1))


def cut_flags(text: Text) -> tuple[tuple[Flag, ...], Text]:
    """The flags at the front, and what follows them.

    A lone `--` ends the flags and is no argument. The text begins with no blank.
    """
    if not text.line.text.startswith("--", text.start):
        return (), text
    flags: list[Flag] = []
    position = text.start
    while found := _FLAG.match(text.line.text, position, text.end):
        position = found.end()
        if found["flag"] == "--":
            break
        flags.append(_flag(Text(text.line, *found.span("flag"))))
    return tuple(flags), Text(text.line, position, text.end).strip()


def _flag(word: Text) -> Flag:
    at = word.text.find("=")
    name = unquote(word.text[2:] if at < 0 else word.text[2:at])
    return Flag(name, word, None if at < 0 else _inside_quotes(word.part(at + 1)))


def _inside_quotes(value: Text) -> Text:
    text = value.text
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return value.part(1, len(text) - 1) if quoted else value


def flag_options(value: Text) -> dict[str, Text]:
    """The fields of a value like `type=bind,from=image`; a field without `=` has an empty text."""
    options: dict[str, Text] = {}
    start = 0
    for field in value.text.split(","):
        key, _, _ = field.partition("=")
        options[key.strip().lower()] = value.part(start + len(key) + 1, start + len(field))
        start += len(field) + 1
    return options


def json_words(text: Text) -> tuple[tuple[str, ...], tuple[Text, ...]] | None:
    """The strings of a JSON array, and the place of each; None where it is no array of strings."""
    items = json_array(text.text)
    if items is None or not all(isinstance(item, str) for item in items):
        return None
    return tuple(map(_valid, items)), tuple(text.find(_JSON_STRING))


def json_array(text: str) -> list[Any] | None:
    """The array that a text is; None for any other, one with something behind an array too."""
    items, rest = json_start(text)
    return None if rest.strip() else items


def json_start(text: str) -> tuple[list[Any] | None, str]:
    """The array that a text begins with, and what stands behind it; None where there is none."""
    if not text.startswith("["):
        return None, ""
    try:
        items, end = _JSON.raw_decode(text)
    except (ValueError, RecursionError):
        return None, ""
    return items, text[end:]


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_JSON = json.JSONDecoder(parse_constant=_no_constant)


def _valid(text: str) -> str:
    """The string without lone surrogates, which JSON can name and no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def heredoc_marks(text: Text) -> tuple[HeredocMark, ...]:
    """The heredocs that a line opens: a shell word of its own, `<<EOF`, `3<<-"EOF"`, `<< EOF`.

    Blanks behind `<<` count since version 1.16 of the Dockerfile frontend; behind `<<-` they
    do not. With an open quote there is none at all, as in BuildKit.
    """
    if "<<" not in text.text:
        return ()
    words = list(text.find(_HEREDOC_WORD))
    if any(word.text in ("'", '"', "\\") for word in words):
        return ()
    return tuple(mark for word in words if (mark := _heredoc_mark(word)))


def _heredoc_mark(word: Text) -> HeredocMark | None:
    found = _HEREDOC.fullmatch(word.text)
    if not found:
        return None
    name = found["name"]
    if not _plain(name):
        return None
    return HeredocMark(_plain(name), bool(found["dash"]), "'" in name or '"' in name, word)


def _plain(word: str) -> str:
    return _QUOTED.sub(lambda found: found[1] or found[2] or found[3] or "", word)


def unquote(text: str) -> str:
    """A flag's text without its quotes and backslashes."""
    if not any(sign in text for sign in "\\'\""):
        return text
    return _FLAG_QUOTED.sub(
        lambda found: found[1] or _ESCAPED.sub(r"\1", found[2] or found[3] or ""), text
    )
