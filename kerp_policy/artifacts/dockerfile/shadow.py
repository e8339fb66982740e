"""The commands that create and change users: useradd, adduser, usermod and their like.

Sources: the manual pages of shadow (useradd, groupadd, usermod, groupmod), of Debian's adduser,
and the help of BusyBox's adduser and addgroup.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from kerp_policy.artifacts.dockerfile.accounts import Account, Accounts, number
from kerp_policy.artifacts.dockerfile.options import Options, Words, parse_options
from kerp_policy.sources.source import Span

_NOGROUP = {"alpine": 65533, "debian": 65534}

_USERADD = {
    **{"u": "uid", "uid": "uid", "g": "gid", "gid": "gid"},
    **dict.fromkeys("GdscbefkKpZRP", "other"),
    **dict.fromkeys(["groups", "home", "home-dir", "shell", "comment", "base-dir"], "other"),
    **dict.fromkeys(["expiredate", "inactive", "skel", "key", "password", "root"], "other"),
}
_USERMOD = {**_USERADD, "l": "name", "login": "name"}
_ADDUSER = {
    **{"u": "uid", "uid": "uid", "gid": "gid", "G": "group", "ingroup": "group"},
    **dict.fromkeys([*"hgsk", "home", "gecos", "shell", "skel", "comment"], "other"),
    **dict.fromkeys(["conf", "firstuid", "lastuid", "firstgid", "lastgid"], "other"),
}
_GROUPADD = {
    **{"g": "gid", "gid": "gid", "n": "name", "new-name": "name"},
    **dict.fromkeys(["K", "key", "p", "password", "R", "root", "P", "prefix", "conf"], "other"),
}
_DELETE = dict.fromkeys(["R", "root", "P", "prefix", "conf", "backup-to"], "other")


def apply_command(program: str, words: Words, span: Span, accounts: Accounts) -> bool:
    """Follow a command in the accounts.

    Args:
        program: its name, without the folder.
        words: its arguments.
        span: where it stands.
        accounts: what to change.

    Returns:
        Whether it is one of the commands that this module knows.
    """
    known = _COMMANDS.get(program)
    if known:
        effect, valued = known
        effect(parse_options(words, valued), span, accounts)
    return known is not None


def _useradd(options: Options, span: Span, accounts: Accounts) -> None:
    if "D" in options.flags and not options.names:
        return
    name = _only(options)
    group = options.values.get("gid")
    gid = accounts.gid(group) if group is not None else None
    # Without -g the group of the same name is new: its GID is the UID's number if that is free,
    # and /etc/login.defs may say otherwise.
    if "gid" not in options.values:
        accounts.add_group(name, None)
    accounts.create_user(name, _created(options, gid, span))


def _adduser(options: Options, span: Span, accounts: Accounts) -> None:
    if len(options.names) == 2:  # `adduser USER GROUP` only makes a member
        return
    name = _only(options)
    uid = number(options.values.get("uid"))
    system = bool({"S", "system"} & options.flags)
    if "group" in options.flags and not system:
        accounts.add_group(name, number(options.values.get("gid")))
        return
    gid, own_group = _adduser_group(options, uid, system, accounts)
    if own_group:
        accounts.add_group(name, gid)
    accounts.create_user(name, _created(options, gid, span))


def _created(options: Options, gid: int | None, span: Span) -> Account:
    uid = number(options.values.get("uid"))
    given = "with a UID that files do not show" if "uid" in options.values else "without a UID"
    return Account(uid, gid, span, given if uid is None else "")


def _adduser_group(
    options: Options, uid: int | None, system: bool, accounts: Accounts
) -> tuple[int | None, bool]:
    """The primary GID, and whether a group of the user's name is made."""
    if "gid" in options.values:
        return number(options.values["gid"]), False
    if "group" in options.values:
        group = options.values["group"]
        return (accounts.gid(group) if group else None), False
    if system and "group" in options.flags:
        return uid, True
    if system:
        return _NOGROUP.get(accounts.family), False
    return (uid if accounts.family == "alpine" else None), True


def _groupadd(options: Options, span: Span, accounts: Accounts) -> None:
    if len(options.names) != 2:  # `addgroup USER GROUP` only makes a member
        accounts.add_group(_only(options), number(options.values.get("gid")))


def _usermod(options: Options, span: Span, accounts: Accounts) -> None:
    name = _only(options)
    before = accounts.users.get(name, Account(None, None)) if name else Account(None, None)
    uid = number(options.values["uid"]) if "uid" in options.values else before.uid
    group = options.values.get("gid")
    gid = (accounts.gid(group) if group else None) if "gid" in options.values else before.gid
    if "name" in options.values:
        _forget_user(name, accounts)
        name = options.values["name"]
    accounts.add_user(name, Account(uid, gid, span))


def _groupmod(options: Options, span: Span, accounts: Accounts) -> None:
    name = _only(options)
    before = accounts.groups.pop(name, None) if name else None
    gid = number(options.values["gid"]) if "gid" in options.values else before
    accounts.add_group(options.values.get("name", name), gid)
    for user, account in accounts.users.items():
        if account.gid is not None and (before is None or account.gid == before):
            # groupmod carries the users of the group along; which, only its old GID tells.
            accounts.users[user] = replace(account, gid=gid if before is not None else None)


def _userdel(options: Options, span: Span, accounts: Accounts) -> None:
    if len(options.names) == 1:  # `deluser USER GROUP` only ends a membership
        _forget_user(_only(options), accounts)


def _groupdel(options: Options, span: Span, accounts: Accounts) -> None:
    accounts.groups.pop(_only(options) or "", None)


def _forget_user(name: str | None, accounts: Accounts) -> None:
    if name is None:
        accounts.complete = False
    else:
        accounts.users.pop(name, None)


def _only(options: Options) -> str | None:
    return options.names[0] if len(options.names) == 1 else None


_Effect = Callable[[Options, Span, Accounts], None]
_COMMANDS: dict[str, tuple[_Effect, dict[str, str]]] = {
    "addgroup": (_groupadd, _GROUPADD),
    "adduser": (_adduser, _ADDUSER),
    "delgroup": (_groupdel, _DELETE),
    "deluser": (_userdel, _DELETE),
    "groupadd": (_groupadd, _GROUPADD),
    "groupdel": (_groupdel, _DELETE),
    "groupmod": (_groupmod, _GROUPADD),
    "useradd": (_useradd, _USERADD),
    "userdel": (_userdel, _DELETE),
    "usermod": (_usermod, _USERMOD),
}
