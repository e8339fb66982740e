"""Lists and pipelines, after the POSIX Shell Command Language, 2.9."""

from __future__ import annotations

from kerp_policy.artifacts.shell.cursor import TooDeepError, mapped
from kerp_policy.artifacts.shell.simple import Simple
from kerp_policy.regex import regex

_TOKEN = regex(
    r"(?:if|then|elif|else|fi|for|select|while|until|do|done|case|esac|function|coproc|[{}!])"
    r"(?=[ \t\n;&|()<>]|\\\n|\Z)|;;&|;&|;;|&&|\|\||\|&|&(?!>)|[;|()\n]"
)
_CLOSERS = frozenset(
    ("then", "elif", "else", "fi", "do", "done", "esac", "}", ")", ";;", ";&", ";;&")
)
NEXT_ITEM = frozenset((";;", ";&", ";;&"))
OPENERS = frozenset(
    ("{", "(", "if", "for", "select", "while", "until", "case", "function", "coproc")
)
_DANGLING = frozenset((";", "&", "&&", "||", "|", "|&"))
FUNCTION = regex(r"""([^\s;&|()<>"'`$\\=]++)[ \t]*\([ \t]*\)""")
ARITHMETIC = regex(
    r"\(\((?:[^()\n]|\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*+\))*+\))*+\))*+\)\)(?=[ \t\n;&|)]|\Z)"
)
_AFTER_STRAY = regex(r"[ \t]*;(?!;)")
# What a message may show: nothing else of the text, which may hold a secret.
_OPENER = regex(r"[a-z]+|[$<>]?\(|\{")
# `time` is a reserved word before assignments and what is no simple command; else a wrapper.
_TIME = regex(r"time(?:[ \t]+-p)?[ \t]+(?=[{(!]|(?:if|for|while|until|case)[ \t]|[A-Za-z_]\w*=)")


class Lists(Simple):
    """A cursor that reads lists; what reads compound commands comes from the subclass."""

    # What the constructs around the place may end with, innermost last.
    _stops: tuple[frozenset[str], ...] = ()

    def read(self) -> None:
        """Read the whole text."""
        try:
            self.list_until(frozenset())
            self.finish()
        except TooDeepError:
            self.end = len(self.text)
            self.fail(self.at, self.end, "this nests too deep; it is not read from here on")

    def nested(self, text: str, origins: list[int]) -> None:
        """Read a text derived from this one."""
        if not text:
            return
        inner = type(self)(text, mapped(self.locate, origins), self.drafts, self.depth)
        inner.scopes, inner.parent = self.scopes, self.parent
        inner.read()

    def substitution(self, start: int, end: int | None) -> None:
        """Read what is substituted into a word, up to `end` or the closing parenthesis."""
        outer = self.scopes, self.parent, self.current, self.end, self._stops
        self.scopes, self.parent = (*self.scopes, "substitution"), self.current
        self.current, self._stops = None, ()
        if end is None:
            self.list_until(frozenset(")"))
            self.expect(")", start)
        else:
            self.end = end
            self.list_until(frozenset())
        self.scopes, self.parent, self.current, self.end, self._stops = outer

    def compound(self, opener: str, start: int) -> None:
        """Read the compound command whose first word at `start` has just been read."""
        raise NotImplementedError

    def peek(self) -> str:
        """The reserved word or operator that comes next, without a step; empty for others."""
        found = self.find(_TOKEN)
        return found[0] if found else ""

    def expect(self, closer: str, start: int) -> None:
        """Step over what closes the construct begun at `start`, or note that it is missing."""
        self.to_line()
        if self.peek() == closer:
            self.at += len(closer)
            return
        opener = _OPENER.match(self.text, start)
        name = opener[0] if opener else "this"
        self.fail(start, self.at, f"{name} is not finished: {closer} is missing")

    def to_line(self) -> None:
        """Step over blanks, comments and ends of lines."""
        self.blank()
        while self.starts("\n"):
            self.newline()
            self.blank()

    def _to_command(self) -> bool:
        """Step to the next command; False at the end of the list."""
        while True:
            self.to_line()
            ahead = self.peek()
            if self.at >= self.end or any(ahead in stop for stop in self._stops):
                return False
            if ahead not in _CLOSERS and ahead not in _DANGLING:
                return True
            self.fail(self.at, self.at + len(ahead), f"{ahead[0:4]} is not expected here")
            self.at += len(ahead)
            self.take(_AFTER_STRAY)

    def list_until(self, stop: frozenset[str]) -> None:
        """Read a list up to one of these, or to one that a construct around it waits for."""
        self.enter()
        outer, self._stops = self._stops, (*self._stops, stop)
        last = len(self.drafts.commands)
        while self._to_command():
            before, last = last, len(self.drafts.commands)
            self._and_or()
            self._separator(last)
            if not self.drafts.stops_at_errors and self._swallows(last):
                self.ignore(before, last)
        self._stops = outer
        self.depth -= 1

    def _separator(self, start: int) -> None:
        """Step over what ends the list of commands that began with number `start`."""
        ahead = self.peek()
        if ahead in (";", "&"):
            self.at += 1
        elif self.at < self.end and ahead != "\n" and ahead not in _CLOSERS:
            self.fail(self.at, self.at + 1, "a shell expects the command to end before this")
        if ahead == "&":
            for draft in self.drafts.commands[start:]:
                draft.background = True

    def _and_or(self) -> None:
        start = swallowed = len(self.drafts.commands)
        first, operator = None, ""
        while True:
            here = len(self.drafts.commands)
            self._pipeline(operator)
            if operator and first is None:
                first = here
            if operator == "||":
                self._note_alternative(here)
                swallowed = here if self._swallows(here) else swallowed
            self.blank()
            operator = self.peek()
            if operator not in ("&&", "||"):
                break
            self.at += 2
            self.to_line()
        self.ignore(start, swallowed)
        for draft in self.drafts.commands[start:here]:
            draft.tested = True
        for draft in self.drafts.commands[first:] if first is not None else ():
            draft.dependent = True

    def _note_alternative(self, start: int) -> None:
        for draft in self.drafts.commands[start:]:
            draft.alternative = True

    def _swallows(self, index: int) -> bool:
        drafts = self.drafts.commands
        return len(drafts) == index + 1 and drafts[index].swallows()

    def ignore(self, start: int, end: int) -> None:
        """Note that the failure of these commands is swallowed."""
        for draft in self.drafts.commands[start:end]:
            draft.ignored = True

    def _pipeline(self, before: str) -> None:
        start, negated = len(self.drafts.commands), False
        while self.peek() == "!":
            self.at += 1
            self.blank()
            negated = True
        self.take(_TIME)
        stages = [start]
        self.stage(before)
        while (operator := self.peek()) in ("|", "|&"):
            self.at += len(operator)
            self.to_line()
            stages.append(len(self.drafts.commands))
            self.stage(operator)
        self.drafts.pipe(stages, len(self.scopes))
        if negated:
            self.ignore(start, len(self.drafts.commands))

    def stage(self, before: str) -> None:
        """Read one command of any kind; `before` is what asks for it."""
        start = self.at
        ahead = self.peek()
        if found := self.find(ARITHMETIC):
            self.arithmetic([], True, found.end())
        elif ahead in OPENERS:
            self.at += len(ahead)
            self.enter()
            self.compound(ahead, start)
            self.depth -= 1
            self._redirects()
        elif ahead or self.at >= self.end:
            message = f"nothing comes after {before or '!'}"
            self.fail(self.at, self.at + len(ahead), message, certain=bool(before))
        elif found := self.find(FUNCTION):
            self.at = found.end()
            self.function_body(found[1])
        else:
            self.simple()
        self.blank()

    def _redirects(self) -> None:
        """Read the redirections of a compound command, as a command without words."""
        self.blank()
        if not self.at_redirect():
            return
        start = self.at
        draft = self.draft(start)
        while self.redirect(draft):
            draft.span = self.span(start, self.at)
            self.blank()

    def function_body(self, name: str) -> None:
        """Read the command that is the body of the function of this name."""
        outer, first = self.scopes, len(self.drafts.commands)
        self.to_line()
        self.scopes = (*outer, "function")
        self.enter()
        self.stage("the name of a function")
        self.depth -= 1
        self.scopes = outer
        self.drafts.functions.append((name, first, len(self.drafts.commands)))
