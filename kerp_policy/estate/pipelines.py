"""What workflows and scripts do to a cluster, and to the files that they put into it.

The records are here; `commands` makes them of shell commands, `jobs` and `scripts` of files.
"""

from __future__ import annotations

from kerp_policy.findings import Place
from kerp_policy.records import Kept

Position = tuple[int, ...]
"""Where in its job something happens: step, then command; of a called script, its command after."""


class Fill(Kept, frozen=True):
    """What puts values in the place of placeholders.

    Attributes:
        by: the program or action, for messages.
        names: the placeholders that it fills in; None for whichever there are.
        sure: whether that is known, rather than only possible.
    """

    by: str
    names: frozenset[str] | None = None
    sure: bool = True


class _Act(Kept, frozen=True):
    """Something that a job or a script does.

    Attributes:
        job: the job, by its address, or the script, by its path.
        position: where in the job.
    """

    file: str
    place: Place
    environment: str | None
    job: str
    position: Position


class Apply(_Act, frozen=True):
    """A `kubectl apply` (or `replace`, `create`) of files.

    Attributes:
        paths: the files or folders, relative to the project's root; only those that are known.
        recursive: whether folders are taken with all below them.
        kustomize: whether the paths are folders of kustomizations.
        namespace: the one that the command names, if it is known.
        always: whether it runs whenever the job does.
        fills: what the text of the files passes through on its way.
        is_untouched: whether nothing that runs before it may have written files.
        verb: what kubectl is told to do.
    """

    paths: tuple[str, ...]
    recursive: bool
    kustomize: bool
    namespace: str | None = None
    always: bool = True
    fills: tuple[Fill, ...] = ()
    is_untouched: bool = False
    verb: str = "apply"

    @property
    def what(self) -> tuple[tuple[str, ...], bool, bool]:
        """What tells which files it applies."""
        return self.paths, self.recursive, self.kustomize


class Edit(_Act, frozen=True):
    """Something that writes files of the project before they are applied.

    Attributes:
        paths: the files or folders; None where they are not known.
        fill: what it fills in there.
        images_only: whether it sets the images of a kustomization (`kustomize edit set image`).
        source: the file that it copies or moves to `paths`; empty for what writes itself.
    """

    paths: tuple[str, ...] | None
    fill: Fill
    images_only: bool = False
    source: str = ""


class SetImage(_Act, frozen=True):
    """A container's image that `kubectl set image` sets, in the cluster or in files.

    Attributes:
        kind: of the workload, as `Deployment`; empty where files are named instead.
        name: its name; None where it is not known.
        namespace: the one that the command names; None where it names none, or it is not known.
        container: the container; `*` for all.
        image: as written, variables and expressions included.
        always: whether it runs whenever the job does.
        paths: the files, relative to the project's root.
    """

    kind: str
    name: str | None
    namespace: str | None
    container: str
    image: str
    always: bool = True
    paths: tuple[str, ...] = ()


class Undo(_Act, frozen=True):
    """A `kubectl rollout undo` to the revision before.

    `name` and `namespace` are None where they are not known; a script's defaults count as known.
    """

    kind: str
    name: str | None
    namespace: str | None


class Wait(_Act, frozen=True):
    """A `kubectl rollout status` or `kubectl wait` for a workload.

    Attributes:
        kind: of the workload; empty where a file or a selector tells what it waits for.
        name: its name; None where it is not known. A script's defaults count as known.
        namespace: the one that the command names; None where it names none, or it is not known.
        for_failures: whether it runs only where something before it has failed.
    """

    kind: str
    name: str | None
    namespace: str | None
    for_failures: bool = False


class Call(_Act, frozen=True):
    """A script of the project that a job or another script runs; `script` is its path."""

    script: str


class Push(_Act, frozen=True):
    """An image that is pushed to a registry.

    Attributes:
        image: as written, variables and expressions included; empty where the build of the same
            step tells the names.
    """

    image: str


class Reach(Kept, frozen=True):
    """A command that changes what runs in a namespace that it names."""

    file: str
    place: Place
    environment: str | None
    job: str
    what: str
    namespace: str


class Secret(Kept, frozen=True):
    """A long-lived credential of a cloud that a job takes from a secret.

    Attributes:
        secret: its name, as `AWS_ACCESS_KEY_ID`.
        is_repository_wide: whether the job names no environment that could have one of its own.
    """

    file: str
    place: Place
    environment: str | None
    job: str
    secret: str
    is_repository_wide: bool


class Job(Kept, frozen=True):
    """A job of a workflow.

    Attributes:
        job: its address.
        id: its name in the file.
        before: the ids of the jobs that it waits for, directly or not.
        deploys: whether it changes what runs, by itself.
        calls: the reusable workflow that it runs, relative to the project's root where it lies
            there, else as written; empty for a job with steps.
        signs: what it does before a deployment, as far as names and commands tell (`gates.signs`).
    """

    file: str
    place: Place
    environment: str | None
    job: str
    id: str
    before: tuple[str, ...]
    deploys: bool
    calls: str
    signs: frozenset[str]


class Workflow(Kept, frozen=True):
    """A workflow as a whole.

    Attributes:
        name: what it calls itself, or its path.
        triggers: the events that start it.
        follows: the names of the workflows whose end starts it (`workflow_run`).
        follows_at: where each of them is written.
    """

    file: str
    place: Place
    environment: str | None
    name: str
    triggers: tuple[str, ...]
    follows: tuple[str, ...]
    follows_at: tuple[Place, ...] = ()


Action = Apply | Edit | SetImage | Undo | Wait | Call
