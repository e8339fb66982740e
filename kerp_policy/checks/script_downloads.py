"""The check of what a script fetches from the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.docker.downloads import run_unseen
from kerp_policy.findings import Remark
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.views import View


def unseen(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing that a script fetches is run unseen."""
    subject: ScriptSubject = view.subject
    for found in run_unseen(subject.shell, "this script"):
        place = subject.command_place(found.command)
        yield Remark(place, found.message, subject=found.subject)
