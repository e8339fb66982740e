"""What shell scripts do: from scripts to facts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import partial

from kerp_policy.artifacts.workflow.changes import makes_a_cluster
from kerp_policy.estate.commands import command_facts
from kerp_policy.estate.facts import Fact
from kerp_policy.estate.shells import expand, folders, known
from kerp_policy.estate.surroundings import Surroundings
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.views import View


def script_facts(view: View) -> Iterator[Fact]:
    """The facts of one script, which is taken to be started from the project's root.

    None where it makes a cluster for itself, as tests do.
    """
    subject: ScriptSubject = view.subject
    shell, file = subject.shell, subject.source.path
    if makes_a_cluster(shell):
        return
    found = known(shell, {})
    value = partial(expand, values=found.values)
    run = Surroundings(
        file,
        view.environment,
        file,
        (),
        shell,
        tuple(folders(shell, "", posixpath.dirname(file), value)),
        False,
        False,
        False,
        lambda span: subject.place(span, "commands"),
        value,
        partial(expand, values={**found.defaults, **found.values}),
        lambda word: value(word) or word.raw.strip("\"'"),
    )
    yield from command_facts(run)
