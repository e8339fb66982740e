"""What stands behind `||` runs only where something failed, however it is written."""

import pytest

from kerp_policy.artifacts.shell import parse_shell


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
