"""Writing the files that a command makes for a project: never over others, never outside."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kerp_policy.config import written
from kerp_policy.errors import UsageError
from kerp_policy.files import write_whole
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.validate import schema
from kerp_policy.regex import regex
from kerp_policy.sources.discover import CONFIG

SCHEMAS = ".kerp-policy"
"""The folder of a project that holds the schemas that editors look into."""


_FOLDERS = ("policies", "kerp-policies")
_PLAIN = regex(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL"})


def create(root: Path, files: Mapping[str, str]) -> None:
    """Write new files below a folder, all or none of them.

    The configuration, which names the others, is the last: a run may be killed before it.

    Args:
        root: the folder, which is a project.
        files: texts by path; folders are made on the way.

    Raises:
        UsageError: one exists already, lies outside by way of a link, or cannot be written.
    """
    for path in files:
        if os.path.lexists(root / path):
            message = _("{file}: exists already; nothing was written")
            raise UsageError(message.format(file=root / path))
    last = sorted(files, key=lambda path: path == CONFIG)
    try:
        for path in last:
            write(root, path, files[path])
    except UsageError:
        for path in last:
            with suppress(OSError):
                (root / path).unlink()
        raise


def write(root: Path, path: str, text: str) -> None:
    """Write one file, whatever it held before.

    Raises:
        UsageError: it lies outside of the folder by way of a link, or cannot be written.
    """
    file = root / path
    if file.is_symlink() or not file.resolve().is_relative_to(root.resolve()):
        message = _("{file}: is a link, or leads through one out of the project")
        raise UsageError(message.format(file=file))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text.encode())
    except OSError as error:
        message = _("{file}: cannot be written: {why}")
        raise UsageError(message.format(file=file, why=error.strerror or error)) from None


def schema_line(path: str, name: str) -> str:
    """The comment by which an editor finds the schema of a file.

    Args:
        path: of the file, relative to the project root.
        name: of the schema.
    """
    target = posixpath.relpath(schema_file(name), posixpath.dirname(path) or ".")
    return f"# yaml-language-server: $schema={target}\n"


def schema_file(name: str) -> str:
    """Where a project keeps a schema."""
    return f"{SCHEMAS}/{name}.schema.json"


def free_folder(root: Path) -> str:
    """A name for a project's first folder of policies.

    Raises:
        UsageError: every name is taken, perhaps by policies of another program.
    """
    for name in _FOLDERS:
        if not os.path.lexists(root / name):
            return name
    message = _("{file}: exists already; name a folder in the configuration, as policies: [FOLDER]")
    raise UsageError(message.format(file=root / _FOLDERS[0]))


def quoted(text: str) -> str:
    """A text as a scalar of YAML that means just this, whatever it holds."""
    if _PLAIN.fullmatch(text) and text not in _WORDS:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    plain = re.compile(r"[ !#-\[\]-~]")  # printable ASCII but quote and backslash
    return '"' + "".join(c if plain.match(c) else f"\\U{ord(c):08x}" for c in text) + '"'


def write_schema(root: Path, name: str) -> None:
    """Put a schema of this version where editors look for it."""
    text = json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"
    write(root, schema_file(name), text)


def add_setting(root: Path, key: str, value: list[str]) -> str:
    """Add a line to a project's configuration, and change nothing else.

    Args:
        root: the project.
        key: a setting that it does not have.
        value: what to set it to.

    Returns:
        What was done, or what is left to do by hand.
    """
    line, found = f"{key}: [{', '.join(map(quoted, value))}]\n", written(root)
    if found is None:
        create(root, {CONFIG: schema_line(CONFIG, "config") + line})
        write_schema(root, "config")
        return _("wrote {file}: {line}").format(file=CONFIG, line=line.rstrip())
    if found.file.name != CONFIG:
        setting = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        to_do = _("to do: add {setting} to [tool.kerp-policy] in {file}")
        return to_do.format(setting=setting, file=found.file.name)
    text = found.text if found.text.endswith("\n") or not found.text else found.text + "\n"
    if found.file.is_symlink() or not _adds(found.text, text + line, key, value):
        to_do = _("to do: add this line to {file}: {line}")
        return to_do.format(file=CONFIG, line=line.rstrip())
    added = line if text == found.text else "\n" + line
    write(root, CONFIG, found.file.read_bytes().decode("utf-8") + added)
    return _("added to {file}: {line}").format(file=CONFIG, line=line.rstrip())


def _adds(before: str, after: str, key: str, value: object) -> bool:
    """Whether a text says what it said before, and the new setting."""
    from kerp_policy.artifacts.yaml import read

    def data(text: str) -> object:
        stream = read(text)
        problems = stream.problems or any(document.problems for document in stream.documents)
        if problems or len(stream.documents) > 1:
            return None
        return stream.documents[0].data() if stream.documents else {}

    old = data(before)
    return isinstance(old, dict) and key not in old and data(after) == {**old, key: value}
