"""In which order the commands of a script run."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.shell.model import Command, Shell


def as_run(shell: Shell) -> list[Command]:
    """The commands of a script in the order in which they first run.

    Those of a function stand where it is first called by its name, in the place of the calls;
    those of a function that is never called so are left out. Conditions are taken as if they held.
    """
    bodies: dict[str, list[int]] = {}
    for at, owner in enumerate(owners(shell)):
        bodies.setdefault(owner, []).append(at)
    order: list[Command] = []
    running: list[Iterator[int]] = [iter(bodies.pop("", []))]
    functions = {name for name, _, _ in shell.functions}
    while running:
        index = next(running[-1], None)
        if index is None:
            running.pop()
            continue
        command = shell.commands[index]
        if command.name not in functions:
            order.append(command)
        elif command.name in bodies:
            running.append(iter(bodies.pop(command.name)))
    return order


def owners(shell: Shell) -> list[str]:
    """The innermost function that each command stands in; empty outside of any."""
    found = [""] * len(shell.commands)
    for name, start, end in reversed(shell.functions):  # an outer one ends, so is noted, later
        found[start:end] = [name] * (end - start)
    return found
