"""Shell variables in the text of a RUN: which are read, and which the RUN itself sets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from kerp_policy.artifacts.shell import Part, Shell, Word
from kerp_policy.regex import regex
from kerp_policy.words import word_set

_SET_BY_SHELL = word_set(
    """
    HOME PATH PWD OLDPWD IFS OPTARG OPTIND OPTERR RANDOM SRANDOM HOSTNAME HOSTTYPE MACHTYPE OSTYPE
    EUID UID GROUPS PPID LINENO SECONDS EPOCHSECONDS EPOCHREALTIME SHELL SHELLOPTS SHLVL REPLY PS1
    PS2 PS4 FUNCNAME DIRSTACK PIPESTATUS COLUMNS LINES MAPFILE COMP_WORDS USER LOGNAME TERM LANG
    LC_ALL LC_CTYPE TMPDIR TZ MAIL EDITOR PAGER _
    """
)
_SET_BY_IMAGES = word_set(
    """
    NODE_VERSION YARN_VERSION GOLANG_VERSION GOPATH GOROOT GOTOOLCHAIN PYTHON_VERSION
    PYTHON_PIP_VERSION PYTHON_SHA256 GPG_KEY NGINX_VERSION NJS_VERSION PKG_RELEASE DYNPKG_RELEASE
    JAVA_HOME JAVA_VERSION MAVEN_HOME MAVEN_CONFIG GRADLE_HOME GRADLE_VERSION RUSTUP_HOME CARGO_HOME
    RUST_VERSION PHP_INI_DIR PHP_VERSION PHP_CFLAGS PHP_LDFLAGS PHPIZE_DEPS PHP_SHA256 PHP_URL
    APACHE_CONFDIR APACHE_ENVVARS PGDATA PG_MAJOR PG_VERSION RUBY_VERSION GEM_HOME BUNDLE_APP_CONFIG
    REDIS_VERSION MYSQL_VERSION MYSQL_MAJOR CATALINA_HOME TOMCAT_VERSION DOTNET_VERSION
    ASPNET_VERSION HTTPD_PREFIX HTTPD_VERSION LD_LIBRARY_PATH PKG_CONFIG_PATH PYTHONPATH NODE_PATH
    CFLAGS CXXFLAGS LDFLAGS CPPFLAGS MAKEFLAGS DEBIAN_FRONTEND
    """
)
_BASH = ("BASH", "LC_", "COMP_")
_PREDEFINED = frozenset(
    f"{name}_PROXY" for name in ("HTTP", "HTTPS", "FTP", "NO", "ALL")
) | frozenset(f"{name}_proxy" for name in ("http", "https", "ftp", "no", "all"))
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")

_LOOP_OR_DEFAULT = regex(r"\b(?:for|select)\s+([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*):?=", re.ASCII)
_ARITHMETIC = regex(r"\(\(([^\n]{0,500}?)\)\)")
_COUNTED = regex(r"\b([A-Za-z_]\w*)\s*(?:[-+*/%|&^]?=|<<=|>>=|\+\+|--)", re.ASCII)
_NAMING = frozenset(
    {"declare", "env", "export", "getopts", "let", "local", "mapfile", "printf", "read"}
    | {"readarray", "readonly", "typeset", "unset"}
)
_SOURCING = frozenset({".", "source", "eval", "envsubst"})


class Use(Struct, frozen=True):
    """A variable that a RUN reads; `offset` is into the script's text, or None inside `sh -c`."""

    name: str
    word: Word
    offset: int | None


def is_usual(name: str) -> bool:
    """Whether the shell, Docker or a common base image sets a variable."""
    if name in _SET_BY_SHELL or name in _SET_BY_IMAGES or name in _PREDEFINED:
        return True
    return name.startswith(_BASH) or not _NAME.fullmatch(name)


def is_set_by_images(name: str) -> bool:
    """Whether common base images set a variable, or every build knows it; no shell has a say."""
    return name in _SET_BY_IMAGES or name in _PREDEFINED or name in ("PATH", "LANG", "LC_ALL")


def undeclared(text: str, shell: Shell) -> Iterator[Use]:
    """The first use of each variable that the text does not set itself.

    Where the text reads variables from elsewhere (`. /etc/os-release`, `eval`), and where it
    could not be read in full, there is nothing to say.
    """
    if shell.errors or any(command.program in _SOURCING for command in shell.commands):
        return
    told = _set_here(text, shell)
    for use in _uses(shell):
        if use.name not in told and not is_usual(use.name):
            told.add(use.name)
            yield use


def _set_here(text: str, shell: Shell) -> set[str]:
    """Generously: where a command names a variable that it may set, the name counts."""
    found = {name for match in _LOOP_OR_DEFAULT.finditer(text) for name in match.groups() if name}
    for arithmetic in _ARITHMETIC.finditer(text):
        found.update(_COUNTED.findall(arithmetic[1]))
    for command in shell.commands:
        found.update(name for name, _ in command.assignments)
        if command.name in _NAMING:
            words = (word.text or word.prefix for word in command.words[1:])
            found.update(match[0] for word in words if (match := _NAME.match(word)))
    return found


def _uses(shell: Shell) -> Iterator[Use]:
    """Every variable that is read, in the order of the text."""
    for word, nested in sorted(_words_of(shell), key=lambda found: found[0].span):
        for part in word.variables:
            if _is_read(part):
                yield Use(part.text, word, None if nested else part.offset)


def _words_of(shell: Shell) -> Iterator[tuple[Word, bool]]:
    """Every word, and whether it stands in the text of an `sh -c`."""
    for word in (*shell.listed, *(case.word for case in shell.cases)):
        yield word, False
    for command in shell.commands:
        nested = "shell" in command.scopes
        for word in command.words:
            yield word, nested
        for _, value in command.assignments:
            yield value, nested
        for redirect in command.redirects:
            yield redirect.target, nested


def _is_read(part: Part) -> bool:
    """`${X:-d}`, `${X:=d}`, `${X:+d}` and `${X:?e}` know that X may be empty."""
    return part.operator.removeprefix(":") not in ("-", "=", "+", "?", "!")
