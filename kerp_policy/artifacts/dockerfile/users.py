"""The user that the processes of a stage run as.

Sources: Dockerfile reference, "USER"; for a bare UID, the lookup in the image's /etc/passwd that
container runtimes make.
"""

from __future__ import annotations

from msgspec import Struct

from kerp_policy.artifacts.dockerfile.accounts import Accounts, number
from kerp_policy.artifacts.dockerfile.history import base_reference
from kerp_policy.artifacts.dockerfile.stages import Stage
from kerp_policy.docker.bases import find_base
from kerp_policy.kubernetes.images import without_digest
from kerp_policy.sources.source import Span
from kerp_policy.wording import listed


class EffectiveUser(Struct, frozen=True):
    """A user in effect.

    Attributes:
        uid: its number; None where the file does not tell.
        gid: the number of its primary group; likewise.
        text: what says so: the argument of USER, else the base image.
        span: where: USER's argument, else FROM's image.
        reason: why these numbers, or why none, in plain English.
    """

    uid: int | None
    gid: int | None
    text: str
    span: Span
    reason: str


def effective_user(stage: Stage, accounts: Accounts) -> EffectiveUser:
    """The user of a stage at its end, `accounts` being those at its end."""
    setting = stage.state.user
    if setting is None:
        return _base_user(stage)
    written, text = setting.instruction.value.text, setting.value.text
    if text is None:
        names = listed([f"${name}" for name in setting.value.unknown])
        reason = f"the value of {names} is not known" if names else "the value is not known"
        return EffectiveUser(None, None, written, setting.span, reason)
    uid, gid, reason = resolve(text, accounts)
    if "$" in written:
        shown = f"{written} comes to {text or 'nothing'}"
        reason = shown if reason.startswith("USER is ") else f"{shown}, and {reason}"
    return EffectiveUser(uid, gid, written, setting.span, reason)


def _base_user(stage: Stage) -> EffectiveUser:
    image = base_reference(stage.root)
    base = find_base(image)
    shown = without_digest(image)
    if base is None:
        reason = f"there is no USER, and nothing is known of the user of {shown}"
        return EffectiveUser(None, None, image, stage.base_text.span, reason)
    name = "root" if base.user[0] == 0 else f"UID {base.user[0]}"
    reason = f"there is no USER, and {shown} runs as {name}"
    return EffectiveUser(*base.user, image, stage.base_text.span, reason)


def resolve(text: str, accounts: Accounts) -> tuple[int | None, int | None, str]:
    """UID and GID of `user`, `user:group`, by name or number, and the reason."""
    user, colon, group = text.strip().partition(":")
    if not user:
        user = "0"
    uid = number(user)
    if uid is None and user.isdecimal():
        return None, None, f"{user} is no UID"
    gid = accounts.gid(group) if colon and group else None
    if uid == 0 and not group:
        return 0, accounts.primary_group(0), f"USER is {text}"
    if uid is not None and group:
        known = f"USER is {text}"
        return uid, gid, f"no RUN of this stage creates the group {group}" if gid is None else known
    if uid is not None:
        return _by_number(uid, accounts)
    if user == "root":
        return 0, (gid if group else 0), f"USER is {text}"
    return _by_name(user, gid, group, accounts)


def _by_number(uid: int, accounts: Accounts) -> tuple[int | None, int | None, str]:
    gid = accounts.primary_group(uid)
    name = next((name for name, account in accounts.users.items() if account.uid == uid), None)
    if gid is None and name is not None:
        return _by_name(name, None, "", accounts)
    if gid is None:
        return (
            uid,
            None,
            f"USER names no group, and whether UID {uid} is in /etc/passwd is not known",
        )
    entry = f"is in group {gid}" if name else f"has no entry in /etc/passwd, so its GID is {gid}"
    return uid, gid, f"UID {uid} {entry}"


def _by_name(
    user: str, gid: int | None, group: str, accounts: Accounts
) -> tuple[int | None, int | None, str]:
    account = accounts.users.get(user)
    if account is None:
        return None, gid, f"no RUN of this stage creates the user {user}"
    if account.uid is None:
        how = f"the user {user} is created {account.doubt}"
        reason = how if account.doubt else f"the UID of {user} is not known"
        return None, gid if group else account.gid, reason
    line = f" (created on line {account.span.line})" if account.span else ""
    gid = gid if group else account.gid
    tail = f" and GID {gid}" if gid is not None else ", and its GID is not known"
    return account.uid, gid, f"{user} is UID {account.uid}{line}{tail}"
