"""Regular expressions as Go's package regexp/syntax accepts them.

Only whether one is accepted: no Python engine has this grammar, and most that have a similar one
take time that grows without bound on hostile input. This reads in linear time.
"""

from __future__ import annotations

from kerp_policy.regex import regex

_MAX_REPEAT = 1000
_MAX_DEPTH = 1000
_REPEAT = regex(r"\{([0-9]{1,9})(,([0-9]{1,9})?)?\}")
_GROUP = regex(
    r"\((?:\?(?:P?<(?P<name>[A-Za-z0-9_]+)>|(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<end>[:)])))?"
)
_POSIX = regex(
    r"\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]"
)
_ESCAPE = regex(
    r"\\(?:[pP](?:\{\^?[A-Za-z_]+\}|\^?[CLMNPSZ])|[dDsSwWAbBzafnrtv]|x[0-9a-fA-F]{2}"
    r"|x\{(?:0*10[0-9a-fA-F]{4}|0*[0-9a-fA-F]{1,5})\}|0[0-7]{0,2}|[1-7][0-7]{1,2}"
    r"|[!-/:-@\[-`{-~\x00-\x20])"
)
# Not inside a class: these match no character.
_ASSERTIONS = ("\\A", "\\b", "\\B", "\\z")
_SETS = regex(r"\\[dDsSwWpP]")


class _Reader:
    """Reads one expression from left to right; `weights` holds the repeats of each open group."""

    def __init__(self, text: str, *, short_names: bool) -> None:
        self.text, self.at = text, 0
        self.short_names = short_names
        self.weights = [1]
        self.last: int | None = None
        self.repeated = False

    def problem(self) -> str | None:
        """The first thing that is wrong."""
        while self.at < len(self.text):
            if reason := self._step():
                return reason
        return None if len(self.weights) == 1 else "a parenthesis is not closed"

    def _step(self) -> str | None:
        character = self.text[self.at]
        if character in "*+?" or (character == "{" and _REPEAT.match(self.text, self.at)):
            return self._repeat()
        self.repeated = False
        if character in _STEPS:
            return _STEPS[character](self)
        self._atom(self.at + 1)
        return None

    def _atom(self, end: int, weight: int = 1) -> None:
        self._keep()
        self.last, self.at = weight, end

    def _keep(self) -> None:
        """What came before is not to be repeated any more: its weight counts for the group."""
        if self.last is not None:
            self.weights[-1] = max(self.weights[-1], self.last)
        self.last = None

    def _repeat(self) -> str | None:
        found = _REPEAT.match(self.text, self.at)
        end = found.end() if found else self.at + 1
        if self.last is None:
            return "a repetition has nothing to repeat"
        if self.repeated:
            return "a repetition repeats a repetition"
        if found:
            least, most = int(found[1]), int(found[3] or found[1])
            if least > most or max(least, most) > _MAX_REPEAT:
                return (
                    f"a repeat count is over {_MAX_REPEAT}, or its bounds are the wrong way round"
                )
            self.last *= max(most, 1)
            if self.last > _MAX_REPEAT and most > 1:
                return f"repeats within repeats come to over {_MAX_REPEAT}"
        self.at = end + (self.text[end : end + 1] == "?")
        self.repeated = True
        return None

    def _open(self) -> str | None:
        found = _GROUP.match(self.text, self.at)
        assert found  # the pattern begins with a parenthesis that may stand alone
        is_short = self.text.startswith("(?<", self.at) and not self.short_names
        if is_short or (found.end() == self.at + 1 and self.text.startswith("?", found.end())):
            return "(? begins a group of a kind that RE2 does not have, such as a lookahead"
        if found["end"] == ")":  # only flags: what comes before can still be repeated
            self.at = found.end()
            return None
        self._keep()
        self.weights.append(1)
        self.at = found.end()
        return "groups nest too deeply" if len(self.weights) > _MAX_DEPTH else None

    def _close(self) -> str | None:
        if len(self.weights) == 1:
            return "a parenthesis closes that was never opened"
        self._keep()
        self._atom(self.at + 1, self.weights.pop())
        return None

    def _alternative(self) -> str | None:
        self._keep()
        self.at += 1
        return None

    def _escape(self) -> str | None:
        if self.text.startswith("\\Q", self.at):
            end = self.text.find("\\E", self.at)
            quoted = self.text[self.at + 2 : end if end >= 0 else None]
            if quoted:
                self._atom(self.at)
            self.at = end + 2 if end >= 0 else len(self.text)
            return None
        found = _ESCAPE.match(self.text, self.at)
        if not found:
            return "a backslash stands before a character that it gives no meaning"
        self._atom(found.end())
        return None

    def _class(self) -> str | None:
        at = self.at + 1 + self.text.startswith("^", self.at + 1)
        first = True
        while first or not self.text.startswith("]", at):
            first = False
            low, at, reason = self._member(at)
            if reason:
                return reason
            if (
                low
                and self.text.startswith("-", at)
                and self.text[at + 1 : at + 2] not in ("]", "")
            ):
                high, at, reason = self._member(at + 1, posix=False)
                if reason or high < low:
                    return reason or "a range in a character class is the wrong way round"
        self._atom(at + 1)
        return None

    def _member(self, at: int, *, posix: bool = True) -> tuple[str, int, str | None]:
        """One member of a class: its character (empty for a set), the end, what is wrong."""
        if at >= len(self.text):
            return "", at, "a character class is not closed"
        if posix and self.text.startswith("[:", at) and ":]" in self.text[at + 2 : at + 40]:
            named = _POSIX.match(self.text, at)
            wrong = None if named else "a character class has an unknown name"
            return "", named.end() if named else at, wrong
        if self.text[at] != "\\":
            return self.text[at], at + 1, None
        found = _ESCAPE.match(self.text, at)
        if not found or found[0] in _ASSERTIONS or (not posix and _SETS.match(found[0])):
            return "", at, "a backslash stands before a character that it gives no meaning"
        if _SETS.match(found[0]):
            return "", found.end(), None
        return _character(found[0]), found.end(), None


_NAMED = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _character(escape: str) -> str:
    code = escape[1:]
    if code[0] == "x":
        return chr(min(int(code[1:].strip("{}"), 16), 0x10FFFF))
    if code[0].isdigit():
        return chr(int(code, 8))
    return _NAMED.get(code, code)


_STEPS = {
    "(": _Reader._open,
    ")": _Reader._close,
    "|": _Reader._alternative,
    "\\": _Reader._escape,
    "[": _Reader._class,
}


def regexp_problem(text: str, *, short_names: bool = True) -> str | None:
    """Why Go refuses an expression; None where it does not.

    Args:
        text: the expression, as it stands in the configuration: Alertmanager anchors it.
        short_names: whether `(?<name>…)` is known, as it is since Go 1.22.
    """
    return _Reader(f"^(?:{text})$", short_names=short_names).problem()
