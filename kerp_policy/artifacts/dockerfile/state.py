"""What the instructions of a stage have set at a point in it.

Source: Dockerfile reference, "Environment replacement", "ARG" (scope, predefined arguments),
"Understand how CMD and ENTRYPOINT interact".
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from msgspec import Struct

from kerp_policy.artifacts.dockerfile.expansion import Expanded, Missing, expand
from kerp_policy.artifacts.dockerfile.instructions import Instruction
from kerp_policy.artifacts.dockerfile.scripts import DEFAULT_SHELL
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.docker.predefined import PLATFORM_ARGUMENTS, PROXY_ARGUMENTS
from kerp_policy.regex import regex
from kerp_policy.sources.source import Span

MAX_NAMES = 1_000
"""Variables, and labels, that are followed; a file with more is no work of a person."""

_DRIVE = regex(r"[A-Za-z]:[\\/]")
_ALWAYS_SET = PROXY_ARGUMENTS | {"PATH"}
"""What a build may set whatever the file and the base image say."""


class Setting(Struct, frozen=True):
    """A value in effect: what it expands to, and where it was written."""

    value: Expanded
    span: Span
    instruction: Instruction


class State:
    """What is in effect at a point of a stage.

    Attributes:
        env: variables of the image, those of the stage it starts from too.
        args: build arguments that are declared here.
        labels: by key.
        user: the USER in effect; None where no instruction set it.
        workdir: the WORKDIR in effect, made absolute; None where no instruction set it.
        shell: the SHELL in effect.
        entrypoint: the instruction that set it; None where none did.
        cmd: likewise.
        healthcheck: likewise; it may be `HEALTHCHECK NONE`.
        exposed: every port of EXPOSE, in order.
        errors: words that Docker refuses to expand, and why.
    """

    def __init__(self, escape: str, inherited: Missing) -> None:
        self.escape = escape
        self.inherited = inherited
        self.global_args: Mapping[str, Setting] = {}
        self.env: dict[str, Setting] = {}
        self.args: dict[str, Setting] = {}
        self.labels: dict[str, Setting] = {}
        self.user: Setting | None = None
        self.workdir: Setting | None = None
        self.shell: tuple[str, ...] = DEFAULT_SHELL
        self.entrypoint: Instruction | None = None
        self.cmd: Instruction | None = None
        self.healthcheck: Instruction | None = None
        self.exposed: list[Setting] = []
        self.errors: list[tuple[Text, str]] = []
        self._own_cmd = False

    def child(self) -> State:
        """The start of a stage that is based on this one."""
        state = State(self.escape, self.inherited)
        vars(state).update(vars(self), errors=[], _own_cmd=False)
        state.env, state.args, state.labels = dict(self.env), dict(self.args), dict(self.labels)
        state.exposed = list(self.exposed)
        return state

    def lookup(self, name: str) -> str | Missing:
        """A variable's value here: ENV before ARG."""
        setting = self.env.get(name) or self.args.get(name)
        if setting is None:
            return Missing.UNKNOWN if name in _ALWAYS_SET else self.inherited
        if setting.value.text is not None:
            return setting.value.text
        optional = setting.instruction.keyword == "ARG" and setting.value.unknown == (name,)
        return Missing.OPTIONAL if optional and name not in PLATFORM_ARGUMENTS else Missing.UNKNOWN

    def expand(self, text: Text) -> Expanded:
        """A word with the variables that hold here; a word that Docker refuses is noted."""
        expanded = expand(text.text, self.lookup, self.escape)
        if expanded.error:
            self.errors.append((text, expanded.error))
        return expanded

    def apply(self, instruction: Instruction) -> None:
        """Go past an instruction."""
        effect = _EFFECTS.get(instruction.keyword)
        if effect:
            effect(self, instruction)

    def declare(self, instruction: Instruction) -> None:
        """ARG: its own default, else the global one, else nothing that is known."""
        for key, value in instruction.pairs:
            name = key.text
            if name in PLATFORM_ARGUMENTS or (value is None and name not in self.global_args):
                expanded = Expanded(None, (name,))
            elif value is None:
                expanded = self.global_args[name].value
            else:
                expanded = self.expand(value)
            span = key.span if value is None else _joined(key, value)
            self._store(self.args, name, Setting(expanded, span, instruction))

    def _environment(self, instruction: Instruction) -> None:
        for key, setting in self._assigned(instruction):
            self._store(self.env, key, setting)

    def _label(self, instruction: Instruction) -> None:
        for key, setting in self._assigned(instruction):
            self._store(self.labels, key, setting)

    def _assigned(self, instruction: Instruction) -> list[tuple[str, Setting]]:
        """All values first: `ENV A=1 B=$A` gives B the A of before."""
        return [
            (
                expand(key.text, self.lookup, self.escape).text or key.text,
                Setting(self.expand(value), _joined(key, value), instruction),
            )
            for key, value in instruction.pairs
            if value is not None
        ]

    def _store(self, store: dict[str, Setting], name: str, setting: Setting) -> None:
        if name in store or len(store) < MAX_NAMES:
            store[name] = setting
        else:
            self.inherited = Missing.UNKNOWN

    def _user(self, instruction: Instruction) -> None:
        value = instruction.value
        self.user = Setting(self.expand(value), value.span, instruction)

    def _workdir(self, instruction: Instruction) -> None:
        value = self.expand(instruction.value)
        path = None if value.text is None else self.absolute(value.text)
        value = value if path is None and value.unknown else Expanded(path)
        self.workdir = Setting(value, instruction.value.span, instruction)

    def absolute(self, path: str) -> str | None:
        r"""A path made absolute with the WORKDIR; None where that is not known.

        A path of Windows is one by itself, and comes without its drive: `/app` of `C:\app`.
        """
        base = "/"
        if _DRIVE.match(path):
            path = path[2:].replace("\\", "/")
        if not path.startswith("/"):
            if self.workdir is None and self.inherited is not Missing.UNSET:
                return None
            text = self.workdir.value.text if self.workdir else "/"
            if text is None:
                return None
            base = text
        return "/" + posixpath.normpath(posixpath.join(base, path)).lstrip("/")

    def _shell(self, instruction: Instruction) -> None:
        self.shell = instruction.exec_form or self.shell

    def _entrypoint(self, instruction: Instruction) -> None:
        self.entrypoint = instruction
        if not self._own_cmd:
            self.cmd = None

    def _cmd(self, instruction: Instruction) -> None:
        self.cmd = instruction
        self._own_cmd = True

    def _healthcheck(self, instruction: Instruction) -> None:
        self.healthcheck = instruction

    def _expose(self, instruction: Instruction) -> None:
        for word in instruction.words[: MAX_NAMES - len(self.exposed)]:
            self.exposed.append(Setting(self.expand(word), word.span, instruction))


def _joined(key: Text, value: Text) -> Span:
    return Span(*key.span.start, *value.span.end)


_EFFECTS: dict[str, Callable[[State, Instruction], None]] = {
    "ARG": State.declare,
    "CMD": State._cmd,
    "ENTRYPOINT": State._entrypoint,
    "ENV": State._environment,
    "EXPOSE": State._expose,
    "HEALTHCHECK": State._healthcheck,
    "LABEL": State._label,
    "SHELL": State._shell,
    "USER": State._user,
    "WORKDIR": State._workdir,
}
