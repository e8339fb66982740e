"""Checks of the user that an image runs as, and of whom its files belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.dockerfile import EffectiveUser, Owned, effective_user, ownership
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.image_names import repository
from kerp_policy.estate.images import Dockerfile, Target
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, unverified
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View


def documented_user(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The image runs with the UID and the GID of the standard, a base of the project considered."""
    for dockerfile in estate.all(Dockerfile):
        target = estate.images.effective(dockerfile.targets[-1])
        remarks = _documented(target, params["uid"], params["gid"])
        yield Judged(dockerfile, tuple(remarks))


def _documented(target: Target, uid: int, gid: int) -> Iterator[Remark]:
    user = target.user
    expected = f"expected UID {uid}, GID {gid}"
    of_base = user.file != target.file
    place = target.place if user.inherited or of_base else user.place
    source = Related(user.file, user.place, "the image that it starts from says so")
    related = (source,) if of_base else ()
    because = ("image-user",) if of_base else ()
    if user.uid is not None and user.uid != uid:
        shown = "root" if user.uid == 0 else f"UID {user.uid}"
        reason = "" if user.reason == shown else f": {user.reason}"
        message = f"the image runs as {shown}{reason}; {expected}"
        yield Remark(place, message, related=related, consequence_of=because)
    elif user.gid is not None and user.gid != gid:
        message = f"the image runs with GID {user.gid}: {user.reason}; {expected}"
        advice = _with_group(user.uid, gid)
        yield Remark(place, message, help=advice, related=related, consequence_of=because)
    elif user.uid is None or user.gid is None:
        what = "the user" if user.uid is None else "the group"
        message = f"{what} of the image is not known: {user.reason}; {expected}"
        base = f"image/{repository(target.base)}: UID {uid}, GID {gid}"
        yield unverified(place, message, settled_by=base if user.inherited else "")


def _user(subject: DockerfileSubject) -> EffectiveUser:
    assert subject.stage
    return effective_user(subject.stage, subject.accounts[subject.stage.index])


def _with_group(uid: int | None, gid: int) -> str:
    return f"Write `USER {uid}:{gid}`, so that the group does not depend on /etc/passwd."


def file_owners(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What is copied into the image belongs to the user that it runs as.

    Folders of the system, which that user only reads, are left out. An image that runs as root is
    the matter of another policy.
    """
    subject: DockerfileSubject = view.subject
    user = _user(subject)
    copied = _copied(subject, params["system"])
    if user.uid == 0 or not copied:
        yield NOT_APPLICABLE
        return
    for item in copied:
        yield from _judged_owner(subject, item, user)


def _copied(subject: DockerfileSubject, system: Iterable[str]) -> list[Owned]:
    assert subject.stage
    owned = ownership(subject.stage, subject.graph, subject.accounts)
    return [item for item in owned if not _is_within(item.path, system)]


def _is_within(path: str | None, folders: Iterable[str]) -> bool:
    return path is not None and any(
        path == folder or path.startswith(f"{folder}/") for folder in folders
    )


def _judged_owner(subject: DockerfileSubject, item: Owned, user: EffectiveUser) -> Iterator[Remark]:
    what = f"what is copied to {item.path}" if item.path else "what is copied here"
    place = subject.place(item.instruction)
    if user.uid is None:
        message = "the user that the image runs as is not known, so it is open whether"
        yield unverified(place, f"{message} {what} belongs to it")
    elif item.uid is None:
        message = f"whom {what} belongs to is not known; the image runs as UID {user.uid}"
        yield unverified(place, message)
    elif item.uid != user.uid:
        owner = "root" if item.uid == 0 else f"UID {item.uid}"
        message = f"{what} belongs to {owner}; the image runs as UID {user.uid}"
        yield Remark(place, message, help=_chown(user))


def _chown(user: EffectiveUser) -> str:
    group = user.uid if user.gid is None else user.gid
    return f"Copy with `--chown={user.uid}:{group}`."
