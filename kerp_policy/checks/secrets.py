"""Checks of secrets in manifests. No message shows more of one than its public prefix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from kerp_policy.secrets.entries import Entry, in_line
from kerp_policy.sources.source import Span
from kerp_policy.views import View, lookup

_MADE_BY_CONTROLLERS = (
    "kubernetes.io/service-account-token",
    "bootstrap.kubernetes.io/token",
    "helm.sh/release.v1",
)
"""Types of Secrets that controllers fill or read themselves (Kubernetes documentation, Secrets)."""


_HELD = "holds a literal value; expected a reference"


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
    for name in settings.binaries(view):
        yield Remark(_beginning(view, ("data", name)), f"{name} {_HELD}")
    for setting in settings.object_settings(view):
        raw = str(lookup(view.data, setting.path))
        literal = literal_secret(None, setting.value)
        if literal:
            message = f"{setting.name} holds {described(literal)}"
            yield Remark(_beginning(view, setting.path), message)
        elif not is_reference(setting.value) and (not setting.encoded or raw != setting.value):
            yield Remark(_beginning(view, setting.path), f"{setting.name} {_HELD}")


def config_map(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No value of a ConfigMap is a secret, none of the files in it holds one."""
    for setting in settings.object_settings(view):
        if _is_file(setting):
            yield from _tokens(view, setting)
            yield from (_commands if _is_script(setting) else _entries)(view, setting)
        else:
            yield from _value(view, setting)


def container(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No secret is written in the environment, a command, or what probes and hooks send or run."""
    for variable in (*settings.environment(view), *settings.hook_headers(view)):
        yield from _value(view, variable)
    script, told = settings.script(view), set[Path]()
    for word in settings.words(view):
        whole = _is_file(word) or (script and word.path == script.setting.path)
        for remark in (_tokens if whole else _value)(view, word):
            told.add(word.path)
            yield remark
    yield from _named_words(view, list(settings.raw_words(view)), script, told)
    for command in settings.hook_commands(view):
        for path, text in command:
            yield from _tokens(view, Setting("", text, path))
        yield from _named_words(view, command, settings.script_in(command), set())


def _is_file(setting: Setting) -> bool:
    return "\n" in setting.value.strip()


def _is_script(setting: Setting) -> bool:
    first = setting.value.partition("\n")[0]
    return setting.name.endswith(".sh") or (first.startswith("#!") and first.endswith("sh"))


def _value(view: View, setting: Setting) -> Iterator[Remark]:
    """A value on one line: a token of a known format, else one whose name says secret."""
    for remark in _tokens(view, setting):
        yield remark
        return
    if literal := literal_secret(setting.name or None, setting.value):
        yield Remark(_start(view, setting), f"{setting.name} holds {described(literal)}")
    elif setting.name:
        for name, value in _inside(setting.value):
            if literal := literal_secret(name, value):
                message = f"{name} in {setting.name} holds {described(literal)}"
                yield Remark(_start(view, setting), message, subject=name)


def _start(view: View, setting: Setting) -> Place:
    return _beginning(view, settings.place(view, setting, 0, len(setting.value.rstrip())))


def _inside(value: str) -> Iterator[tuple[str, str]]:
    """Names with values within a value: JSON, a query, options (`-Xmx1g -Ddb.password=x`)."""
    for entry in in_line(value):
        yield entry.name, entry.value
    for word in value.split() if value.startswith("-") or " -" in value else ():
        name, equals, text = word.partition("=")
        if equals and name.startswith("-"):
            yield name, text


def _beginning(view: View, at: Path | Place) -> Place:
    """The place of a secret, told so that its length does not show: its key or its beginning."""
    if isinstance(at, Place):
        line, column = at.span.start
        return replace(at, span=Span(line, column, line, column))
    if isinstance(view.subject, Container):
        return view.subject.pod.owner.beginning(view.subject.path(at))
    thing: KubernetesObject = view.subject
    return thing.beginning(at)


def described(literal: Literal) -> str:
    """What a secret is, with its public prefix if it has one."""
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
        message = f"{setting.name or 'the command'} holds {described(literal)}"
        yield Remark(_beginning(view, at), message)


def _entries(view: View, setting: Setting) -> Iterator[Remark]:
    """Lines (`name: value`) of a file whose name says secret; in code only quoted values are."""
    offset, code = 0, setting.name.endswith(_CODE)
    for line in setting.value.split("\n"):
        for name, value, start in _in_line(line, code=code):
            literal = literal_secret(name, value)
            if literal and literal.kind == "named":
                at = settings.place(view, setting, offset + start, offset + start + len(value))
                message = f"{name} in {setting.name} holds {described(literal)}"
                yield Remark(_beginning(view, at), message, subject=name)
        offset += len(line) + 1


def _in_line(line: str, *, code: bool) -> Iterator[Entry]:
    if line.lstrip().startswith(_COMMENT) and not line.lstrip().startswith("//"):
        return
    if found := _entry(line, code=code):
        yield found
    yield from in_line(line)


def _entry(line: str, *, code: bool) -> Entry | None:
    """What a line is that is an entry as a whole."""
    found = _ENTRY.match(line) if len(line) <= _LONGEST_ENTRY else None
    if found is None or line.lstrip().startswith(_COMMENT):
        return None
    rest = line[found.end() :].rstrip()
    if quoted := _QUOTED.fullmatch(rest):
        return Entry(found["name"], quoted["value"], found.end() + 1)
    return Entry(found["name"], rest, found.end()) if not code and _BARE.fullmatch(rest) else None


def _named_words(
    view: View, words: Sequence[tuple[Path, str]], script: Script | None, told: set[Path]
) -> Iterator[Remark]:
    """What the words of a command, or the script among them, give a secret's name."""
    if script:
        yield from _commands(view, script.setting)
    elif len(words) > 1 or any("=" in word for _, word in words):
        for name, value, path in _given(words):
            literal = literal_secret(name, value)
            if literal and literal.kind == "named" and path not in told:
                told.add(path)
                message = f"{name} holds {described(literal)}"
                yield Remark(_beginning(view, path), message, subject=name)


def _given(words: Sequence[tuple[Path, str]]) -> Iterator[tuple[str, str, Path]]:
    """Names with values in words, of which the first is the program, or already an argument."""
    from kerp_policy.artifacts.shell import Word
    from kerp_policy.docker.given import given_words

    rows = [Word(text, text, Span(i, 1, i, 1), ()) for i, (_, text) in enumerate(words)]
    if words[0][1].startswith("-") or "=" in words[0][1]:
        rows.insert(0, Word("", "", Span(0, 1, 0, 1), ()))
    for found in given_words(rows):
        yield found.name, found.value, words[found.span.end_line][0]


def _commands(view: View, setting: Setting) -> Iterator[Remark]:
    """Assignments, options and files in a script: `sh -c "PASSWORD=… tool --token=…"`."""
    from kerp_policy.docker.given import given

    script = settings.script_of(setting)
    told = set[tuple[int, str, str]]()
    for name, value, span in given(script.shell):
        literal = literal_secret(name, value)
        if literal and literal.kind == "named" and (span.line, name, value) not in told:
            told.add((span.line, name, value))
            where = f" in {setting.name}" if setting.name else ""
            message = f"{name}{where} holds {described(literal)}"
            at = script.place(view, Span(*span.start, *span.start))
            yield Remark(_beginning(view, at), message, subject=name)
