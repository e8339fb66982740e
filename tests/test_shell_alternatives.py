"""What stands behind `||` runs only where something failed, however it is written."""

import pytest

from kerp_policy.artifacts.shell import parse_shell
from kerp_policy.artifacts.shell.order import as_run


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("a || b", ["b"]),
        ("a ||\n  b\nc", ["b"]),
        ("a || { b; c; }; d", ["b", "c"]),
        ("a || b | c && d", ["b", "c"]),
        ("a && b; c | d; (e)", []),
        ("echo '||' ; b", []),
        ("{ a || b; } && c", ["b"]),
    ],
)
def test_what_is_an_alternative(text: str, alternatives: list[str]) -> None:
    commands = parse_shell(text).commands
    assert [command.name for command in commands if command.alternative] == alternatives


def test_places_that_fall_together_make_no_alternative() -> None:
    commands = parse_shell("a || b\nc", locate=lambda _offset: (1, 1)).commands
    assert [command.alternative for command in commands] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "tested", "dependent"),
    [
        ("a && b || c; d", ["a", "b"], ["b", "c"]),
        ("a | b && c", ["a", "b"], ["c"]),
        ("{ a; b; } || c", ["a", "b"], ["c"]),
        ("a; b & c", [], []),
    ],
)
def test_what_a_list_decides_by(text: str, tested: list[str], dependent: list[str]) -> None:
    commands = parse_shell(text).commands
    assert [command.name for command in commands if command.tested] == tested
    assert [command.name for command in commands if command.dependent] == dependent


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("f() { b; }\na\nf\nc\nf\n", ["a", "b", "c"]),
        ("f() { a; g; }\ng() { b; f; }\nf\n", ["a", "b"]),
        ("function f { g() { b; }; a; g; }\nf; c", ["a", "b", "c"]),
        ("f() { a; }\nb", ["b"]),
    ],
)
def test_functions_run_where_they_are_first_called(text: str, order: list[str]) -> None:
    assert [command.name for command in as_run(parse_shell(text))] == order
