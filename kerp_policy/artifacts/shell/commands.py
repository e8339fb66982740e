"""Compound commands, after the POSIX Shell Command Language, 2.9.4, and bash's additions."""

from __future__ import annotations

import re
from collections.abc import Callable

from kerp_policy.artifacts.shell.lists import ARITHMETIC, FUNCTION, NEXT_ITEM, Lists
from kerp_policy.artifacts.shell.model import Branch, Case, Part, Scope, Word
from kerp_policy.regex import regex

_IN = regex(r"in(?=[ \t\n;]|\Z)")
_END_OF_WORDS = regex(r"[\n;&|()<>]|\Z")
_END_OF_PATTERNS = regex(r"[\n;&()<>]|\Z")
_LISTING = frozenset("?*+@!")
_PATTERN_LIST = regex(r"\((?:[^()\n$`]|\((?:[^()\n$`]|\([^()\n$`]*+\))*+\))*+\)")
_PATTERN_GAP = regex(r"[ \t|]*+")


class Commands(Lists):
    """A cursor that reads commands of every kind."""

    def _piece(self, parts: list[Part], plain: re.Pattern[str]) -> bool:
        """Read a list of patterns as text: `!(a|b)` (Bash Reference Manual, Pattern Matching)."""
        if super()._piece(parts, plain):
            return True
        start = self.at
        is_list = self.drafts.knows_extglob and self.text[start - 1 : start] in _LISTING
        if not is_list or not (text := self.take(_PATTERN_LIST)):
            return False
        parts.append(Part("text", text, False, start))
        return True

    def compound(self, opener: str, start: int) -> None:
        """Read the compound command whose first word at `start` has just been read."""
        _COMPOUNDS[opener](self, start)

    def _clause(self, scope: Scope, *stop: str) -> None:
        """Read a list inside a compound command."""
        outer, first = self.scopes, len(self.drafts.commands)
        self.scopes = (*outer, scope)
        self.list_until(frozenset(stop))
        self.scopes = outer
        if scope == "condition":
            self.ignore(first, len(self.drafts.commands))

    def _group(self, start: int) -> None:
        self._clause("group", "}")
        self.expect("}", start)

    def _subshell(self, start: int) -> None:
        self._clause("subshell", ")")
        self.expect(")", start)

    def _if(self, start: int) -> None:
        ahead = "elif"
        while ahead == "elif":
            self._clause("condition", "then")
            self.expect("then", start)
            self._clause("if", "elif", "else", "fi")
            ahead = self.peek()
            self.at += len(ahead) if ahead in ("elif", "else") else 0
        if ahead == "else":
            self._clause("if", "fi")
        self.expect("fi", start)

    def _while(self, start: int) -> None:
        self._clause("condition", "do")
        self._loop(start)

    def _loop(self, start: int) -> None:
        self.expect("do", start)
        self._clause("loop", "done")
        self.expect("done", start)

    def _for(self, start: int) -> None:
        self.blank()
        if found := self.find(ARITHMETIC):
            self.arithmetic([], True, found.end())
        else:
            self.word()
            self.to_line()
            self._words_of_list()
        self.to_line()
        self.at += self.starts(";")
        self._loop(start)

    def _words_of_list(self) -> None:
        """Read `in` and the words that a `for` goes through."""
        if not self.take(_IN):
            return
        self.blank()
        while not self.find(_END_OF_WORDS):
            word = self.word()
            if "shell" not in self.scopes:
                self.drafts.listed.append(word)
            self.blank()

    def _case(self, start: int) -> None:
        self.blank()
        word = self.word()
        self.to_line()
        if not self.take(_IN):
            self.fail(start, self.at, "in is missing: case is not finished")
            return
        branches: list[Branch] = []
        while self._case_item(branches):
            pass
        self.drafts.cases.append(Case(word, tuple(branches)))
        self.expect("esac", start)

    def _case_item(self, branches: list[Branch]) -> bool:
        """Read one pattern and its list; False when no further one can follow."""
        self.to_line()
        if self.peek() == "esac":
            return False
        self.at += self.starts("(")
        patterns: list[Word] = []
        while not self.find(_END_OF_PATTERNS):
            self.take(_PATTERN_GAP)
            patterns.append(self.word())
            self.take(_PATTERN_GAP)
        if not self.starts(")"):
            self.fail(self.at, self.at, "a pattern of case ends with )")
            return False
        self.at += 1
        first = len(self.drafts.commands)
        self._clause("case", "esac", *NEXT_ITEM)
        branches.append(Branch(tuple(patterns), first, len(self.drafts.commands)))
        ahead = self.peek()
        if ahead not in NEXT_ITEM:
            return False
        self.at += len(ahead)
        return True

    def _named_function(self, start: int) -> None:
        self.blank()
        if found := self.find(FUNCTION):
            self.at, name = found.end(), found[1]
        else:
            name = self.word().raw
        self.function_body(name)

    def _coproc(self, start: int) -> None:
        self.blank()
        self.stage("coproc")


_COMPOUNDS: dict[str, Callable[[Commands, int], None]] = {
    "{": Commands._group,
    "(": Commands._subshell,
    "if": Commands._if,
    "for": Commands._for,
    "select": Commands._for,
    "while": Commands._while,
    "until": Commands._while,
    "case": Commands._case,
    "function": Commands._named_function,
    "coproc": Commands._coproc,
}
