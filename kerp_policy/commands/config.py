"""What `kerp-policy config` tells: what is in effect, and where each value comes from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from kerp_policy import config as configuration
from kerp_policy.cells import padded, width
from kerp_policy.commands.project import Project, project_of
from kerp_policy.findings import SEVERITIES
from kerp_policy.i18n import amount
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.load import ProfileFile, load_library, profile_layers
from kerp_policy.policy.model import Environment, Profile, in_words
from kerp_policy.policy.origins import (
    BUILT_IN,
    DEFAULT,
    Setting,
    Value,
    Written,
    first,
    setting,
    written,
)
from kerp_policy.visible import dumped, printable

if TYPE_CHECKING:
    from kerp_policy.commands.config_file import About


class InEffect(Struct, frozen=True):
    """Everything that `config` tells of a project."""

    project: Project
    file: str | None
    """The configuration's, relative to the root."""
    values: dict[str, Value]
    environments: dict[str, Value]
    settings: list[Setting]
    off: dict[str, str]
    """By policy that a profile turns off, where it says so."""


def config_command(path: Path, name: str | None, form: str, *, verbose: bool) -> str:
    """Tell what is in effect for a project, or for one file of it.

    Args:
        path: the file, or a folder of the project.
        name: of a profile, instead of the configured one.
        form: `text` or `json`.
        verbose: whether to list every policy, not just those that the project has a say in.

    Raises:
        UsageError: there is no such file, or the configuration or standard is not valid.
    """
    project = project_of([path])
    profile = project.standard(name)
    found = _in_effect(project, profile, name)
    told: About | None = None
    if not path.is_dir():
        from kerp_policy.commands.config_file import about

        told = about(path, project, profile)
        found = replace(found, settings=[s for s in found.settings if s.policy.id in told.policies])
    if form == "json":
        return dumped(_data(found, told), indent=2) + "\n"
    return "\n".join(_lines(found, told, verbose=verbose)) + "\n"


def _in_effect(project: Project, profile: Profile, name: str | None) -> InEffect:
    library = load_library(project.config.policies, profile.name)
    files = [written(layer.file, project.root) for layer in profile_layers(profile.name, library)]
    layers = files[::-1]
    found = configuration.written(project.root)
    own = Written(found.file.name, found.file, found.text) if found else None
    environments = {
        environment.name: Value(
            environment, first((layer, ("environments", environment.name)) for layer in layers)
        )
        for environment in profile.environments
    }
    return InEffect(
        project,
        own.name if own else None,
        _values(project, profile, layers, own, name),
        environments,
        [setting(policy, layers, project.root, library.policies) for policy in profile.policies],
        _off(profile_layers(profile.name, library), layers),
    )


def _off(profiles: Iterable[ProfileFile], layers: list[Written]) -> dict[str, str]:
    merged: dict[str, bool] = {}
    for profile in profiles:
        for id, own in profile.data.get("policies", {}).items():
            merged[id] = own.get("enabled", merged.get(id, True))
    names = sorted(id for id, enabled in merged.items() if not enabled)
    return {id: first((layer, ("policies", id, "enabled")) for layer in layers) for id in names}


def _values(
    project: Project, profile: Profile, layers: list[Written], own: Written | None, name: str | None
) -> dict[str, Value]:
    config = project.config

    def value(what: Any, *keys: str) -> Value:
        return Value(what, first((own, (key,)) for key in keys) if own else DEFAULT)

    values = {"profile": Value(name, "--profile") if name else value(config.profile, "profile")}
    if layers[1:]:
        values["extends"] = Value(layers[1].file.stem, layers[0].origin(("extends",)))
    if config.policies:
        folders = [folder.relative_to(project.root).as_posix() for folder in config.policies]
        values["policies"] = value(folders, "policies")
    if config.exclude:
        values["exclude"] = value(list(config.exclude), "exclude", "policies")
    values["fail-on"] = value(config.fail_on, "fail-on")
    versions = {
        "kubernetes": config.kubernetes_version or profile.versions.get("kubernetes"),
        "alertmanager": config.alertmanager_version or profile.versions.get("alertmanager"),
    }
    return values | _versions(versions, layers, own)


def _versions(
    versions: Mapping[str, str | None], layers: list[Written], own: Written | None
) -> dict[str, Value]:
    """The versions in effect, of the configuration or the nearest profile."""
    found = {}
    for program, version in versions.items():
        key = f"{program}-version"
        configured = [(own, (key,))] if own else []
        if version:
            origin = first([*configured, *((layer, ("versions", program)) for layer in layers)])
            found[key] = Value(version, origin)
    return found


def _lines(found: InEffect, told: About | None, *, verbose: bool) -> Iterator[str]:
    yield f"{_('project')}  {printable(str(found.project.root))}"
    yield f"{_('configuration')}  {found.file or _('none, so everything is as by default')}"
    yield from _table((name, value) for name, value in found.values.items())
    yield ""
    yield _("environments")
    yield from _table((name, _signs(value)) for name, value in found.environments.items())
    if told:
        yield ""
        yield from told.lines()
    yield ""
    yield from _policies(found.settings, verbose=verbose or told is not None)
    if found.off and not told:
        yield ""
        yield _("turned off")
        yield from (f"  {id}  ({_told(origin)})" for id, origin in found.off.items())


def _policies(settings: list[Setting], *, verbose: bool) -> Iterator[str]:
    counts = Counter(s.policy.severity for s in settings)
    tally = ", ".join(amount(counts[s], s, f"{s}s") for s in SEVERITIES if counts[s])
    policies = amount(len(settings), "policy", "policies")
    head = _("{policies} in effect").format(policies=policies)
    yield f"{head}: {tally}" if tally else head
    shown = [s for s in settings if verbose or s.is_own]
    for one in shown:
        yield f"  {one.policy.id}"
        values = {"severity": one.severity, **one.params}
        only = [(_("only in"), one.only)] if one.only else []
        yield from _table((*values.items(), *only), "    ")
    if len(shown) < len(settings):
        more = _("{count} more as they ship; -v lists them")
        yield f"  {more.format(count=len(settings) - len(shown))}"


def _table(rows: Iterable[tuple[str, Value]], indent: str = "  ") -> Iterator[str]:
    """Name, value and origin in columns, the last of which is not pushed away by a long value."""
    cells = [(name, printable(_shown(v.value)), v.origin) for name, v in rows]
    lengths = [[length for cell in cells if (length := width(cell[i])) <= 40] for i in (0, 1)]
    names, values = (max(column, default=0) for column in lengths)
    for name, value, origin in cells:
        yield f"{indent}{padded(name, names)}  {padded(value, values)}  ({_told(origin)})"


def _told(origin: str) -> str:
    """Where a value is written, for people."""
    if origin.startswith(BUILT_IN):
        return _("built-in {file}").format(file=printable(origin.removeprefix(BUILT_IN)))
    return _("default") if origin == DEFAULT else printable(origin)


def _signs(value: Value) -> Value:
    environment: Environment = value.value
    labels = [f"{key}={text}" for key, text in environment.labels.items()]
    return Value([*environment.namespaces, *labels, *environment.paths], value.origin)


def _shown(value: Any) -> str:
    if isinstance(value, Mapping) or (isinstance(value, list) and not all(map(_is_plain, value))):
        return json.dumps(value, ensure_ascii=False)
    return in_words(value) or _("none")


def _is_plain(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _data(found: InEffect, told: About | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "format": 1,
        "root": str(found.project.root),
        "configuration": found.file,
        "settings": {name: asdict(value) for name, value in found.values.items()},
        "environments": {
            name: {
                "namespaces": list(value.value.namespaces),
                "labels": dict(value.value.labels),
                "paths": list(value.value.paths),
                "origin": value.origin,
            }
            for name, value in found.environments.items()
        },
    }
    if told:
        data["file"] = told.data()
    data["off"] = found.off
    data["policies"] = {s.policy.id: _policy(s) for s in found.settings}
    return data


def _policy(one: Setting) -> dict[str, Any]:
    return {
        "file": one.file,
        "severity": asdict(one.severity),
        "params": {name: asdict(value) for name, value in one.params.items()},
        "only": asdict(one.only) if one.only else None,
    }
