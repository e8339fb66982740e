"""Reading the arguments of a command, as kubectl, Helm and their like take them."""

from __future__ import annotations

from collections.abc import Sequence

from kerp_policy.artifacts.shell.model import Command, Word, command_name

# Options whose value is the next word, of kubectl and Helm, as far as they may come early.
# fmt: off
_VALUED = frozenset({
    "-n", "--namespace", "--context", "--kubeconfig", "--cluster", "--user", "--server", "-s",
    "--as", "--token", "-f", "--filename", "-k", "--kustomize", "-l", "--selector", "-o",
    "--output", "-c", "--container", "-p", "--patch", "--type", "--timeout", "--kube-context",
    "--values", "--set", "--set-string", "--version", "--history-max", "--field-manager",
})
# fmt: on


def operands(words: Sequence[Word]) -> list[Word]:
    """The words of a command that are neither options nor their values."""
    found, skip = list[Word](), False
    for word in words:
        text = word.text if word.text is not None else word.prefix
        if skip:
            skip = False
        elif text.startswith("-"):
            skip = text in _VALUED
        else:
            found.append(word)
    return found


def positional(words: Sequence[Word]) -> list[str]:
    """The texts of these; `…` for unknown ones."""
    return [w.text if w.text is not None else w.prefix or "…" for w in operands(words)]


def option(words: Sequence[Word], *names: str) -> str | None:
    """The value of the last of these options; empty where it is not known, None without one."""
    value = None
    for i, word in enumerate(words):
        name, equals, rest = (word.text if word.text is not None else word.prefix).partition("=")
        if name in names:
            following = words[i + 1].text if i + 1 < len(words) else None
            value = rest if equals else following
            value = "" if value is None or word.text is None else value
    return value


def is_command(command: Command, *forms: tuple[str, ...]) -> bool:
    """Whether a command is one of these: program, then words."""
    words = command.unwrapped()
    program = command_name(words)
    if program is None or not any(form[0] == program for form in forms):
        return False
    given = (program, *positional(words[1:]))
    return any(given[: len(form)] == form for form in forms)


def is_dry(words: Sequence[Word]) -> bool:
    """Whether a command only says what it would change."""
    texts = [word.text or word.prefix for word in words]
    dry = (text.startswith("--dry-run") and text != "--dry-run=none" for text in texts)
    return "--local" in texts or any(dry)
