"""What Docker refuses in a Dockerfile, said before a build finds out.

Source: the Dockerfile reference (https://docs.docker.com/reference/dockerfile/) and what
BuildKit's frontend answers to each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import takewhile

from kerp_policy.artifacts.dockerfile.flag_values import refused_value
from kerp_policy.artifacts.dockerfile.instructions import JSON_FORM, KEYWORDS, Instruction
from kerp_policy.artifacts.dockerfile.prepass import POLICY
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.artifacts.dockerfile.words import Flag, json_array
from kerp_policy.docker.ports import exposed
from kerp_policy.docker.signals import is_signal
from kerp_policy.regex import regex
from kerp_policy.secrets import redact
from kerp_policy.sources.source import START, Problem, Span
from kerp_policy.wording import clipped, listed, nearest, shown

FLAGS: dict[str, frozenset[str]] = {
    "ADD": frozenset({"checksum", "chmod", "chown", "exclude", "keep-git-dir", "link", "unpack"}),
    "COPY": frozenset({"chmod", "chown", "exclude", "from", "link", "parents"}),
    "FROM": frozenset({"platform"}),
    "HEALTHCHECK": frozenset({"interval", "retries", "start-interval", "start-period", "timeout"}),
    "RUN": frozenset({"device", "mount", "network", "security"}),
}
_SWITCHES = frozenset({"keep-git-dir", "link", "parents", "unpack"})
_VALUES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_SWITCHES, ("true", "false")),
    "network": ("default", "none", "host"),
    "security": ("sandbox", "insecure"),
}
_REPEATABLE = frozenset({"device", "exclude", "mount"})
_STAGE_NAME = regex(r"[a-z][a-z0-9\-_.]*")
_UNREADY = regex(r"""[$'"\\`]""")
_NO_ONBUILD = frozenset({"FROM", "MAINTAINER", "ONBUILD"})

Found = Iterator[Problem]


def problems(instructions: tuple[Instruction, ...]) -> Found:
    """Every problem of a file's instructions, unknown ones among them."""
    known = [found for found in instructions if found.keyword in KEYWORDS]
    yield from _order(known)
    for instruction in instructions:
        yield from _instruction(instruction)


def _problem(place: Text | Span, message: str, help_text: str = "") -> Problem:
    return Problem(POLICY, place if isinstance(place, Span) else place.span, message, help_text)


def _order(known: list[Instruction]) -> Found:
    early = list(takewhile(lambda found: found.keyword != "FROM", known))
    for instruction in early:
        if instruction.keyword != "ARG":
            message = f"{instruction.keyword} stands before the first FROM; only ARG may"
            yield _problem(instruction.name, message)
    if len(early) == len(known):
        place = known[0].name if known else START
        yield _problem(place, "there is no FROM: a build needs a base image or FROM scratch")


def _instruction(instruction: Instruction) -> Found:
    if instruction.keyword not in KEYWORDS:
        yield _unknown(instruction.name)
        return
    if instruction.flags:
        yield from _flags(instruction)
    if instruction.keyword in JSON_FORM and instruction.exec_form is None:
        yield from _json(instruction)
    if rule := RULES.get(instruction.keyword):
        yield from rule(instruction)


def _unknown(name: Text) -> Problem:
    shown = clipped(redact(name.text), 40)
    close = _close(name.text.upper()) if len(name.text) <= 20 else None
    return _problem(
        name,
        f'unknown instruction "{shown}"' + (f"; did you mean {close}?" if close else ""),
        "" if close else "a line that goes on needs a backslash at the end of the line before it",
    )


@lru_cache(maxsize=256)
def _close(word: str) -> str:
    return nearest(word, sorted(KEYWORDS))


def _flags(instruction: Instruction) -> Found:
    seen: set[str] = set()
    for flag in instruction.flags:
        message = _flag(instruction.keyword, flag, seen)
        if message:
            yield _problem(flag.text, message)
        else:
            yield from (_problem(*found) for found in refused_value(instruction, flag))
        seen.add(flag.name)


def _flag(keyword: str, flag: Flag, seen: set[str]) -> str:
    """What Docker would refuse of a flag; empty where it takes it."""
    label, allowed = f"--{flag.name}", FLAGS.get(keyword, frozenset())
    if flag.name not in allowed:
        close = nearest(flag.name[:20], sorted(allowed))
        return f"{keyword} knows no flag {label}" + (f"; did you mean --{close}?" if close else "")
    if flag.value is None:
        return "" if flag.name in _SWITCHES else f"{label} has no value; expected {label}=…"
    if flag.name in seen and flag.name not in _REPEATABLE:
        return f"{label} stands twice; Docker allows it once"
    values = _VALUES.get(flag.name, ())
    if values and flag.value.text.lower() not in values:
        return f"{label} is {shown(flag.value.text)}; expected {listed(values, 'or')}"
    return ""


def _json(instruction: Instruction) -> Found:
    if json_array(instruction.value.text) is not None:
        yield _problem(instruction.value, "the JSON form may hold nothing but strings")


def _from(instruction: Instruction) -> Found:
    words = instruction.words
    if len(words) not in (1, 3):
        message = (
            "FROM needs an image"
            if not words
            else "FROM has a word too many or too few; expected image or image AS name"
        )
        help_text = "Dockerfile comments stand on lines of their own" if len(words) > 1 else ""
        yield _problem(words[1] if words[1:] else instruction.name, message, help_text)
    elif len(words) == 3 and words[1].text.upper() != "AS":
        yield _problem(
            words[1], f"{words[1].text} stands between image and stage name; expected AS"
        )
    elif len(words) == 3 and not _STAGE_NAME.fullmatch(words[2].text.lower()):
        message = (
            f"{words[2].text} is no stage name; expected a letter, then letters, digits, - _ or ."
        )
        yield _problem(words[2], message)


def _assignments(instruction: Instruction) -> Found:
    keyword, pairs = instruction.keyword, instruction.pairs
    if not pairs:
        yield _problem(instruction.name, f"{keyword} has no name and value; expected NAME=value")
    for found in pairs:
        if found.value is None:
            message = f"{found.key.text} in {keyword} has no value; expected NAME=value"
            yield _problem(found.key, message, "put quotes around a value that holds blanks")
        elif not found.key.text:
            yield _problem(
                found.value, f"{keyword} has a value without a name; expected NAME=value"
            )


def _arguments(instruction: Instruction) -> Found:
    if not instruction.pairs:
        yield _problem(instruction.name, "ARG has no name; expected ARG NAME or ARG NAME=default")
    for found in instruction.pairs:
        if not found.key.text:
            place = found.value if found.value and found.value.text else instruction.name
            yield _problem(place, "ARG has a default without a name; expected ARG NAME=default")


def _copy(instruction: Instruction) -> Found:
    if len(instruction.words) < 2:
        message = f"{instruction.keyword} needs a source and a destination"
        yield _problem(instruction.name, message)
    elif instruction.heredocs and instruction.words[-1].text.startswith("<<"):
        message = "a heredoc stands where the destination belongs; expected a path behind it"
        yield _problem(instruction.words[-1], message)


def _some(instruction: Instruction) -> Found:
    if not instruction.words:
        yield _problem(instruction.name, f"{instruction.keyword} needs an argument")


def _ports(instruction: Instruction) -> Found:
    """Ports as they are written; what holds a variable or a quote may become one."""
    yield from _some(instruction)
    for word in instruction.words:
        if not _UNREADY.search(word.text) and exposed(word.text) is None:
            message = f"{shown(word.text)} in EXPOSE is no port"
            yield _problem(word, f"{message}; expected one such as 8080, 8080/udp or 8080-8090")


def _signal(instruction: Instruction) -> Found:
    yield from _some(instruction)
    for word in instruction.words:
        if not _UNREADY.search(word.text) and not is_signal(word.text):
            message = f"{shown(word.text)} in STOPSIGNAL is no signal; expected one such as SIGTERM"
            yield _problem(word, message)


def _shell(instruction: Instruction) -> Found:
    if not instruction.exec_form:
        message = 'SHELL needs a JSON array with double quotes, like ["/bin/sh", "-c"]'
        yield _problem(instruction.name, message)


def _onbuild(instruction: Instruction) -> Found:
    inner = instruction.inner
    if inner is None:
        yield _problem(instruction.name, "ONBUILD needs an instruction")
    elif inner.keyword in _NO_ONBUILD:
        yield _problem(inner.name, f"ONBUILD cannot hold {inner.keyword}")
    else:
        yield from _instruction(inner)


def _healthcheck(instruction: Instruction) -> Found:
    inner = instruction.inner
    if inner is None:
        yield _problem(instruction.name, "HEALTHCHECK has no command; expected CMD command or NONE")
    elif inner.keyword not in ("CMD", "NONE"):
        yield _problem(inner.name, f"{inner.name.text} stands in HEALTHCHECK; expected CMD or NONE")
    elif inner.keyword == "NONE" and inner.arguments.text:
        yield _problem(inner.arguments, "HEALTHCHECK NONE takes no arguments")
    elif inner.keyword == "CMD" and (not inner.arguments.text or inner.exec_form == ()):
        yield _problem(inner.name, "HEALTHCHECK CMD needs a command")


RULES: dict[str, Callable[[Instruction], Iterable[Problem]]] = {
    "ADD": _copy,
    "ARG": _arguments,
    "COPY": _copy,
    "ENV": _assignments,
    "EXPOSE": _ports,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _assignments,
    "MAINTAINER": _some,
    "ONBUILD": _onbuild,
    "SHELL": _shell,
    "STOPSIGNAL": _signal,
    "USER": _some,
    "VOLUME": _some,
    "WORKDIR": _some,
}
