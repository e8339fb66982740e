"""What some commands come to in a RUN, whose shell ends with it and where nobody sits.

Sources: POSIX, "Special Built-In Utilities"; the manuals of the programs named.
"""

from __future__ import annotations

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.shell.failures import always_works
from kerp_policy.docker.walk import texts
from kerp_policy.words import word_set

BASH = frozenset(("bash", "ksh", "zsh"))
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


def seldom_fails(command: Command) -> bool:
    """Whether nobody would want a build to end at a failure of this command."""
    return command.program in _SELDOM_FAILS or always_works(command)


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
