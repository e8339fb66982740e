"""Policies that were validated are kept: validating costs more than all else at start."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from msgspec import json

from kerp_policy import __version__
from kerp_policy.cache import folder

Parsed = dict[str, dict[str, Any]]


def kept(key: object, parse: Callable[[], Parsed]) -> Parsed:
    """What `parse` makes of files: from the user's cache folder, or made now and put there.

    What does not come back equal, as an infinite number, is made each time.

    Args:
        key: what tells these files, as they are now, from all others: plain data. The program's
            version is added.
        parse: makes plain data of them, by path. What it raises is raised here.
    """
    home = folder.cache_folder()
    if home is None:
        return parse()
    seen = hashlib.sha256(repr((__version__, key)).encode())
    file = home / f"policies-{seen.hexdigest()[:32]}.json"
    if text := folder.read(file):
        known: Parsed = json.decode(text)
        return known
    data = parse()
    with suppress(OverflowError, UnicodeEncodeError):
        text = json.encode(data)
        if json.decode(text) == data:
            folder.write(file, text)
    return data
