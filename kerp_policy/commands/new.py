"""What `kerp-policy new` does: a policy with its fixture folders, or a profile, to begin with."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from msgspec.structs import replace

from kerp_policy.commands.files import (
    add_setting,
    create,
    free_folder,
    quoted,
    schema_line,
    write,
    write_schema,
)
from kerp_policy.commands.project import Project, project_of
from kerp_policy.config import FIXTURES, Config
from kerp_policy.errors import UsageError
from kerp_policy.fixtures import EXPECTED, judge
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.policy.folder import PROFILES
from kerp_policy.policy.load import Library, load_library
from kerp_policy.policy.profiles import known
from kerp_policy.regex import regex
from kerp_policy.shipped import DATA

ARTIFACTS = {
    "kubernetes": ("object", "workload", "pod", "container", "kustomization"),
    "dockerfile": ("image", "stage", "instruction", "image-reference", "dockerignore"),
    "workflow": ("workflow", "job", "step", "workflow-image", "action"),
    "alertmanager": ("alertmanager", "route", "receiver"),
    "prometheus": ("rules", "group", "rule"),
    "script": ("script", "command"),
}
"""By folder, the scopes of the policies that belong there."""

_SCOPES = {scope: folder for folder, scopes in ARTIFACTS.items() for scope in scopes}
_NAME = regex(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = 60

_POLICY = """\
title: {title}
severity: error
topics: [{name}]
each: {each}
{when}require:
  {require}
why: Say here what goes wrong where this does not hold.
how: {how}
examples:
  - bad: |
{bad}
  - good: |
{good}
"""
_PROFILE = """\
title: The standard {name}
extends: kerp
# {order}
# {names}
policies:
  run-as-uid: {{params: {{uid: 1001}}}}
"""


def new_policy(name: str, each: str) -> str:
    """Write a policy and its fixture folders into the project here.

    Args:
        name: of the policy.
        each: its scope.

    Returns:
        What was written, and what to do next.

    Raises:
        UsageError: the name or scope will not do, or a file exists already.
    """
    known(each, _SCOPES, "--each", noted("scope"))
    project = project_of()
    folder = _folder(project)
    _free(name, noted("policy"), _library(project.config).policies)
    file = f"{folder}/{_SCOPES[each]}/{name}.yaml"
    create(project.root, {file: schema_line(file, "policy") + _policy(name, each)})
    registered = _registered(project, folder)
    cases = _add_cases(project, folder, name, each)
    for schema in ("policy", "expected"):
        write_schema(project.root, schema)
    edit = _("edit {file} and the examples in {folder}").format(file=file, folder=cases)
    wrote = _("wrote {file}")
    done = [wrote.format(file=file), wrote.format(file=cases), *registered]
    return _told(done, [edit, _("run: kerp-policy test")])


def new_profile(name: str) -> str:
    """Write a profile that extends kerp into the project here.

    Returns:
        What was written, and what to do next.

    Raises:
        UsageError: the name will not do, or a file exists already.
    """
    project = project_of()
    folder = _folder(project)
    _free(name, noted("profile"), _library(project.config).profiles)
    file = f"{folder}/{PROFILES}/{name}.yaml"
    create(project.root, {file: schema_line(file, "profile") + _profile(name)})
    write_schema(project.root, "profile")
    done = [_("wrote {file}").format(file=file), *_registered(project, folder)]
    steps = [
        _("edit {file}").format(file=file),
        _("set profile: {name} in the configuration").format(name=name),
        _("run: kerp-policy config"),
    ]
    return _told(done, steps)


def _profile(name: str) -> str:
    """A first profile; its comments are for people, in the language of who asks for it."""
    order = _("A setting of a policy goes before that of kerp: enabled, severity, params and only.")
    names = _("`kerp-policy list` names the policies, `kerp-policy explain POLICY` its parameters.")
    return _PROFILE.format(name=name, order=order, names=names)


def _folder(project: Project) -> str:
    """The project's first folder of policies, relative to its root, else one that is free."""
    if project.config.policies:
        return project.config.policies[0].relative_to(project.root).as_posix()
    return free_folder(project.root)


def _library(config: Config) -> Library:
    return load_library(config.policies, config.profile)


def _free(name: str, what: str, taken: Mapping[str, object]) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        message = _("{name!r} is no name of a {what}; write words in a-z, 0-9 and hyphens")
        raise UsageError(message.format(name=name, what=_(what)))
    if name in taken:
        message = _("there is a {what} {name} already; choose another name")
        raise UsageError(message.format(what=_(what), name=name))


def _starter(each: str) -> Mapping[str, str]:
    from kerp_policy.artifacts.yaml import read

    file = DATA / "starters.yaml"
    starter: Mapping[str, str] = read(file.read_text("utf-8")).documents[0].data()[each]
    return starter


def _policy(name: str, each: str) -> str:
    starter = _starter(each)
    parts = {key: textwrap.indent(starter[key].rstrip(), " " * 6) for key in ("bad", "good")}
    when = f"when: {starter['when']}\n" if "when" in starter else ""
    rest = {key: starter[key] for key in ("title", "require", "how")}
    return _POLICY.format(name=name, each=each, when=when, **rest, **parts)


def _add_cases(project: Project, folder: str, name: str, each: str) -> str:
    """A fixture folder in which the policy speaks and one in which it is silent, as it judges."""
    from kerp_policy.examples import files_of

    load_library.cache_clear()  # it has one policy more now
    config = replace(project.config, policies=(project.root / folder, *project.config.policies))
    config = replace(config, policies=tuple(dict.fromkeys(config.policies)))
    policy = _library(config).policies[name]
    examples = {kind: text for one in policy.examples for kind, text in one.items()}
    cases = f"{folder}/{FIXTURES}/{name}"
    for case, example in (("flagged", "bad"), ("clean", "good")):
        files = files_of(policy, examples[example])
        expected = f"{cases}/{case}/{EXPECTED}"
        create(project.root, {f"{cases}/{case}/{file}": text for file, text in files.items()})
        create(project.root, {expected: "findings: []\n"})
        found = judge(project.root / cases / case, config).run.findings
        text = "".join(
            f"  - file: {quoted(f.file)}\n    line: {f.place.span.line}\n    policy: {f.policy}\n"
            for f in found
        )
        list_text = f"findings:\n{text}" if text else "findings: []\n"
        write(project.root, expected, schema_line(expected, "expected") + list_text)
    return f"{cases}/"


def _registered(project: Project, folder: str) -> list[str]:
    if project.config.policies:
        return []
    return [add_setting(project.root, "policies", [folder])]


def _told(done: list[str], steps: list[str]) -> str:
    return "\n".join([*done, "", _("next:"), *(f"  {step}" for step in steps)]) + "\n"
