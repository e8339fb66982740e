"""What was validated once is kept, since validating costs more than all else at start."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from kerp_policy import __version__
from kerp_policy.files import is_own, make_own, write_whole

Parsed = dict[str, dict[str, Any]]


def kept(texts: Mapping[str, str], parse: Callable[[], Parsed]) -> Parsed:
    """What `parse` makes of texts: from the user's cache folder, or made now and put there.

    Args:
        texts: the texts by path; with the program's version they are the key.
        parse: makes plain data of them, by path. What it raises is raised here.
    """
    file = _file(texts)
    if file is None:
        return parse()
    data = _read(file)
    if data is None:
        data = parse()
        _write(file, data)
    return data


def _file(texts: Mapping[str, str]) -> Path | None:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    if home.startswith("~"):
        return None
    seen = hashlib.sha256(json.dumps([__version__, sorted(texts.items())]).encode())
    return Path(home) / "kerp-policy" / f"policies-{seen.hexdigest()[:32]}.json"


def _read(path: Path) -> Parsed | None:
    """What was kept, or None where there is nothing, or perhaps not what this user's runs wrote."""
    try:
        if not is_own(path):
            return None
        digest, _, text = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return cast(Parsed, json.loads(text)) if digest == _digest(text) else None


def _write(path: Path, data: Parsed) -> None:
    """Keep it for the next run, which does without if that fails."""
    text = json.dumps(data).encode()
    with suppress(OSError):
        make_own(path.parent)
        write_whole(path, _digest(text) + b"\n" + text)


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()
