"""Finding, reading and validating policies and profiles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, convert
from msgspec.structs import replace

from kerp_policy.errors import FieldError, UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.paths import Path as Steps
from kerp_policy.policy.catalogues import Catalogue, catalogue, controls_of
from kerp_policy.policy.fitting import Scopes, review_scope, scopes_of
from kerp_policy.policy.folder import (
    CONTROLS,
    PROFILES,
    builtin_folder,
    read_folder,
    ships,
)
from kerp_policy.policy.model import Policy, Profile
from kerp_policy.policy.profiles import extended, known, resolve
from kerp_policy.policy.releases import MARK, as_released, release, releases
from kerp_policy.policy.tuning import review_profile
from kerp_policy.wording import suggested


class ProfileFile(NamedTuple):
    """A profile as it is written."""

    file: Path
    data: Mapping[str, Any]


class Library(Struct, frozen=True):
    """Everything that a standard can be made from: what ships, and what a team adds.

    `later` names what ships, but came after the release that counts.
    """

    policies: dict[str, Policy]
    profiles: dict[str, ProfileFile]
    catalogues: dict[str, Catalogue]
    later: frozenset[str] = frozenset()


def load_profile(name: str, folders: tuple[Path, ...] = ()) -> Profile:
    """Put together the standard of a name.

    Args:
        name: of a profile: its file's name without the ending; `kerp@1.0` for a release of one.
        folders: folders of policies and profiles beside those that ship.

    Raises:
        UsageError: there is no such profile, or a file is no valid policy or profile.
    """
    library = load_library(folders, name)
    layers = profile_layers(name, library)
    data: Mapping[str, Any] = {}
    for layer in layers:
        data = extended(data, layer.data)
    if wrong := list(review_profile(name, data, library.policies)):
        raise UsageError("\n".join(str(_located(layers, mistake)) for mistake in wrong))
    profile = resolve(name, data, library.policies)
    known_ids = profile.known | library.later
    return replace(profile, catalogues=library.catalogues, known=known_ids)


def profile_layers(name: str, library: Library) -> list[ProfileFile]:
    """A profile's file, and before it those that it extends, the whole standard first.

    Raises:
        UsageError: there is no such profile, or profiles extend one another in a circle.
    """
    _known_profile(name, library, _("the command line or configuration"))
    layers = [library.profiles[name]]
    while "extends" in layers[0].data:
        layers.insert(0, _extended_by(layers, library))
    return layers


def _extended_by(layers: list[ProfileFile], library: Library) -> ProfileFile:
    """What the first of the layers extends."""
    own = layers[0]
    try:
        _known_profile(own.data["extends"], library, _("the profile"), ("extends",))
        base = library.profiles[own.data["extends"]]
        if base in layers:
            circle = ", ".join(layer.file.stem for layer in [*reversed(layers), base])
            message = _("profiles extend one another in a circle: {names}")
            raise FieldError(("extends",), message.format(names=circle))
    except FieldError as error:
        raise _located([own], error) from None
    return base


def _known_profile(name: str, library: Library, where: str, path: Steps = ()) -> None:
    if name not in library.profiles:
        choices = {*library.profiles, *releases(builtin_folder())} - {name}
        known(name, choices, where, noted("profile"), path)


def _located(layers: list[ProfileFile], error: FieldError) -> UsageError:
    from kerp_policy.policy.validate import located_among

    return located_among(layers, error)


@cache
def load_library(folders: tuple[Path, ...] = (), profile: str = "") -> Library:
    """Everything that ships or lies in the folders, by id: the name of its file.

    Args:
        folders: folders of policies and profiles beside those that ship.
        profile: the one that counts; where it is a release, or extends one, what ships is as then.

    Raises:
        UsageError: a folder is missing, a file is not valid, two have one name, or a policy names
            a policy or control that does not exist.
    """
    found = {f: read_folder(f) for f in (builtin_folder(), *folders)}
    library = Library({}, {}, {})
    for folder, texts in found.items():
        for path, data in texts.items():
            _add(library, folder / path, data)
        if folder == builtin_folder():
            library = _pinned(library, _base(profile, found.values()))
    for id, policy in library.policies.items():
        if policy.params_of:
            library.policies[id] = _with_params(policy, library)
    _review_controls(library)
    _review_scopes(library, scopes_of(found[builtin_folder()].values()))
    return library


def _base(profile: str, found: Collection[Mapping[str, Any]]) -> str:
    """The profile that others extend, one upon the other; itself where it extends none."""
    chain = [profile]
    while (base := _extends(chain[-1], found)) and base not in chain:
        chain.append(base)
    return chain[-1]


def _extends(profile: str, found: Iterable[Mapping[str, Any]]) -> str:
    file = f"{PROFILES}/{profile}.yaml"
    own: Mapping[str, str] = next((data[file] for data in found if file in data), {})
    return own.get("extends", "")


def _pinned(library: Library, base: str) -> Library:
    """What ships as a release has it, if the base is one."""
    held = release(builtin_folder(), base)
    if held is None:
        return library
    library.profiles[base] = ProfileFile(*held)
    if "extends" in held[1]:
        return _pinned(library, held[1]["extends"])
    policies = as_released(base, held[1]["policies"], library.policies)
    return replace(library, policies=policies, later=frozenset(library.policies) - {*policies})


def _add(library: Library, file: Path, data: dict[str, Any]) -> None:
    forms: dict[str, tuple[str, dict[str, Any], Callable[..., Any]]] = {
        PROFILES: ("profile", library.profiles, ProfileFile),
        CONTROLS: ("catalogue", library.catalogues, catalogue),
    }
    what, there, make = forms.get(file.parent.name, ("policy", library.policies, _policy))
    id = file.stem
    if what == "profile" and MARK in id:
        message = _("{file}: {mark} in a profile's name is for versions of those that ship")
        raise UsageError(message.format(file=file, mark=MARK))
    if id in there:
        message = _("{file}: the {what} {name} exists already, {other}; give the file another name")
        told = message.format(file=file, what=_(what), name=id, other=there[id].file)
        raise UsageError(told)
    there[id] = make(file, data)


def _review_controls(library: Library) -> None:
    """Hold policies to name only controls that there are."""
    controls = controls_of(library.catalogues)
    for policy in library.policies.values():
        for index, id in enumerate(policy.controls):
            if id not in controls:
                message = _("no catalogue has the control {id!r}{hint}")
                told = message.format(id=id, hint=suggested(id, controls))
                layer = ProfileFile(Path(policy.file), {"controls": list(policy.controls)})
                raise _located([layer], FieldError(("controls", index), told))


def _review_scopes(library: Library, scopes: Scopes) -> None:
    """Hold policies of a team's own to what their checks are made for, all of them at once."""
    wrong = list[str]()
    for policy in library.policies.values():
        try:
            if not ships(policy.file):
                review_scope(policy, scopes)
        except FieldError as error:
            layer = ProfileFile(Path(policy.file), {"each": policy.each})
            wrong.append(str(_located([layer], error)))
    if wrong:
        raise UsageError("\n".join(wrong))


def _with_params(policy: Policy, library: Library) -> Policy:
    """The policy with the parameters of the one that it names."""
    of = policy.params_of
    try:
        known(of, library.policies, "params_of", path=("params_of",))
    except FieldError as error:
        raise _located([ProfileFile(Path(policy.file), {"params_of": of})], error) from None
    params = {**library.policies[of].params, **policy.params}
    if not ships(policy.file):
        _review_joined(policy, params)
    return replace(policy, params=params)


def _review_joined(policy: Policy, params: Mapping[str, Any]) -> None:
    """Both policies' parameters together are what the check takes, and what the policy names."""
    from kerp_policy.policy.parameters import review_parameters, taken
    from kerp_policy.policy.review import review_shared

    data = {key: getattr(policy, key) for key in ("params_of", "title", "why", "how", "require")}
    layer = ProfileFile(Path(policy.file), data)
    for mistake in review_parameters(policy.check, taken(policy.check, policy.takes), params, ()):
        raise _located([layer], FieldError(("params_of",), str(mistake)))
    for mistake in review_shared(data, params):
        raise _located([layer], mistake)


def _policy(file: Path, data: dict[str, Any]) -> Policy:
    return convert({**data, "id": file.stem, "file": str(file)}, Policy)
