"""What `kerp-policy init` does: a first configuration for the project that it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kerp_policy.commands.files import create, free_folder, quoted, schema_line, write_schema
from kerp_policy.commands.survey import Sign, Survey, survey
from kerp_policy.config import Config, written
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.policy.folder import PROFILES
from kerp_policy.policy.load import load_profile
from kerp_policy.policy.model import Environment, Profile
from kerp_policy.report.text import in_kinds
from kerp_policy.sources.discover import CONFIG
from kerp_policy.visible import printable

_OWN = "own"
"""The profile that is written where the environments of the standard are not those found."""

_SHOWN = 5


def init_command(root: Path) -> str:
    """Look at a project and write its first configuration.

    Args:
        root: the project's folder.

    Returns:
        What was found, what was written, and what to run next.

    Raises:
        UsageError: it has a configuration already, or a file cannot be written.
    """
    if found := written(root):
        message = _("{file}: is a configuration already; nothing was written")
        raise UsageError(message.format(file=found.file))
    profile = load_profile(Config().profile)
    seen = survey(root, profile)
    folder = free_folder(root) if seen.untold else ""
    files = {CONFIG: _configuration(seen, profile, folder)}
    if folder:
        file = f"{folder}/{PROFILES}/{_OWN}.yaml"
        files[file] = schema_line(file, "profile") + _profile(seen, profile)
    create(root, files)
    for name in ("config", "profile")[: len(files)]:
        write_schema(root, name)
    return "\n".join([*_found(seen), "", *_wrote(files), "", *_next(files)]) + "\n"


def _configuration(seen: Survey, profile: Profile, folder: str) -> str:
    """The first configuration; its comments are for people, in the language of who asks for it."""
    about = _("`kerp-policy config` tells what is in effect and where each value comes from.")
    lines = [
        schema_line(CONFIG, "config").rstrip(),
        f"# {about}",
        *(f"# {line}" for line in _found(seen)),
        f"profile: {_OWN if folder else profile.name}",
        *([f"policies: [{folder}]"] if folder else []),
        "fail-on: error",
    ]
    return "\n".join(lines) + "\n"


def _profile(seen: Survey, profile: Profile) -> str:
    """A profile with the environments that were found, each with what the base tells it by."""
    lines = [
        f"title: {quoted(f'{profile.title}, with the environments found here')}",
        f"extends: {profile.name}",
        f"# {_('Told by their words: have somebody look at them who knows the clusters.')}",
        "environments:",
    ]
    for name, signs in sorted(seen.untold.items()):
        base = next((e for e in profile.environments if e.name == name), Environment(name))
        lines += [f"  {name}:", *_environment(base, signs)]
    return "\n".join(lines) + "\n"


def _environment(base: Environment, signs: Iterable[Sign]) -> Iterator[str]:
    """The signs of the base and those found; of two values of one label the one that was found."""
    found = {kind: sorted(s.value for s in signs if s.kind == kind) for kind in _KINDS}
    yield f"    namespaces: [{_list([*base.namespaces, *found['namespaces']])}]"
    labels = {
        **base.labels,
        **{k: v for k, _equals, v in (s.partition("=") for s in found["labels"])},
    }
    yield f"    labels: {{{', '.join(f'{quoted(k)}: {quoted(v)}' for k, v in labels.items())}}}"
    yield f"    paths: [{_list([*base.paths, *found['paths']])}]"


_KINDS = {"namespaces": noted("namespace"), "labels": noted("label"), "paths": noted("path")}


def _list(values: Iterable[str]) -> str:
    return ", ".join(map(quoted, values))


def _found(seen: Survey) -> list[str]:
    kinds = in_kinds(dict(sorted(seen.kinds.items())))
    what = kinds or _("nothing that a policy is about")
    lines = [_("found {what}").format(what=what)]
    for name in sorted({*seen.told, *seen.untold}):
        signs = seen.told.get(name, set()) | seen.untold.get(name, set())
        lines.append(_("environment {name}: {signs}").format(name=name, signs=_told(signs)))
    if seen.unclear:
        names = _some(sorted(seen.unclear))
        lines.append(_("namespaces that show no environment: {names}").format(names=names))
    return lines


def _told(signs: Iterable[Sign]) -> str:
    return _some([f"{_(_KINDS[sign.kind])} {sign.value}" for sign in sorted(signs)])


def _some(names: list[str]) -> str:
    shown = ", ".join(printable(" ".join(name.split())) for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return _("{shown} and {count} more").format(shown=shown, count=more) if more > 0 else shown


def _wrote(files: Iterable[str]) -> list[str]:
    return [_("wrote {file}").format(file=file) for file in files]


def _next(files: Mapping[str, str]) -> list[str]:
    steps = [
        _("run: kerp-policy check"),
        _("run: kerp-policy new policy NAME, for a rule of your own"),
    ]
    if len(files) > 1:
        steps.insert(0, _("look at the environments in {file}").format(file=list(files)[-1]))
    return [_("next:"), *(f"  {step}" for step in steps)]
