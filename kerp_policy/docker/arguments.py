"""Build arguments: which a Dockerfile declares, which it reads, and which it reads undeclared.

Source: Dockerfile reference, "ARG" (scope), "Understand how ARG and FROM interact".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from kerp_policy.artifacts.dockerfile import (
    Instruction,
    Script,
    Setting,
    Stage,
    StageGraph,
    State,
    scripts,
)
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.artifacts.shell import Shell
from kerp_policy.docker.variables import Use, is_set_by_images, undeclared
from kerp_policy.docker.walk import effective
from kerp_policy.regex import regex
from kerp_policy.sources.source import Span

_VARIABLE = regex(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)
_SIGN = {e: regex(rf"""{re.escape(e)}.|'[^']*+'?|"|\$\$?""", re.DOTALL) for e in "\\`"}
_SIGN_IN_QUOTES = {e: regex(rf"""{re.escape(e)}.|"|\$\$?""", re.DOTALL) for e in "\\`"}
"""What has a meaning in a word, by the escape character; `$$` is a variable of no use."""
_EXPANDING = frozenset({"ADD", "COPY", "ENV", "EXPOSE", "LABEL", "USER", "VOLUME", "WORKDIR"})
_EXPANDED_FLAGS = ("checksum", "chmod", "chown")
_TESTS = frozenset({"[", "[[", "test"})


class Read(Struct, frozen=True):
    """A variable that an instruction reads, and where."""

    name: str
    instruction: Instruction
    span: Span


def declared(graph: StageGraph) -> Iterator[tuple[Instruction, str, Span, bool]]:
    """Every ARG: its instruction, its name, where, and whether it has a default in effect."""
    for instruction in graph.dockerfile.instructions:
        if instruction.keyword == "ARG":
            for key, value in instruction.pairs:
                above = graph.global_state.args.get(key.text)
                default = value is not None or (above is not None and _has_value(above))
                yield instruction, key.text, key.span, default


def _has_value(setting: Setting) -> bool:
    return setting.value.text is not None


def reads_in_from(stage: Stage) -> Iterator[Read]:
    """The variables that a FROM reads, in its platform and in its image."""
    platform = stage.instruction.flag("platform")
    for text in (platform.value if platform else None, *stage.instruction.words[:1]):
        if text:
            yield from _expanded(text, stage.instruction)


def reads(stage: Stage) -> Iterator[tuple[Read, State]]:
    """The variables that the instructions of a stage read, with what is in effect there.

    What a RUN sets itself, and what it asks for with a default, is none of it.
    """
    for written, state in stage.steps():
        instruction = effective(written)
        if instruction is not written:
            continue  # ONBUILD: what is declared then, another file decides
        if instruction.keyword == "RUN":
            for read in _in_run(stage, instruction, state):
                yield read, state
        elif instruction.keyword in _EXPANDING:
            flags = [flag for flag in instruction.flags if flag.name in _EXPANDED_FLAGS]
            for text in (*(flag.value for flag in flags), instruction.value):
                for read in _expanded(text, instruction) if text else ():
                    yield read, state


def undeclared_reads(graph: StageGraph, stage: Stage) -> Iterator[Read]:
    """What the instructions of a stage read although no ARG or ENV above declares it.

    Variables that base images are known to set are left out, unless the file declares them where
    they do not reach.
    """
    told: set[tuple[int, str]] = set()
    for read, state in reads(stage):
        known = read.name in state.env or read.name in state.args
        usual = read.instruction.keyword != "RUN" and is_set_by_images(read.name)
        here = (id(read.instruction), read.name)
        if not known and here not in told and (not usual or read.name in graph.global_state.args):
            told.add(here)
            yield read


def _expanded(text: Text, instruction: Instruction) -> Iterator[Read]:
    """The variables that Docker expands: none in single quotes, none behind the escape."""
    at, quoted = text.start, False
    while found := (_SIGN_IN_QUOTES if quoted else _SIGN)[instruction.escape].search(
        text.line.text, at, text.end
    ):
        at = found.end()
        quoted ^= found[0] == '"'
        name = _VARIABLE.match(text.line.text, found.start(), text.end)
        if name:
            at = name.end()
            yield Read(name[1] or name[2], instruction, Text(text.line, *name.span()).span)


def _in_run(stage: Stage, instruction: Instruction, state: State) -> Iterator[Read]:
    secrets = {mount["env"].text for mount in instruction.mounts if "env" in mount}
    found = scripts(instruction, state.shell)
    for script, shell in zip(found, stage.shells.get(instruction, ()), strict=True):
        for use in undeclared(script.text, shell):
            if use.name not in secrets:
                yield Read(use.name, instruction, _span(use, script))


def tested(stage: Stage, instruction: Instruction) -> frozenset[str]:
    """The variables that a RUN looks at with `[`, so that it knows that they may be empty."""
    shells: tuple[Shell, ...] = stage.shells.get(instruction, ())
    commands = (c for shell in shells for c in shell.commands if c.name in _TESTS)
    return frozenset(part.text for c in commands for word in c.words for part in word.variables)


def _span(use: Use, script: Script) -> Span:
    """The variable alone, where its text stands in the file as it is."""
    if use.offset is None:
        return use.word.span
    line, column = script.locate(use.offset)
    around = 3 if script.text.startswith("${", use.offset) else 1
    return Span(line, column, line, column + len(use.name) + around)
