"""The users and groups of an image, as far as its Dockerfile tells."""

from __future__ import annotations

from msgspec import Struct, field

from kerp_policy.docker.bases import Base, Family
from kerp_policy.regex import regex
from kerp_policy.sources.source import Span

MAX_ACCOUNTS = 1_000
REGULAR = 1_000
"""The first UID of regular users: packages create their system users below it."""

_MAX_ID = 2**31 - 1
_ENTRY = regex(r"(?:^|[\s'\"])([A-Za-z_][A-Za-z0-9_.-]{0,31}):[^:\s]{0,100}:(\d{1,10}):(\d{1,10}):")


class Account(Struct, frozen=True):
    """A user: its UID and primary GID, None where not known, and where it was created.

    `doubt` says how, where that leaves the UID open: `without a UID`.
    """

    uid: int | None
    gid: int | None
    span: Span | None = None
    doubt: str = ""


class Accounts(Struct):
    """/etc/passwd and /etc/group as an image is built.

    Attributes:
        users: by name; a name that is missing may still exist unless `complete`.
        groups: the GID by name, None where not known.
        family: whose adduser it has; empty where not known.
        complete: whether every regular account (UID 1000 and up) is among `users`.
    """

    users: dict[str, Account] = field(default_factory=dict)
    groups: dict[str, int | None] = field(default_factory=dict)
    family: Family = ""
    complete: bool = False

    @classmethod
    def of(cls, base: Base | None) -> Accounts:
        """Those of a base image."""
        if base is None:
            return cls()
        users = {name: Account(uid, gid) for name, (uid, gid) in base.users.items()}
        return cls(users, dict(base.groups), base.family, complete=True)

    def copy(self) -> Accounts:
        """The same, to go on from."""
        return Accounts(dict(self.users), dict(self.groups), self.family, self.complete)

    def add_user(self, name: str | None, account: Account) -> None:
        """Create a user, or replace one."""
        if name is None or (name not in self.users and len(self.users) >= MAX_ACCOUNTS):
            self.complete = False
        else:
            self.users[name] = account

    def create_user(self, name: str | None, account: Account) -> None:
        """Create a user; of a second of its name one of the two is not run, and which is open."""
        before = self.users.get(name or "")
        if before and before.uid != account.uid:
            account = Account(None, None, account.span, "more than once, with different UIDs")
        elif before and before.gid != account.gid:
            account = Account(account.uid, None, account.span)
        self.add_user(name, account)

    def add_group(self, name: str | None, gid: int | None) -> None:
        """Create a group, or replace one."""
        if name is not None and len(self.groups) < MAX_ACCOUNTS:
            self.groups[name] = gid

    def add_entries(self, text: str, span: Span) -> None:
        """Append lines to /etc/passwd, as `echo` or `printf` write them."""
        found = _ENTRY.findall(text)
        self.complete = self.complete and bool(found)
        for name, uid, gid in found:
            self.add_user(name, Account(number(uid), number(gid), span))

    def forget(self) -> None:
        """Something replaced the files: nothing is known any more."""
        self.users, self.groups, self.complete = {}, {}, False

    def primary_group(self, uid: int) -> int | None:
        """The GID that a bare UID runs with: that of its passwd entry, else 0."""
        known = [account.gid for account in self.users.values() if account.uid == uid]
        if known:
            return known[0]
        if uid == 0:
            return 0
        nameless = any(account.uid is None for account in self.users.values())
        certain = self.complete and not nameless and (uid >= REGULAR or self.family == "scratch")
        return 0 if certain else None

    def gid(self, group: str) -> int | None:
        """The GID of a group by name or number."""
        return number(group) if group.isdecimal() else self.groups.get(group)


def number(text: str | None) -> int | None:
    """A UID or GID; None where the text is none."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 10:
        return None
    return int(text) if int(text) <= _MAX_ID else None
