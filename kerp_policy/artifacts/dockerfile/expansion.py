"""Docker's own expansion of variables in the words of an instruction.

Source: Dockerfile reference, "Environment replacement". What the file does not say stays
unknown: a value is exact, or it is not given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from kerp_policy.regex import regex

MAX_GAIN = 1_024
"""Characters that expansion may add to a word; more is unknown, so doubling stays harmless."""
MAX_DEPTH = 16

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*|\d+|[@*#?$!\-]")
_OPERATOR = regex(r":?[-+?]|##?|%%?|//?")


class Missing(Enum):
    """Why a variable has no value that the file could tell."""

    UNSET = "nothing sets it: it is empty"
    OPTIONAL = "an ARG without a default: empty unless the build gives a value"
    UNKNOWN = "the base image, the platform or an unknown value decides"


Lookup = Callable[[str], "str | Missing"]


class Expanded(Struct, frozen=True):
    """A word after expansion and quote removal.

    Attributes:
        text: the exact text; None where a variable in it has no known value.
        unknown: the names of those variables, in order; empty where the text is no valid
            reference to any, or too long.
        error: why Docker refuses the word; empty where it does not.
    """

    text: str | None
    unknown: tuple[str, ...] = ()
    error: str = ""


class _BadWordError(Exception):
    """Docker refuses the word; without a message it is only more than this reader follows."""


def expand(word: str, lookup: Lookup, escape: str = "\\") -> Expanded:
    """Expand a word.

    An ARG without a default counts as unset for `${X:-default}`: the default is what the file
    says, as an ARG's own default is. Anywhere else it is unknown.
    """
    if "$" not in word and "'" not in word and '"' not in word and escape not in word:
        return Expanded(word)
    expander = _Expander(word, lookup, escape)
    try:
        text = expander.until("", 0)
    except _BadWordError as problem:
        return Expanded(None, (), str(problem))
    unknown = tuple(dict.fromkeys(expander.unknown))
    if unknown or expander.lost or len(text) > len(word) + MAX_GAIN:
        return Expanded(None, unknown)
    return Expanded(text)


class _Expander:
    def __init__(self, word: str, lookup: Lookup, escape: str) -> None:
        self.word = word
        self.lookup = lookup
        self.escape = escape
        self.at = 0
        self.gained = 0
        self.lost = False
        self.unknown: list[str] = []
        self.plain = re.compile(rf"""[^$'"}}{re.escape(escape)}]+""")

    def until(self, stop: str, depth: int) -> str:
        """The text up to a closing brace, or to the end."""
        if depth > MAX_DEPTH:
            raise _BadWordError
        parts: list[str] = []
        while self.at < len(self.word):
            if found := self.plain.match(self.word, self.at):
                self.at = found.end()
                parts.append(found[0])
            elif self.word[self.at] == stop:
                self.at += 1
                return "".join(parts)
            else:
                parts.append(self._special(depth))
        if stop:
            raise _BadWordError("${ has no closing brace")
        return "".join(parts)

    def _special(self, depth: int) -> str:
        char = self.word[self.at]
        self.at += 1
        if char == "'":
            return self._single_quoted()
        if char == '"':
            return self._double_quoted(depth)
        if char == self.escape:
            self.at += 1
            return self.word[self.at - 1 : self.at]
        return self._variable(depth) if char == "$" else char

    def _single_quoted(self) -> str:
        end = self.word.find("'", self.at)
        if end < 0:
            raise _BadWordError("a single quote is not closed")
        text = self.word[self.at : end]
        self.at = end + 1
        return text

    def _double_quoted(self, depth: int) -> str:
        parts: list[str] = []
        while self.at < len(self.word):
            char = self.word[self.at]
            self.at += 1
            if char == '"':
                return "".join(parts)
            if char == self.escape and self.word[self.at : self.at + 1] in ('"', "$", self.escape):
                char = self.word[self.at]
                self.at += 1
            elif char == "$":
                char = self._variable(depth)
            parts.append(char)
        raise _BadWordError("a double quote is not closed")

    def _variable(self, depth: int) -> str:
        braces = self.word.startswith("{", self.at)
        found = _NAME.match(self.word, self.at + braces)
        if not found:
            if braces:
                raise _BadWordError("${ is not followed by a variable's name")
            return "$"
        self.at = found.end()
        if not braces:
            return self._value(found[0])
        if self.word.startswith("}", self.at):
            self.at += 1
            return self._value(found[0])
        return self._modified(found[0], depth)

    def _modified(self, name: str, depth: int) -> str:
        operator = _OPERATOR.match(self.word, self.at)
        if not operator:
            raise _BadWordError(f"${{{name} is followed by neither a brace nor a modifier")
        self.at = operator.end()
        known, lost = len(self.unknown), self.lost
        operand = self.until("}", depth + 1)
        value = self.lookup(name)
        if _takes_operand(operator[0], value):
            return operand
        is_open = len(self.unknown) > known or self.lost
        del self.unknown[known:]
        self.lost = lost
        if operator[0][-1] in "#%/" and value not in ("", Missing.UNSET):
            cut = None if is_open else _cut(operator[0], value, operand)
            if cut is None:
                self.unknown.append(name)
            return self._counted(cut or "")
        if operator[0][-1] == "?" and (
            value is Missing.UNSET or (operator[0], value) == (":?", "")
        ):
            raise _BadWordError(f"{name} must have a value and has none")
        return self._value(name)

    def _value(self, name: str) -> str:
        value = self.lookup(name)
        if value is Missing.UNSET:
            return ""
        if isinstance(value, Missing):
            self.unknown.append(name)
            return ""
        return self._counted(value)

    def _counted(self, value: str) -> str:
        self.gained += len(value)
        if self.gained > MAX_GAIN + len(self.word):
            self.lost = True
            return ""
        return value


def _takes_operand(operator: str, value: str | Missing) -> bool:
    if operator in ("-", ":-"):
        return value in (Missing.UNSET, Missing.OPTIONAL) or (operator, value) == (":-", "")
    if operator in ("+", ":+"):
        return isinstance(value, str) and (operator, value) != (":+", "")
    return False


def _cut(operator: str, value: str | Missing, operand: str) -> str | None:
    """`${X#v}`, `${X%v}` and `${X/v/w}` of a plain text; None where the pattern is none."""
    pattern, slash, replacement = (
        operand.partition("/") if operator[0] == "/" else (operand, "", "")
    )
    if isinstance(value, Missing) or not pattern or set(operand) & set("*?\\"):
        return None
    if operator[0] == "#":
        return value.removeprefix(pattern)
    if operator[0] == "%":
        return value.removesuffix(pattern)
    count = value.count(pattern) if operator == "//" else 1
    if not slash or "/" in replacement or count * len(replacement) > MAX_GAIN:
        return None
    return value.replace(pattern, replacement, count)
