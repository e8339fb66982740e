"""Instructions of a Dockerfile with the exact place of everything in them."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from kerp_policy.artifacts.dockerfile.prepass import Directive, Heredoc
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.artifacts.dockerfile.words import (
    Flag,
    Pair,
    cut_flags,
    flag_options,
    json_words,
    pair,
    plain_words,
    quoted_words,
)
from kerp_policy.sources.source import Problem, Source, Span

KEYWORDS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK"}
    | {"LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
JSON_FORM = frozenset(["ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"])
_ONE_WORD = frozenset(["MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"])


class Instruction(Struct, frozen=True, eq=False, dict=True):
    """One instruction, or the one inside ONBUILD and HEALTHCHECK.

    Attributes:
        keyword: in capitals; `NONE` for the inner instruction of `HEALTHCHECK NONE`.
        name: the keyword as written.
        arguments: all behind the keyword, flags among them.
        heredocs: in the order in which the line opens them.
        span: from the keyword to the last character, the end of a heredoc included.
        escape: the character that continues a line and escapes in a word.
        lines: the physical lines of the file.
    """

    keyword: str
    name: Text
    arguments: Text
    heredocs: tuple[Heredoc, ...]
    span: Span
    escape: str
    lines: list[str]

    @cached_property
    def _cut(self) -> tuple[tuple[Flag, ...], Text]:
        return cut_flags(self.arguments)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """Its flags, in order."""
        return self._cut[0]

    @property
    def value(self) -> Text:
        """What follows the flags, without blanks around it."""
        return self._cut[1]

    def flag(self, name: str) -> Flag | None:
        """The first flag of a name (without the dashes)."""
        return next((flag for flag in self.flags if flag.name == name), None)

    @property
    def mounts(self) -> tuple[dict[str, Text], ...]:
        """The fields of each `--mount` of a RUN."""
        return tuple(flag_options(f.value) for f in self.flags if f.name == "mount" and f.value)

    @property
    def sources(self) -> tuple[Text, ...]:
        """The stages and images that `COPY --from` and the mounts of a RUN name."""
        if self.keyword == "RUN":
            return tuple(mount["from"] for mount in self.mounts if "from" in mount)
        flag = self.flag("from") if self.keyword == "COPY" else None
        return (flag.value,) if flag and flag.value else ()

    @property
    def copied(self) -> tuple[tuple[Text, str], ...]:
        """What a COPY or ADD copies: each word as it is written, with its text."""
        return tuple(zip(self.words, self.word_texts, strict=True))[:-1]

    @cached_property
    def _json(self) -> tuple[tuple[str, ...], tuple[Text, ...]] | None:
        return json_words(self.value) if self.keyword in JSON_FORM else None

    @property
    def exec_form(self) -> tuple[str, ...] | None:
        """The strings of the JSON form; None in the shell form."""
        return self._json[0] if self._json else None

    @cached_property
    def words(self) -> tuple[Text, ...]:
        """The arguments as written: of the JSON form each string with its quotes."""
        if self._json:
            return self._json[1]
        if self.keyword in _ONE_WORD:
            return (self.value,) if self.value.text else ()
        if self.keyword in ("ENV", "LABEL", "ARG"):
            return quoted_words(self.value, self.escape)
        return plain_words(self.value)

    @property
    def word_texts(self) -> tuple[str, ...]:
        """The arguments, those of the JSON form decoded; quotes and variables still in them."""
        return self.exec_form or tuple(word.text for word in self.words)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Keys and values of ENV, LABEL and ARG; `ENV key some value` is one pair."""
        words = self.words
        if self.keyword not in ("ENV", "LABEL", "ARG") or not words:
            return ()
        if self.keyword == "ARG" or "=" in words[0].text:
            return tuple(pair(word) for word in words)
        rest = self.value.part(len(plain_words(self.value)[0].text)).strip()
        return (Pair(plain_words(self.value)[0], rest if rest.text else None),)

    @cached_property
    def inner(self) -> Instruction | None:
        """The instruction behind ONBUILD; CMD or NONE behind HEALTHCHECK."""
        if self.keyword not in ("ONBUILD", "HEALTHCHECK") or not self.value.text:
            return None
        name = plain_words(self.value)[0]
        keyword = name.text.upper()
        rest = self.value.part(len(name.text)).strip()
        span = Span(*name.span.start, *self.span.end)
        return Instruction(keyword, name, rest, self.heredocs, span, self.escape, self.lines)


class Dockerfile(Struct, frozen=True):
    """A Dockerfile as it was read.

    `problems` are what Docker would refuse (policy `dockerfile-syntax`), in file order, a
    hundred at most; unknown instructions are no part of `instructions`.
    """

    source: Source
    directives: tuple[Directive, ...]
    instructions: tuple[Instruction, ...]
    escape: str
    problems: tuple[Problem, ...]

    def directive(self, name: str) -> Directive | None:
        """The parser directive of a name: `syntax`, `escape` or `check`."""
        return next((found for found in self.directives if found.name == name), None)
