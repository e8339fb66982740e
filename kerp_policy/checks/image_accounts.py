"""Checks of the accounts that a build makes, and of where pip takes packages from.

Sources: the manual pages of shadow (chpasswd, passwd, useradd, usermod); pip, "Repository options".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.docker.installs import installation
from kerp_policy.docker.walk import commands, runs, texts
from kerp_policy.findings import Remark
from kerp_policy.parameters import WORDS, takes
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View

_LOCKED = frozenset({"*", "!", "!!", "!*", "x"})
_MAX_PLAIN = 99_999
"""Above this, the log of logins, which has a place for each UID, is worth a word."""
_HOST = regex(r"https?://(?:[^@/\s]*@)?([^/:\s]+)")


def passwords(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No account of an image is given a password."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, shell in runs([subject.stage]):
        locking = {command.piped_into for command in shell.commands if _writes_locks(command)}
        for number, command in enumerate(shell.commands):
            message = "" if number in locking and _takes_hashes(command) else _password(command)
            if message:
                place = subject.place(instruction, command.unwrapped()[0].span)
                yield Remark(place, f"{message}; expected an account that is locked")


def _writes_locks(command: Command) -> bool:
    """Whether it prints users that nobody may log in as: `echo "kerp:*" | chpasswd -e`."""
    printed = " ".join(texts(command.words[1:])).replace("\\n", " ").split()
    told = [text.partition(":")[2] for text in printed if ":" in text]
    return command.name in ("echo", "printf") and bool(told) and {*told} <= _LOCKED


def _takes_hashes(command: Command) -> bool:
    return command.program == "chpasswd" and bool({"-e", "--encrypted"} & {*texts(command.words)})


def _password(command: Command) -> str:
    """What a command does to the password of an account; empty where it sets none."""
    words, program = texts(command.unwrapped()), command.program
    if program == "passwd" and {"-d", "--delete"} & {*words}:
        return "passwd leaves an account without a password, so that anybody is let in"
    value = _value(command.unwrapped()[1:], "-p", "--password")
    if (
        (program == "chpasswd" and "--help" not in words)
        or (program == "passwd" and "--stdin" in words)
        or (program in ("useradd", "usermod") and value is not None and value not in _LOCKED)
    ):
        return f"{program} sets a password that is the same wherever the image runs"
    return ""


def _value(words: Sequence[Word], short: str, long: str) -> str | None:
    """The value of an option; empty where it is not known, None without the option."""
    for word, following in zip_longest(words, words[1:]):
        text = word.prefix if word.text is None else word.text
        if text in (short, long):
            return (following.text or "") if following else ""
        if text.startswith(f"{long}="):
            return text.removeprefix(f"{long}=")
    return None


def login_log(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A user with a high number is made without an entry in the log of logins."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, command in commands([subject.stage]):
        words = command.unwrapped()
        if command.program != "useradd" or {"-l", "--no-log-init"} & {*texts(words)}:
            continue
        uid = _value(words[1:], "-u", "--uid") or ""
        if uid.isdecimal() and int(uid[:12]) > _MAX_PLAIN:
            message = f"useradd makes room in /var/log/lastlog for every UID up to {uid[:12]}"
            place = subject.place(instruction, command.span)
            yield Remark(place, f"{message}; expected --no-log-init")


@takes(public=WORDS)
def extra_index(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Packages of pip come from one index: of several it takes the highest version of any."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    public = frozenset(params["public"])
    message = "pip asks two indexes and takes the higher version, whoever published it"
    message += "; expected one index"
    setting = subject.stage.state.env.get("PIP_EXTRA_INDEX_URL")
    if setting and setting.value.text and not _is_public(setting.value.text, public):
        yield Remark(subject.place(setting.instruction, setting.span), message)
    for instruction, command in commands([subject.stage]):
        found = installation(command)
        if found is None or found.family != "pip" or found.program == "uv":
            continue
        words = command.unwrapped()[1:]
        extra = _value(words, "--extra-index-url", "--extra-index-url")
        first = _value(words, "-i", "--index-url")
        if extra is not None and not (_is_public(extra, public) and _is_public(first, public)):
            yield Remark(subject.place(instruction, command.span), message)


def _is_public(url: str | None, public: frozenset[str]) -> bool:
    """Whether an index is one that everybody sees; the one that pip has by itself is."""
    if url is None:
        return True
    found = _HOST.match(url)
    return bool(found) and found[1].lower() in public if found else False
