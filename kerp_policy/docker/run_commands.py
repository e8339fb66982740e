"""What some commands come to in a RUN, whose shell ends with it and where nobody sits.

Sources: POSIX, "Special Built-In Utilities"; the manuals of the programs named.
"""

from __future__ import annotations

from kerp_policy.artifacts.shell import Command
from kerp_policy.docker.walk import texts
from kerp_policy.regex import regex
from kerp_policy.words import word_set

BASH = frozenset(("bash", "ksh", "zsh"))
_ALWAYS_WORKS = word_set("uname nproc arch id whoami hostname env printenv pwd : true set")
_FILTERS = word_set("awk cat column cut rev sed sort tac tee tr uniq wc")
"""What passes on what it reads, and hardly fails at that."""
_DECOMPRESSING = frozenset(("gunzip", "zcat", "bunzip2", "bzcat", "unxz", "xzcat", "unzstd"))
_CHECKING = regex(r"(?:sha(?:1|224|256|384|512)?|md5|b2)sum|shasum")
_SETTING = {
    "cd": "WORKDIR",
    "pushd": "WORKDIR",
    "export": "ENV",
    "declare": "ENV",
    "readonly": "ENV",
    "unset": "ENV",
    "set": "SHELL",
    "shopt": "SHELL",
    "ulimit": "it in the command that starts the program",
    "umask": "it in the RUN that writes files",
    "alias": "the command itself",
    "unalias": "the command itself",
}
"""What acts on the running shell alone, and what is meant to stay."""
_READ_IN = {
    "activate": "its bin folder in ENV PATH",
    **dict.fromkeys((".bashrc", ".bash_profile", ".profile", ".zshrc"), "ENV"),
}
"""Files that are read in for the variables that they set."""
_INTERACTIVE = word_set("vi vim nvim nano emacs less more top htop man")
_MACHINE = word_set(
    "shutdown reboot poweroff halt init telinit mount umount swapon modprobe sysctl"
)
_SELDOM_FAILS = word_set("rm ls find which sleep kill killall sync sed touch dpkg")
"""What hardly fails, or fails where nothing comes of it: `dpkg -i`, which `apt-get -f` mends."""
_STARTING = word_set("start restart reload")


def always_works(command: Command) -> bool:
    """Whether a command does not fail, so that there is nothing to hide."""
    words = texts(command.unwrapped())
    if words[:2] == ["dpkg", "--print-architecture"]:
        return True
    fed = command.piped_from is not None or any("<<" in r.operator for r in command.redirects)
    return bool(words) and (command.program in _ALWAYS_WORKS or (fed and words[0] in _FILTERS))


def stops_early(command: Command) -> bool:
    """Whether a command may end before it has read all, which pipefail takes for a failure."""
    return command.program == "head"


def seldom_fails(command: Command) -> bool:
    """Whether nobody would want a build to end at a failure of this command."""
    return command.program in _SELDOM_FAILS or always_works(command)


def fails_on_nothing(command: Command) -> bool:
    """Whether a command fails when it reads nothing, as from one before it that failed."""
    program, words = command.program or "", texts(command.unwrapped())[1:]
    if (
        program in ("tar", "bsdtar", "cpio", "gpg", "gpg2", "apt-key", "openssl")
        or program in _DECOMPRESSING
    ):
        return True
    if program in ("grep", "egrep", "fgrep"):
        return True
    if program in ("gzip", "bzip2", "xz", "zstd"):
        return any(word.startswith("-") and "d" in word for word in words)
    return bool(_CHECKING.fullmatch(program)) and {"-c", "--check"} & {*words} != set()


def setting(command: Command) -> tuple[str, str] | None:
    """What only changes the running shell, and what would keep it; None for any other command."""
    if command.redirects or command.scopes or command.parent is not None:
        return None
    if not command.words:
        names = [name for name, _ in command.assignments]
        return (f"{names[0]}=…", "ENV") if names else None
    name = command.name or ""
    if name in ("source", "."):
        file = command.words[-1].raw.rstrip("\"'").rpartition("/")[2]
        return (file, _READ_IN[file]) if file in _READ_IN else None
    return (name, _SETTING[name]) if name in _SETTING else None


def pointless_reason(command: Command, *, last: bool) -> str:
    """Why a command makes no sense in a RUN; empty where it may.

    Args:
        command: the command.
        last: whether nothing of the RUN comes after it.
    """
    program, words = command.program or "", texts(command.unwrapped())
    if "--version" in words or "--help" in words:
        return ""
    if program in _INTERACTIVE and command.piped_from is None and command.piped_into is None:
        return f"{program} is for people at a terminal, and a build has none"
    if program in _MACHINE:
        return f"{program} is for a machine; a build has a file system and nothing else"
    if program == "systemctl" and _STARTING.intersection(words[1:3]):
        return f"systemctl {words[1]} finds no systemd in a build; expected the program as CMD"
    if last and _starts_service(program, words) and not command.background:
        return f"{program} starts what ends with this RUN; expected the program as CMD"
    return ""


def _starts_service(program: str, words: list[str]) -> bool:
    by_script = words[:1] != [] and words[0].startswith("/etc/init.d/")
    named = words[2:3] if program == "service" else words[1:2] if by_script else []
    return bool(_STARTING.intersection(named))
