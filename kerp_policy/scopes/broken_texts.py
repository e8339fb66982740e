"""What a ConfigMap or Secret holds for Alertmanager or Prometheus and neither of them can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from kerp_policy.artifacts.yaml import read
from kerp_policy.regex import regex
from kerp_policy.scopes.settings import Setting
from kerp_policy.sources.source import Problem
from kerp_policy.views import View

_MEANT = (
    (regex(r"^route:", re.MULTILINE), regex(r"^receivers:", re.MULTILINE)),
    (regex(r"^groups:", re.MULTILINE), regex(r"^[ ]*(?:- )?expr:", re.MULTILINE)),
)
"""Lines of a configuration and of rules: what is broken shows no more of what it is."""


def broken_texts(view: View, settings: Iterable[Setting]) -> Iterator[Problem]:
    """What is wrong with the YAML of a configuration or of rules; nothing of a template.

    Args:
        view: the object that holds them.
        settings: what it holds.
    """
    for setting in settings:
        if any(all(line.search(setting.value) for line in lines) for lines in _MEANT):
            stream = read(setting.value)
            if stream.problems and not stream.template:
                from kerp_policy.scopes.alertmanager import Inside

                inside = Inside(view.subject, setting)
                yield from (replace(p, span=inside.map(p.span)) for p in stream.problems)
