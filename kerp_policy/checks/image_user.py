"""Joint checks of the user that an image runs as, and of whom its files belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kerp_policy.docker.writes import is_within
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.image_names import repository
from kerp_policy.estate.images import Dockerfile, Owned, Target, User
from kerp_policy.estate.running import Images
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, unverified
from kerp_policy.parameters import ID, PATH, any_of, takes


@takes(uid=ID, gid=ID)
def documented_user(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The image runs with the UID and the GID of the standard, a base of the project considered."""
    for dockerfile in estate.all(Dockerfile):
        target = estate.made(Images).effective(dockerfile.targets[-1])
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
        message = f"the image runs as {shown}: {_why(user)}; {expected}"
        yield Remark(place, message, related=related, consequence_of=because)
    elif user.gid is not None and user.gid != gid:
        why = user.reason if user.uid is not None else f"that is the group of {user.name}"
        message = f"the image runs with GID {user.gid}: {why}; {expected}"
        advice = _with_group(uid, gid)
        yield Remark(place, message, help=advice, related=related, consequence_of=because)
    elif user.uid is None or user.gid is None:
        what = "the user" if user.uid is None else "the group"
        message = f"files do not show {what} of the image: {user.reason}; {expected}"
        base = f"image/{repository(target.base)}: UID {uid}, GID {gid}"
        yield unverified(place, message, settled_by=base if user.inherited else "")


def _why(user: User) -> str:
    """Why the image runs as this UID; of a number the reason tells of its group alone."""
    if user.inherited or user.name:
        return user.reason
    return f"{user.text} comes to {user.uid}" if "$" in user.text else f"USER is {user.text}"


def _with_group(uid: int | None, gid: int) -> str:
    return f"Write `USER {uid}:{gid}`, so that the group does not depend on /etc/passwd."


@takes(system=any_of(PATH))
def file_owners(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What is copied into the image belongs to the user that it runs as.

    Folders of the system, which that user only reads, are left out. An image that runs as root is
    the matter of another policy, and what a base of the project holds is told there.
    """
    for dockerfile in estate.all(Dockerfile):
        target = estate.made(Images).effective(dockerfile.targets[-1])
        copied = [
            each
            for each in target.owned
            if each.file == target.file and not _is_within(each.path, params["system"])
        ]
        if target.user.uid == 0 or not copied:
            yield Judged(dockerfile, (NOT_APPLICABLE,))
        else:
            told = (_judged_owner(each, target.user) for each in copied)
            yield Judged(dockerfile, tuple(remark for remark in told if remark))


def _is_within(path: str | None, folders: Iterable[str]) -> bool:
    return path is not None and any(is_within(path, folder) for folder in folders)


def _judged_owner(item: Owned, user: User) -> Remark | None:
    what = f"what is copied to {item.path}" if item.path else "what is copied here"
    if user.uid is None:
        message = f"files do not show whether {what} belongs to the image's user"
        return unverified(item.place, message)
    if item.uid is None:
        message = f"files do not show who owns {what}; expected UID {user.uid}, the image's user"
        return unverified(item.place, message)
    if item.uid == user.uid:
        return None
    if item.is_tree:
        message = "files do not show which folders what is copied to / brings; expected UID"
        message = f"{message} {user.uid}, the image's user, for those of the application"
        return unverified(item.place, message)
    owner = "root" if item.uid == 0 else f"UID {item.uid}"
    message = f"{what} belongs to {owner}; expected UID {user.uid}, the image's user"
    return Remark(item.place, message, help=_chown(user))


def _chown(user: User) -> str:
    group = user.uid if user.gid is None else user.gid
    return f"Copy with `--chown={user.uid}:{group}`."
