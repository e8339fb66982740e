"""What workflows and actions of a project ask for, and who calls them with what: the records."""

from __future__ import annotations

from kerp_policy.findings import Place
from kerp_policy.records import Kept

Access = dict[str, str]
"""By scope of a token, `read`, `write` or `none`; `*` stands for every scope."""


class Parameter(Kept, frozen=True):
    """An input or a secret that is declared.

    Attributes:
        name: as it is written; its letters are large or small alike.
        type: `string`, `number` or `boolean`; empty where it takes anything.
        is_required: whether the caller has to give it.
    """

    name: str
    type: str = ""
    is_required: bool = False


class Demand(Kept, frozen=True):
    """The permissions that a called workflow states, for all of it or for one of its jobs.

    Attributes:
        job: the job's name in the file; empty for the workflow.
        access: what is asked for.
    """

    job: str
    access: Access
    place: Place


class Interface(Kept, frozen=True):
    """What a reusable workflow or an action takes and gives.

    Attributes:
        folder: the folder that an action is used by; empty for a workflow.
        inputs: what it takes; None where that cannot be read, and so below.
        secrets: a workflow's secrets.
        outputs: the names of its outputs, in small letters; None also where a program sets them.
        demands: the permissions that a workflow and its jobs state.
        group: a workflow's concurrency group; empty where it has none, or a call decides it.
    """

    file: str
    place: Place
    environment: str | None
    folder: str
    inputs: tuple[Parameter, ...] | None
    secrets: tuple[Parameter, ...] | None
    outputs: tuple[str, ...] | None
    demands: tuple[Demand, ...] = ()
    group: str = ""


class Given(Kept, frozen=True):
    """A value that a call hands over; `kind` is its type in words, empty where nobody knows."""

    name: str
    kind: str
    place: Place


class Read(Kept, frozen=True):
    """An output of a call that an expression reads, in small letters."""

    name: str
    place: Place


class WorkflowCall(Kept, frozen=True):
    """A job that calls a workflow of the same repository.

    Attributes:
        job: the job's address; `id` is its name in the file.
        called: the workflow's path, relative to the project's root.
        secrets: None where all are handed on, or nobody can tell which.
        granted: the permissions in effect for the job; None where no file states them.
        granted_at: where they are to be raised.
        groups: the concurrency groups that it is in, of its own and of its workflow.
    """

    file: str
    place: Place
    environment: str | None
    job: str
    id: str
    called: str
    inputs: tuple[Given, ...]
    secrets: tuple[Given, ...] | None
    read: tuple[Read, ...]
    granted: Access | None
    granted_at: Place
    groups: tuple[str, ...] = ()


class ActionUse(Kept, frozen=True):
    """A step that runs an action of the same repository.

    Attributes:
        folder: where the action lies, relative to the project's root.
        is_fetched: whether something before it may have brought the project.
        is_here: whether what lies in the job's folder is this project alone, as it is here.
    """

    file: str
    place: Place
    environment: str | None
    folder: str
    inputs: tuple[Given, ...]
    read: tuple[Read, ...]
    is_fetched: bool
    is_here: bool
