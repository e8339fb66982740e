"""Programs that take a password by a letter or by its place among their words, by their manuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kerp_policy.regex import regex

LETTERS = {
    **dict.fromkeys(("az", "docker", "helm", "podman", "sshpass"), "-p"),
    **dict.fromkeys(("mariadb", "mysql", "mysqladmin", "mysqldump"), "-p"),
    **dict.fromkeys(("mongo", "mongosh", "mongodump", "mongorestore", "mongoexport"), "-p"),
    **dict.fromkeys(("ldapsearch", "ldapmodify", "ldapadd", "ldapdelete"), "-w"),
    **dict.fromkeys(("bcp", "sqlcmd", "unzip", "zip"), "-P"),
    "doctl": "-t",
    "openssl": "-k",
    "redis-cli": "-a",
}
PROMPTING = frozenset({"mariadb", "mysql", "mysqladmin", "mysqldump"})
"""Those that ask for the password where none is attached: the next word is something else."""
ATTACHED = PROMPTING | {"docker", "podman", "sshpass"}
"""Those that take the password right behind the option's letter."""
ONLY_IN = {**dict.fromkeys(("az", "docker", "helm", "podman"), "login"), "doctl": "auth"}
"""Those whose letter means a secret beside this word alone."""
SWITCHES = frozenset(
    {"disabled-password", "disabled-login", "password-stdin", "secret", "set-credentials"}
)
"""Options and commands (`kubectl config set-credentials`) that look like secrets and take none."""

_PLACES: Mapping[str, Sequence[tuple[tuple[str, ...], int]]] = {
    "mc": ((("alias", "set"), 3),),
    "rabbitmqctl": ((("add_user",), 1), (("change_password",), 1)),
    "vault": ((("login",), 0),),
}
"""By program, how many operands behind its subcommand stand before a password."""
_ORACLE = frozenset({"exp", "expdp", "imp", "impdp", "rman", "sqlldr", "sqlplus"})
_LOGON = regex(r"[^/@\s=]+/(?P<password>[^/@\s]+)(?:@\S*)?")
PLACED = _PLACES.keys() | _ORACLE | {"htpasswd"}


def placed(words: Sequence[str]) -> tuple[int, int, int] | None:
    """Where a password stands that a program takes by its place.

    Args:
        words: of one command, the program's name first.

    Returns:
        The number of the word, and from where to where in it; None where no such password is.
    """
    program = words[0].rpartition("/")[2]
    operands = [i for i, word in enumerate(words) if i and word and not word.startswith("-")]
    if program in _ORACLE:
        found = _LOGON.fullmatch(words[operands[0]]) if operands else None
        return (operands[0], *found.span("password")) if found else None
    place = _place(program, words, [words[i] for i in operands])
    if place is None or place >= len(operands):
        return None
    word = words[operands[place]]
    return None if "=" in word and program == "vault" else (operands[place], 0, len(word))


def _place(program: str, words: Sequence[str], operands: Sequence[str]) -> int | None:
    """The number of the operand that is a password.

    With `-b` htpasswd takes it from its command line, with `-n` it is given no file before.
    """
    if program == "htpasswd":
        letters = (word for word in words[1:] if word[:1] == "-" and word[1:].isalpha())
        batch = next((word for word in letters if "b" in word), "")
        return (1 if "n" in batch else 2) if batch else None
    for subcommand, before in _PLACES.get(program, ()):
        if tuple(operands[: len(subcommand)]) == subcommand:
            return len(subcommand) + before
    return None
