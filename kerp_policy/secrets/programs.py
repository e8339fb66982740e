"""Programs that take a password by a letter, each by its manual."""

from __future__ import annotations

LETTERS = {
    **dict.fromkeys(("az", "docker", "helm", "podman", "sshpass"), "-p"),
    **dict.fromkeys(("mariadb", "mysql", "mysqladmin", "mysqldump"), "-p"),
    **dict.fromkeys(("mongo", "mongosh", "mongodump", "mongorestore", "mongoexport"), "-p"),
    **dict.fromkeys(("ldapsearch", "ldapmodify", "ldapadd", "ldapdelete"), "-w"),
    **dict.fromkeys(("bcp", "sqlcmd", "unzip", "zip"), "-P"),
    "doctl": "-t",
    "keytool": "-storepass",
    "openssl": "-k",
    "redis-cli": "-a",
}
PROMPTING = frozenset({"mariadb", "mysql", "mysqladmin", "mysqldump"})
"""Those that ask for the password where none is attached: the next word is something else."""
ATTACHED = PROMPTING | {"docker", "podman", "sshpass"}
"""Those that take the password right behind the option's letter."""
ONLY_IN = {**dict.fromkeys(("az", "docker", "helm", "podman"), "login"), "doctl": "auth"}
"""Those whose letter means a secret beside this word alone."""
SWITCHES = frozenset({"disabled-password", "disabled-login", "password-stdin", "secret"})
"""Options that look like a secret's and take none."""
