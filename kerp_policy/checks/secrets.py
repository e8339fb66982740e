"""Checks of secrets in manifests. No message shows more of one than its public prefix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import KubernetesObject
from kerp_policy.artifacts.pods import Container
from kerp_policy.findings import Place, Remark
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.scopes import settings
from kerp_policy.scopes.settings import Script, Setting
from kerp_policy.secrets import Literal, find_tokens, is_reference, literal_secret
from kerp_policy.sources.source import Span
from kerp_policy.views import View, lookup

_MADE_BY_CONTROLLERS = (
    "kubernetes.io/service-account-token",
    "bootstrap.kubernetes.io/token",
    "helm.sh/release.v1",
)
"""Types of Secrets that controllers fill or read themselves (Kubernetes documentation, Secrets)."""


def plain_manifest(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """There is no Secret with data, unless SOPS has encrypted it."""
    data = view.data
    if not (data.get("data") or data.get("stringData")) or "sops" in data:
        return
    if data.get("type") not in _MADE_BY_CONTROLLERS:
        message = f"Secret {view.facts['name']} is a plain manifest"
        yield Remark(("kind",), f"{message}; expected an ExternalSecret, or one that is encrypted")


def secret_manifest(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every value of a Secret is a reference or placeholder, before and after base64."""
    for setting in settings.object_settings(view):
        raw = str(lookup(view.data, setting.path))
        literal = literal_secret(None, setting.value)
        if literal:
            message = f"{setting.name} holds {_described(literal)}"
            yield Remark(_beginning(view, setting.path), message)
        elif not is_reference(setting.value) and (not setting.encoded or raw != setting.value):
            message = f"{setting.name} holds a literal value; expected a reference"
            yield Remark(_beginning(view, setting.path), message)


def config_map(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No value of a ConfigMap is a secret, none of the files in it holds one."""
    for setting in settings.object_settings(view):
        if _is_file(setting):
            yield from _tokens(view, setting)
            yield from _entries(view, setting)
        else:
            yield from _value(view, setting)


def container(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No secret is written in the environment, the command or the arguments."""
    for variable in settings.environment(view):
        yield from _value(view, variable)
    script = settings.script(view)
    for word in settings.words(view):
        if _is_file(word) or (script and word.path == script.setting.path):
            yield from _tokens(view, word)
        else:
            yield from _value(view, word)
    if script:
        yield from _commands(view, script)


def _is_file(setting: Setting) -> bool:
    return "\n" in setting.value.strip()


def _value(view: View, setting: Setting) -> Iterator[Remark]:
    """A value on one line: a token of a known format, else one whose name says secret."""
    for remark in _tokens(view, setting):
        yield remark
        return
    if literal := literal_secret(setting.name or None, setting.value):
        at = settings.place(view, setting, 0, len(setting.value.rstrip()))
        yield Remark(_beginning(view, at), f"{setting.name} holds {_described(literal)}")


def _beginning(view: View, at: Path | Place) -> Place:
    """The place of a secret, told so that its length does not show: its key or its beginning."""
    if isinstance(at, Place):
        line, column = at.span.start
        return replace(at, span=Span(line, column, line, column))
    if isinstance(view.subject, Container):
        return view.subject.pod.owner.beginning(view.subject.path(at))
    thing: KubernetesObject = view.subject
    return thing.beginning(at)


def _described(literal: Literal) -> str:
    return f"{literal.title} ({literal.prefix}…)" if literal.prefix else literal.title


_ENTRY = regex(r"""\s*(?:export\s|ENV\s)?\s*["']?(?P<name>[\w.-]{1,100})["']?\s*[:=]\s*""")
_QUOTED = regex(r"""(["'])(?P<value>[^"'\\]*)\1[,;]?""")
_BARE = regex(r"""[^\s"'`()\[\]{}<>$;|&]+""")
_CODE = (".py", ".js", ".mjs", ".ts", ".lua", ".go", ".rb", ".java", ".php", ".pl", ".sql", ".rs")
_COMMENT = ("#", "//", ";", "--", "*", "<!--")
# Longer lines are data of a program, not entries.
_LONGEST_ENTRY = 2000


def _tokens(view: View, setting: Setting) -> Iterator[Remark]:
    """Tokens of known formats, wherever they stand in a text."""
    for token in find_tokens(setting.value):
        literal = Literal(token.kind, token.title, token.prefix)
        at = settings.place(view, setting, token.start, token.end)
        message = f"{setting.name or 'the command'} holds {_described(literal)}"
        yield Remark(_beginning(view, at), message)


def _entries(view: View, setting: Setting) -> Iterator[Remark]:
    """Lines (`name: value`) of a file whose name says secret; in code only quoted values are."""
    offset = 0
    for line in setting.value.split("\n"):
        if found := _entry(line, code=setting.name.endswith(_CODE)):
            name, start, value = found
            literal = literal_secret(name, value)
            if literal and literal.kind == "named":
                at = settings.place(view, setting, offset + start, offset + start + len(value))
                message = f"{name} in {setting.name} holds {_described(literal)}"
                yield Remark(_beginning(view, at), message, subject=name)
        offset += len(line) + 1


def _entry(line: str, *, code: bool) -> tuple[str, int, str] | None:
    """Name, index of the value, value."""
    found = _ENTRY.match(line) if len(line) <= _LONGEST_ENTRY else None
    if found is None or line.lstrip().startswith(_COMMENT):
        return None
    rest = line[found.end() :].rstrip()
    if quoted := _QUOTED.fullmatch(rest):
        return found["name"], found.end() + 1, quoted["value"]
    return (found["name"], found.end(), rest) if not code and _BARE.fullmatch(rest) else None


def _commands(view: View, script: Script) -> Iterator[Remark]:
    """Assignments and options in `sh -c "PASSWORD=… tool --token=…"`."""
    for command in script.commands:
        named = [(each.name, each.value) for each in command.assignments]
        for word in command.words:
            option, equals, _ = (word.text or "").partition("=")
            if equals and option.startswith("-"):
                named.append((option, word))
        for name, word in named:
            value = (word.text or "").removeprefix(f"{name}=")
            literal = literal_secret(name, value)
            if literal and literal.kind == "named":
                at = script.place(view, word.span)
                message = f"{name} holds {_described(literal)}"
                yield Remark(_beginning(view, at), message, subject=name)
