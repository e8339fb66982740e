"""Policies that were validated are kept: validating costs more than all else at start."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from kerp_policy import __version__
from kerp_policy.cache import folder

Parsed = dict[str, dict[str, Any]]


def kept(key: object, parse: Callable[[], Parsed]) -> Parsed:
    """What `parse` makes of files: from the user's cache folder, or made now and put there.

    Args:
        key: what tells these files, as they are now, from all others: plain data. The program's
            version is added.
        parse: makes plain data of them, by path. What it raises is raised here.
    """
    home = folder.cache_folder()
    if home is None:
        return parse()
    seen = hashlib.sha256(json.dumps([__version__, key]).encode())
    file = home / f"policies-{seen.hexdigest()[:32]}.json"
    if text := folder.read(file):
        known: Parsed = json.loads(text)
        return known
    data = parse()
    folder.write(file, json.dumps(data).encode())
    return data
