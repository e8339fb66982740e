"""Simple commands: assignments, words, redirections and here-documents."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.shell.cursor import Locate
from kerp_policy.artifacts.shell.drafts import SWITCHING, Draft, Drafts
from kerp_policy.artifacts.shell.inner import SHELLS, reads_input, script_argument, script_of
from kerp_policy.artifacts.shell.model import (
    Assignment,
    Heredoc,
    Part,
    Redirect,
    Scope,
    Word,
    command_name,
)
from kerp_policy.artifacts.shell.words import Words
from kerp_policy.artifacts.shell.wrappers import inner_command
from kerp_policy.regex import regex

_GAP = regex(r"(?:[ \t]|\\\n)*+")
_BLANK = regex(_GAP.pattern + r"(?:#[^\n]*+)?")
_BLANK_IN_ARRAY = regex(r"(?:[ \t\n]|\\\n|#[^\n]*+)*+")
_END = regex(r"[\n;|()]|&(?!>)|\Z")
_TEST_END = regex(r"\]\](?=[ \t\n;&|()]|\Z)")
_TEST_GOES_ON = regex(r"\n[ \t]*(?:&&|\|\||\)|\]\])")
_ASSIGNMENT = regex(r"([A-Za-z_]\w*)(?:\[[^]\n]*\])?\+?=", re.ASCII)
_REDIRECT = regex(
    r"(?P<descriptor>\d+|\{[A-Za-z_]\w*\})?"
    r"(?P<operator>&>>|&>|<<<|<<-|<<|<>|<&|<(?!\()|>>|>&|>\||>(?!\())",
    re.ASCII,
)
_DECLARING = frozenset(("export", "declare", "typeset", "local", "readonly"))
_LEADING_TABS = regex(r"^\t+", re.MULTILINE)


class _Pending(Struct, frozen=True):
    """A here-document whose body has not been reached."""

    draft: Draft
    redirect: int
    delimiter: str
    expands: bool
    start: int


class Simple(Words):
    """A cursor that reads simple commands."""

    def __init__(self, text: str, locate: Locate, drafts: Drafts, depth: int = 0) -> None:
        super().__init__(text, locate, drafts.errors, depth)
        self.drafts = drafts
        self.scopes: tuple[Scope, ...] = ()
        self.parent: int | None = None
        self.current: int | None = None
        self._pending: list[_Pending] = []

    def blank(self) -> None:
        """Step over blanks, joined lines and a comment."""
        self.take(_BLANK)

    def draft(self, start: int) -> Draft:
        """A new command that begins here."""
        span = self.span(start, start + 1)
        draft = Draft(len(self.drafts.commands), span, self.scopes, self.parent)
        self.drafts.commands.append(draft)
        return draft

    def simple(self) -> None:
        """Read a simple command; the caller has seen that one begins here."""
        outer, start = self.current, self.at
        draft = self.draft(start)
        self.current, end = draft.index, start
        while not self.find(_END):
            if not self.redirect(draft):
                self._argument(draft)
            if self.at == start + 2 and draft.words and draft.words[0].raw == "[[":
                self._test(draft)
            end = self.at
            self.blank()
        draft.span = self.span(start, end)
        self.current = outer
        self._run_inner(draft)

    def at_redirect(self) -> bool:
        """Whether a redirection stands here."""
        return self.find(_REDIRECT) is not None

    def redirect(self, draft: Draft) -> bool:
        """Read a redirection, if one stands here."""
        found = self.find(_REDIRECT)
        if not found:
            return False
        self.at = found.end()
        self.take(_GAP)
        start, target = self.at, self.word()
        operator = found["operator"]
        if not target.raw:
            self.fail(found.start(), found.end(), f"nothing comes after {operator}")
        elif operator in ("<<", "<<-"):
            delimiter = "".join(part.text for part in target.parts)
            plain = not any(part.quoted for part in target.parts)
            at = len(draft.redirects)
            self._pending.append(_Pending(draft, at, delimiter, plain, start))
        if operator[0] == "<" and (found["descriptor"] or "0") == "0":
            draft.input = len(draft.redirects)
        draft.redirects.append(Redirect(operator, target, found["descriptor"] or ""))
        return True

    def _argument(self, draft: Draft) -> None:
        found = self.find(_ASSIGNMENT) if self._may_assign(draft) else None
        if not found:
            word = self.word()
            draft.words.append(word)
            if not word.raw:
                self.at += 1
                self.fail(self.at - 1, self.at, "a shell expects a word here")
            return
        start, self.at = self.at, found.end()
        value = self._array() if self.starts("(") else self.word()
        draft.assignments.append(Assignment(found[1], value))
        if draft.words:
            name = Part("text", found[0], False, start)
            draft.words.append(self.made(start, [name, *value.parts]))

    def _may_assign(self, draft: Draft) -> bool:
        return not draft.words or draft.words[0].text in _DECLARING

    def _test(self, draft: Draft) -> None:
        """Read a bash test, in which `&&`, `<` and parentheses are words, behind its `]]`."""
        while not self.take(_TEST_END):
            self.take(_GAP)
            if self.starts("\n") and self._test_goes_on(draft):
                self.newline()
            elif self.at >= self.end or self.text[self.at] in "\n;":
                self.fail(self.at, self.at, "[[ is not closed by ]]")
                return
            elif not self.find(_TEST_END):
                draft.words.append(self.test_word())
        draft.words.append(self.made(self.at - 2, [Part("text", "]]", False, self.at - 2)]))

    def _test_goes_on(self, draft: Draft) -> bool:
        opened = draft.words[-1].raw in ("&&", "||", "(", "!", "[[")
        return opened or self.find(_TEST_GOES_ON) is not None

    def _array(self) -> Word:
        start, parts = self.at, list[Part]()
        self.at += 1
        self.take(_BLANK_IN_ARRAY)
        while self.at < self.end and not self.starts(")"):
            here = self.at
            parts += self.word().parts
            self.at += self.at == here
            self.take(_BLANK_IN_ARRAY)
        if not self.starts(")"):
            self.fail(start, self.at, "this ( is never closed")
        self.at = min(self.at + 1, self.end)
        array = self.made(start, parts)
        return replace(array, text=None)

    def newline(self) -> None:
        """Step over the end of a line and the bodies of the here-documents that it opened."""
        self.at += 1
        pending, self._pending = self._pending, []
        for document in pending:
            self._heredoc(document)

    def _heredoc(self, document: _Pending) -> None:
        redirect = document.draft.redirects[document.redirect]
        tabs = redirect.operator == "<<-"
        start = self.at
        end = self._delimiter_line(document.delimiter, tabs)
        if end is None:
            end = self.at = self.end
            self.fail(
                document.start,
                document.start + len(redirect.target.raw),
                f"no line ends this here-document: {document.delimiter[:40]} is not there",
                certain=False,  # shells warn and take the rest of the text
            )
        outer, self.current = self.current, document.draft.index
        body = self.heredoc_body(start, end, document.expands)
        self.current = outer
        if tabs and body.text:
            body = replace(body, text=_LEADING_TABS.sub("", body.text))
        document.draft.redirects[document.redirect] = replace(redirect, target=body)
        self.drafts.heredocs.append(
            Heredoc(document.delimiter, body, document.expands, document.draft.index)
        )
        if document.redirect == document.draft.input:
            self._run_document(document.draft, body)

    def _delimiter_line(self, delimiter: str, tabs: bool) -> int | None:
        """Step behind the line that ends a here-document; where that line begins."""
        while self.at < self.end:
            start = self.at
            stop = self.text.find("\n", start, self.end)
            stop = self.end if stop < 0 else stop
            self.at = min(stop + 1, self.end)
            line = self.text[start:stop]
            if (line.lstrip("\t") if tabs else line) == delimiter:
                return start
        return None

    def finish(self) -> None:
        """Say which here-documents the text ends without."""
        self.at = self.end
        pending, self._pending = self._pending, []
        for document in pending:
            self._heredoc(document)

    def _run_inner(self, draft: Draft) -> None:
        name, words = _inner(draft)
        texts = [word.text for word in words]
        if name in SWITCHING:
            self.drafts.switching(name, texts, draft.span, draft.scopes)
        elif name in SHELLS and (at := script_argument(texts)) is not None:
            parts = words[at].parts if words[at].text is not None else ()
            self._inside(draft, texts[:at], *script_of(parts))

    def _run_document(self, draft: Draft, body: Word) -> None:
        """Read the here-document that a shell is fed (`bash <<EOF`)."""
        name, words = _inner(draft)
        texts = [word.text for word in words]
        if name in SHELLS and reads_input(texts):
            self._inside(draft, texts, *script_of(body.parts))

    def _inside(
        self, draft: Draft, options: list[str | None], text: str, origins: list[int]
    ) -> None:
        """Read the script of a shell that a command starts, with these options."""
        outer = self.scopes, self.parent
        self.scopes, self.parent = (*draft.scopes, "shell"), draft.index
        self.drafts.switch(options, draft.span, self.scopes)
        self.nested(text, origins)
        self.scopes, self.parent = outer


def _inner(draft: Draft) -> tuple[str | None, list[Word]]:
    """The command that really runs, and its arguments."""
    words = draft.words
    start = inner_command([word.text for word in words], [word.prefix for word in words])
    return command_name(words[start:]), words[start + 1 :]
