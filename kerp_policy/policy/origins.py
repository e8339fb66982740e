"""Where each value in effect is written: in a policy, in a profile, or in the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct

from kerp_policy.paths import Path as Steps
from kerp_policy.policy.folder import builtin_folder
from kerp_policy.policy.model import Policy
from kerp_policy.policy.text import text_of

BUILT_IN = "built-in "
"""What stands before the name of a file that ships."""
DEFAULT = "default"
"""The origin of what is written nowhere."""


class Value(Struct, frozen=True):
    """A value in effect.

    `origin` is `file:line`, with `built-in` before a file that ships; `default` where nothing is
    written.
    """

    value: Any
    origin: str


class Written:
    """A file of YAML, asked for the lines of what it says."""

    def __init__(self, name: str, file: Path, text: str | None = None) -> None:
        """Keep them.

        Args:
            name: what users know the file by.
            file: where it is.
            text: what it says, if that is known already.
        """
        self.name, self.file, self._text = name, file, text

    @cached_property
    def _document(self) -> Any:
        from kerp_policy.artifacts.yaml import read

        documents = read(text_of(self.file) if self._text is None else self._text).documents
        return documents[0] if documents else None

    def origin(self, path: Steps) -> str:
        """`file:line` of a path, or nothing where the file does not have it."""
        if self._document is None or self._document.node(path) is None:
            return ""
        return f"{self.name}:{self._document.span(path).line}"


def written(file: Path, root: Path) -> Written:
    """A policy or profile, named as it lies in the project, or within what ships."""
    shipped = builtin_folder()
    if file.is_relative_to(shipped):
        return Written(f"{BUILT_IN}{file.relative_to(shipped).as_posix()}", file)
    own = file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
    return Written(own, file)


def first(sources: Iterable[tuple[Written, Steps]]) -> str:
    """The origin in the first of the files that has its path; `default` where none has."""
    return next((origin for file, path in sources if (origin := file.origin(path))), DEFAULT)


class Setting(Struct, frozen=True):
    """A policy in effect, and where each of its values comes from; `only` is None without one."""

    policy: Policy
    file: str
    severity: Value
    params: dict[str, Value]
    only: Value | None

    @property
    def is_own(self) -> bool:
        """Whether anything of it is written elsewhere than in what ships."""
        values = (self.severity, *self.params.values(), *([self.only] if self.only else []))
        return any(not v.origin.startswith(BUILT_IN) for v in values)


def setting(
    policy: Policy, layers: Sequence[Written], root: Path, policies: Mapping[str, Policy]
) -> Setting:
    """A policy with its origins.

    Args:
        policy: as the profile has tuned it.
        layers: the profile, and then the one that it extends.
        root: of the project.
        policies: every policy there is, since one may have the parameters of another.
    """
    named = [policy.id, policy.params_of] if policy.params_of else [policy.id]
    files = [written(Path(policies[id].file), root) for id in named]
    own = files[0]

    def value(what: Any, *steps: str) -> Value:
        kin = named if steps[0] == "params" else named[:1]
        tuned = [(layer, ("policies", id, *steps)) for id in kin for layer in layers]
        return Value(what, first([*tuned, *((file, steps) for file in files)]))

    only = value(list(policy.environments), "only") if policy.environments is not None else None
    params = {name: value(param, "params", name) for name, param in policy.params.items()}
    return Setting(policy, own.name, value(policy.severity, "severity"), params, only)
