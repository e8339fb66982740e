"""How programs fail, and so what a pipe hides of it.

Sources: the manuals of the programs named; POSIX, "Pipelines".
"""

from __future__ import annotations

from collections.abc import Iterable

from kerp_policy.artifacts.shell.model import Command, Word
from kerp_policy.regex import regex
from kerp_policy.words import word_set

_ALWAYS_WORKS = word_set("uname nproc arch id whoami hostname env printenv pwd : true set")
_FILTERS = word_set("awk cat column cut rev sed sort tac tee tr uniq wc")
"""What passes on what it reads, and hardly fails at that."""
_DOCUMENTS = frozenset(("<<", "<<-", "<<<"))
_UNPACKING = word_set("tar bsdtar cpio gpg gpg2 apt-key openssl")
_DECOMPRESSING = word_set("gunzip zcat bunzip2 bzcat unxz xzcat unzstd")
_COMPRESSING = word_set("gzip bzip2 xz zstd")
_CHECKING = regex(r"(?:sha(?:1|224|256|384|512)?|md5|b2)sum|shasum")
_LOGGING_IN = word_set("docker podman buildah skopeo helm oras crane nerdctl")


def always_works(command: Command) -> bool:
    """Whether a command does not fail, so that there is nothing to hide."""
    words = _texts(command.unwrapped())
    if words[:2] == ["dpkg", "--print-architecture"]:
        return True
    fed = command.piped_from is not None or any("<<" in r.operator for r in command.redirects)
    return bool(words) and (command.program in _ALWAYS_WORKS or (fed and words[0] in _FILTERS))


def only_shows(command: Command) -> bool:
    """Whether it is `cat <<EOF`, which cannot fail but where it writes into a file."""
    used = {redirect.operator for redirect in command.redirects}
    is_plain = command.name == "cat" and len(command.words) == 1
    return is_plain and not _DOCUMENTS.isdisjoint(used) and used <= {*_DOCUMENTS, ">&"}


def stops_early(command: Command) -> bool:
    """Whether a command may end before it has read all, which pipefail takes for a failure."""
    return command.program == "head"


def fails_on_nothing(command: Command) -> bool:
    """Whether a command fails when it reads nothing, as from one before it that failed."""
    program, words = command.program or "", _texts(command.unwrapped())[1:]
    if program in _UNPACKING or program in _DECOMPRESSING:
        return True
    if program in _COMPRESSING:
        return any(word.startswith("-") and "d" in word for word in words)
    if program in _LOGGING_IN:
        return "--password-stdin" in words
    if program in ("kubectl", "oc"):
        return "-" in words or not {"--filename=-", "-f-"}.isdisjoint(words)
    return bool(_CHECKING.fullmatch(program)) and not {"-c", "--check"}.isdisjoint(words)


def _texts(words: Iterable[Word]) -> list[str]:
    return [word.prefix if word.text is None else word.text for word in words]
