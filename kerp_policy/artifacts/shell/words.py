"""Words: quotes, escapes and expansions, after the POSIX Shell Command Language, 2.2 and 2.6."""

from __future__ import annotations

import re
from collections.abc import Callable

from kerp_policy.artifacts.shell.cursor import Cursor
from kerp_policy.artifacts.shell.model import Part, Word
from kerp_policy.artifacts.shell.quotes import ansi_pieces, backquote_pieces
from kerp_policy.regex import regex

_PLAIN = regex(r"""[^ \t\n;&|()<>"'`$\\]++""")
# Between [[ and ]] only blanks end a word: ( ) | & < > are the test's own operators.
_PLAIN_IN_TEST = regex(r"""[^ \t\n;"'`$\\]++""")
_SINGLE = regex(r"'[^']*+'")
_ANSI = regex(r"\$'(?:[^'\\]|\\.)*+'", re.DOTALL)
_BACKQUOTED = regex(r"`(?:[^`\\]|\\.)*+`", re.DOTALL)
# A here-document's body ends where the reader's own end is: it has no character that ends it.
_HEREDOC = ""
_QUOTED_RUN = {
    '"': regex(r'[^"\\$`]++'),
    "}": regex(r"""[^}"'\\$`]++"""),
    _HEREDOC: regex(r"[^\\$`]++"),
}
_VARIABLE = regex(r"\$([A-Za-z_]\w*|[0-9@*#?$!-])", re.ASCII)
_PARAMETER = regex(
    r"""\$\{(?P<sign>[#!]?)(?P<name>[A-Za-z_]\w*|[0-9]+|[@*#?$!-])"""
    r"""(?:\[(?:\$\{[^{}\n]*+\}|[^][{}\n])*+\])?(?:[@*](?=\}))?"""
    r"""(?P<operator>:?[-=+?]|\#\#?|%%?|//?|\^\^?|,,?|@|:)?""",
    re.ASCII,
)
# Three levels of parentheses, on one line: enough for arithmetic, and linear.
_ARITHMETIC = regex(r"\$?\(\((?:[^()\n]|\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*+\))*+\))*+\))*+\)\)")


class Words(Cursor):
    """A cursor that reads words; what reads commands inside them comes from the subclass."""

    def substitution(self, start: int, end: int | None) -> None:
        """Read commands up to `end`, else up to the parenthesis that closes them."""
        raise NotImplementedError

    def nested(self, text: str, origins: list[int]) -> None:
        """Read commands of a text derived from this one."""
        raise NotImplementedError

    def word(self, plain: re.Pattern[str] = _PLAIN) -> Word:
        """The word here; it may be empty."""
        start, parts = self.at, list[Part]()
        while self.at < self.end and self._piece(parts, plain):
            pass
        end = self.at
        # A joined line at the word's end is blank space, not part of the word.
        while self.text.endswith("\\\n", start, end):
            end -= 2
        return self.made(start, parts, end)

    def test_word(self) -> Word:
        """The word here, between `[[` and `]]`."""
        return self.word(_PLAIN_IN_TEST)

    def made(self, start: int, parts: list[Part], end: int | None = None) -> Word:
        """The word from `start` up to `end`, or up to here."""
        end = self.at if end is None else end
        literal = all(part.kind == "text" for part in parts)
        text = "".join(part.text for part in parts) if literal else None
        return Word(text, self.text[start:end], self.span(start, end), tuple(parts))

    def heredoc_body(self, start: int, end: int, expands: bool) -> Word:
        """The word from `start` to `end`, in which only `$`, backquotes and backslashes count."""
        back, limit, parts = self.at, self.end, list[Part]()
        self.at, self.end = start, end
        if expands:
            self._quoted(parts, _HEREDOC)
        elif start < end:
            parts.append(Part("text", self.text[start:end], True, start))
        self.at = end
        word = self.made(start, parts)
        self.at, self.end = back, limit
        return word

    def _piece(self, parts: list[Part], plain: re.Pattern[str]) -> bool:
        start = self.at
        if text := self.take(plain):
            parts.append(Part("text", text, False, start))
            return True
        if reader := _PIECES.get(self.text[start]):
            reader(self, parts)
            return True
        if self.text[start] in "<>" and self.text.startswith("(", start + 1, self.end):
            self.at += 2
            self.substitution(start, None)
            parts.append(Part("command", self.text[start : self.at], False, start))
            return True
        return False

    def _escape(self, parts: list[Part]) -> None:
        start = self.at
        self.at = min(start + 2, self.end)
        if self.text[start + 1 : self.at] != "\n":
            parts.append(Part("text", self.text[start + 1 : self.at] or "\\", True, start))

    def _single(self, parts: list[Part]) -> None:
        start = self.at
        quoted = self.take(_SINGLE)
        if not quoted:
            self._unclosed(start, "'")
        text = quoted[1:-1] if quoted else self.text[start + 1 : self.end]
        parts.append(Part("text", text, True, start + 1))

    def _double(self, parts: list[Part]) -> None:
        start = self.at
        self.at += 1
        count = len(parts)
        if not self._quoted(parts, '"'):
            self._unclosed(start, '"')
        if len(parts) == count:
            parts.append(Part("text", "", True, start + 1))

    def _unclosed(self, start: int, what: str) -> None:
        self.at = self.end
        self.fail(start, self.end, f"this {what} is never closed")

    def _quoted(self, parts: list[Part], stop: str, quoted: bool = True) -> bool:
        while self.at < self.end:
            char = self.text[self.at]
            if char == stop:
                self.at += 1
                return True
            self._quoted_piece(parts, stop, quoted)
        return False

    def _quoted_piece(self, parts: list[Part], stop: str, quoted: bool) -> None:
        start, char = self.at, self.text[self.at]
        if char == "\\":
            self._quoted_escape(parts, stop)
        elif char == "$":
            self._dollar(parts, quoted)
        elif char == "`":
            self._backquote(parts, quoted)
        elif stop == "}" and (char == '"' or (char == "'" and not quoted)):
            _PIECES[char](self, parts)
        else:
            self.at += 1
            self.take(_QUOTED_RUN[stop])
            parts.append(Part("text", self.text[start : self.at], quoted, start))

    def _quoted_escape(self, parts: list[Part], stop: str) -> None:
        start, escaped = self.at, self.text[self.at + 1 : min(self.at + 2, self.end)]
        if escaped and escaped in ("$`\\\n" if stop == _HEREDOC else '$`\\\n"}'):
            self._escape(parts)
        else:
            self.at += 1
            parts.append(Part("text", "\\", True, start))

    def _dollar(self, parts: list[Part], quoted: bool = False) -> None:
        start = self.at
        if found := self.find(_VARIABLE):
            self.at = found.end()
            parts.append(Part("variable", found[1], quoted, start))
        elif self.starts("${"):
            self._parameter(parts, quoted)
        elif found := self.find(_ARITHMETIC):
            self.arithmetic(parts, quoted, found.end())
        elif self.starts("$("):
            self.at += 2
            self.substitution(start, None)
            parts.append(Part("command", self.text[start : self.at], quoted, start))
        elif not quoted and self.starts("$'"):
            self._ansi(parts)
        elif not quoted and self.starts('$"'):
            self.at += 1
            self._double(parts)
        else:
            self.at += 1
            parts.append(Part("text", "$", quoted, start))

    def _parameter(self, parts: list[Part], quoted: bool) -> None:
        self.enter()
        start, inner = self.at, list[Part]()
        found = self.find(_PARAMETER)
        self.at = operand = found.end() if found else start + 2
        closed = self._quoted(inner, "}", quoted)
        self.depth -= 1
        text = self.text[operand : self.at - closed]
        if not closed:
            self._unclosed(start, "${")
        if found is None or (text and not found["operator"]):
            message = "this is no parameter expansion that a shell knows"
            self.fail(start, self.at, message, certain=False)
            parts.append(Part("variable", "", quoted, start, "", text))
        else:
            operator = found["operator"] or found["sign"]
            parts.append(Part("variable", found["name"], quoted, start, operator, text))
        parts += [part for part in inner if part.kind != "text"]

    def arithmetic(self, parts: list[Part], quoted: bool, end: int) -> None:
        """Read `$((…))` or `((…))` up to its end, for the commands inside."""
        start, limit, inner = self.at, self.end, list[Part]()
        self.enter()
        self.at, self.end = self.text.index("((", start) + 2, end - 2
        self._quoted(inner, _HEREDOC)
        self.depth -= 1
        self.at, self.end = end, limit
        parts.append(Part("arithmetic", self.text[start:end], quoted, start))
        parts += [part for part in inner if part.kind != "text"]

    def _ansi(self, parts: list[Part]) -> None:
        start = self.at
        quoted = self.take(_ANSI)
        if not quoted:
            self._unclosed(start, "$'")
        if quoted in ("", "$''"):
            parts.append(Part("text", "", True, start))
        parts += [Part("text", text, True, start + at) for text, at in ansi_pieces(quoted)]

    def _backquote(self, parts: list[Part], quoted: bool = False) -> None:
        start = self.at
        source = self.take(_BACKQUOTED)
        if not source:
            self._unclosed(start, "backquote")
        elif "\\" in source:
            self._escaped_backquote(start, len(source))
        else:
            self.at, after = start + 1, self.at
            self.substitution(start, after - 1)
            self.at = after
        parts.append(Part("command", self.text[start : self.at], quoted, start))

    def _escaped_backquote(self, start: int, length: int) -> None:
        pieces, origins = list[str](), list[int]()
        for text, at in backquote_pieces(self.text[start : start + length]):
            pieces.append(text)
            origins += range(start + at, start + at + len(text))
        self.nested("".join(pieces), origins)


_PIECES: dict[str, Callable[[Words, list[Part]], None]] = {
    "\\": Words._escape,
    "'": Words._single,
    '"': Words._double,
    "`": Words._backquote,
    "$": Words._dollar,
}
