"""The settings that ConfigMaps, Secrets and containers hold, and where each is written.

The checks of connections and secrets look at them, and Alertmanager may be configured in one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.artifacts.pods import Container
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.sources.source import Span
from kerp_policy.views import View, lookup

if TYPE_CHECKING:
    from kerp_policy.artifacts.shell import Command, Shell


class Setting(Struct, frozen=True):
    """A name and its value; `encoded` where the file holds it in base64."""

    name: str
    value: str
    path: Path
    encoded: bool = False


def object_settings(view: View) -> list[Setting]:
    """What a ConfigMap or Secret holds, base64 decoded; what is no text is left out."""
    plain = "stringData" if view.facts["kind"] == "Secret" else "data"
    coded = "data" if view.facts["kind"] == "Secret" else "binaryData"
    return [*_entries(view, plain, encoded=False), *_entries(view, coded, encoded=True)]


def _entries(view: View, part: str, *, encoded: bool) -> Iterator[Setting]:
    for name, value in as_dict(view.data.get(part)).items():
        text = _decoded(value) if encoded else value
        if isinstance(text, (str, int, float)):
            yield Setting(name, str(text), (part, name), encoded)


def binaries(view: View) -> list[str]:
    """The keys of a Secret whose base64 stands for what is no text, as a random key is."""
    data = as_dict(view.data.get("data")).items()
    return [name for name, value in data if isinstance(value, str) and _decoded(value) is None]


def _decoded(value: object) -> str | None:
    """The text that base64 stands for; the value itself where it is none (`${X}`)."""
    if not isinstance(value, str):
        return None
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode()
    except UnicodeDecodeError:
        return None
    except (binascii.Error, ValueError):
        return value


def environment(view: View) -> list[Setting]:
    """The environment variables of a container that are given a value."""
    return [
        Setting(str(item.get("name")), item["value"], ("env", i, "value"))
        for i, item in enumerate(as_list(view.data.get("env")))
        if isinstance(item, dict) and isinstance(item.get("value"), str)
    ]


def raw_words(view: View) -> Iterator[tuple[Path, str]]:
    """Every word of a container's command and arguments, and where it is."""
    for key in ("command", "args"):
        for i, word in enumerate(as_list(view.data.get(key))):
            if isinstance(word, str):
                yield (key, i), word


_HOOKS = (
    *((probe,) for probe in ("livenessProbe", "readinessProbe", "startupProbe")),
    *(("lifecycle", hook) for hook in ("postStart", "preStop")),
)
"""What the kubelet asks of a container, or runs in it."""


def hook_commands(view: View) -> Iterator[list[tuple[Path, str]]]:
    """The words of each command that a probe or a lifecycle hook runs, and where they are."""
    for hook in _HOOKS:
        path: Path = (*hook, "exec", "command")
        given = enumerate(as_list(lookup(view.data, path)))
        yield [((*path, i), word) for i, word in given if isinstance(word, str)]


def hook_headers(view: View) -> Iterator[Setting]:
    """The headers that a probe or a lifecycle hook sends."""
    for hook in _HOOKS:
        path: Path = (*hook, "httpGet", "httpHeaders")
        for i, item in enumerate(as_list(lookup(view.data, path))):
            if isinstance(item, dict) and isinstance(item.get("value"), str):
                yield Setting(str(item.get("name")), item["value"], (*path, i, "value"))


def words(view: View) -> list[Setting]:
    """The words of a container's command and arguments; an option's value under its name.

    `--dsn=X` and the word after `--dsn` are both named `--dsn`.
    """
    found: list[Setting] = []
    option = ""
    for path, word in raw_words(view):
        name, equals, value = word.partition("=")
        is_option = name.startswith("--") and len(name.split()) == 1
        if is_option and equals:
            found.append(Setting(name, value, path))
        else:
            found.append(Setting("" if is_option else option, word, path))
        option = name if is_option and not equals else ""
    return found


def place(view: View, setting: Setting, start: int, end: int) -> Path | Place:
    """Where a stretch of a setting's value is written: exact in a block."""
    if setting.encoded or "\n" not in setting.value:
        return setting.path
    if isinstance(view.subject, Container):
        owner = view.subject.pod.owner
        return owner.place_inside(view.subject.path(setting.path), start, end)
    thing: KubernetesObject = view.subject
    return thing.place_inside(setting.path, start, end)


class Script(Struct, frozen=True):
    """The shell text that a container runs by `sh -c`; `starts` are the indices of its lines."""

    setting: Setting
    shell: Shell
    starts: tuple[int, ...]

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands of it, in order."""
        return self.shell.commands

    def place(self, view: View, span: Span) -> Path | Place:
        """Where a stretch of the script is written."""
        start = self.starts[span.line - 1] + span.column - 1
        end = self.starts[span.end_line - 1] + span.end_column - 1
        return place(view, self.setting, start, end)


def script(view: View) -> Script | None:
    """The script of a container whose command is a shell with `-c`."""
    return script_in(list(raw_words(view)))


def script_in(given: Sequence[tuple[Path, str]]) -> Script | None:
    """The script in the words of a command that is a shell with `-c`."""
    program = given[0][1].rpartition("/")[2] if given else ""
    if not program.endswith("sh"):  # as every shell does; most containers need no reader of it
        return None
    from kerp_policy.artifacts.shell.inner import SHELLS, script_argument

    at = script_argument([word for _, word in given[1:]]) if program in SHELLS else None
    if at is None:
        return None
    path, text = given[1 + at]
    return script_of(Setting("", text, path))


def script_of(setting: Setting) -> Script:
    """The shell text that a setting is."""
    from kerp_policy.artifacts.shell import parse_shell

    starts = accumulate((len(line) + 1 for line in setting.value.split("\n")), initial=0)
    return Script(setting, parse_shell(setting.value), tuple(starts))
