"""Shell text is read into commands, with places, whatever the text."""

from __future__ import annotations

import pytest
from msgspec.structs import astuple

from kerp_policy.artifacts.shell import Command, Shell, parse_shell
from kerp_policy.artifacts.shell.model import Redirect
from kerp_policy.sources.source import Span


def names(text: str) -> list[str | None]:
    shell = parse_shell(text)
    assert shell.errors == ()
    return [command.name for command in shell.commands]


def named(shell: Shell, name: str) -> Command:
    return next(command for command in shell.commands if command.name == name)


def texts(command: Command) -> list[str | None]:
    return [word.text for word in command.words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b || c; d & e", "abcde"),
        ("a | b |& c", "abc"),
        ("(a; b) && { c; }", "abc"),
        ("if a; then b; elif c; then d; else e; fi", "abcde"),
        ("for i in $(a) x; do b; done", "ab"),
        ("for ((i = 0; i < 3; i++)); do a; done", "a"),
        ("while a; do b; done < <(c)", ["a", "b", None, "c"]),
        ("until a; do b; done; select x in y; do c; done", "abc"),
        ("case $x in p|q) a;; (r) b;& *) c; esac", "abc"),
        ("f() { a; }; function g { b; }; function h() (c)", "abc"),
        ("a $(b `c`) \"$(d \"$(e)\")\" ${x:-$(f)} $((1 + $(g)))", "abcdefg"),
        ("a >(b) 2> >(c)", "abc"),
        ("cat <<E | a\n$(b)\nE\nc", ["cat", "a", "b", "c"]),
        ("! a; time b; coproc c", ["a", "time", "c"]),
        ("((x += 1)); ((a); b)", "ab"),
        ("[[ $(a) =~ ^(x|y)$ && -f z ]] && b", ["[[", "a", "b"]),
        ("# $(x)\na # b\n", "a"),
        ("{\\\na; }; x=1 [[ <in", ["a", "[["]),
        ("if a\nthen\n\n b\nfi\n", "ab"),
        ("sh -c 'a | b' c; bash -euo pipefail -c \"d\"", ["sh", "a", "b", "bash", "d"]),
        ("sudo sh -ec a; sh script -c b; sh -c \"$x\"", ["sudo", "a", "sh", "sh"]),
        ("`a \\`b\\``", [None, "a", "b"]),
    ],
)  # fmt: skip
def test_every_command_is_found_in_order(text: str, expected: list[str | None] | str) -> None:
    assert names(text) == list(expected)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain", "plain"),
        ("'a $b'", "a $b"),
        (r'"a \"b\" \$c \d"', 'a "b" $c \\d'),
        (r"a\ b\$c", "a b$c"),
        (r"$'a\tb\'\x41\u00e9\101'", "a\tb'AéA"),
        ('$"a"', "a"),
        ("''", ""),
        ("a'b'\"c\"", "abc"),
        ("a\\\nb", "ab"),
        ("*.{js,ts}", "*.{js,ts}"),
        ("$", "$"),
        ("한'국'", "한국"),
        ("$x", None),
        ('"a$x"', None),
        ("$(a)", None),
        ("$((1))", None),
        ("<(a)", None),
    ],
)
def test_the_value_of_a_word(raw: str, text: str | None) -> None:
    (word,) = parse_shell(f"c {raw}").commands[0].words[1:]
    assert (word.text, word.raw) == (text, raw)


def test_what_a_word_expands() -> None:
    text = 'c --uid=$X "a ${Y:-$Z} b" ${#A[@]} ${!B} ${C//a/b}'
    words = parse_shell(text).commands[0].words[1:]
    assert [word.prefix for word in words] == ["--uid=", "a ", "", "", ""]
    found = [(p.text, p.quoted, p.operator, p.operand) for w in words for p in w.variables]
    assert found == [
        ("X", False, "", ""),
        ("Y", True, ":-", "$Z"),
        ("Z", True, "", ""),
        ("A", False, "#", ""),
        ("B", False, "!", ""),
        ("C", False, "//", "a/b"),
    ]
    assert all(text.startswith("$", part.offset) for word in words for part in word.variables)


def test_places_count_characters_and_lines_of_the_file() -> None:
    shell = parse_shell("echo '한글🙂' x\n  curl \\\n    -k", line=7, column=5)
    echo, curl = shell.commands
    assert echo.span == Span(7, 5, 7, 17)
    assert [word.span for word in echo.words] == [
        Span(7, 5, 7, 9),
        Span(7, 10, 7, 15),
        Span(7, 16, 7, 17),
    ]
    assert [word.span for word in curl.words] == [Span(8, 3, 8, 7), Span(9, 5, 9, 7)]
    assert [word.raw for word in curl.words] == ["curl", "-k"]


def test_places_inside_a_script_in_quotes() -> None:
    shell = parse_shell('x\nsh -c "a \\"b\\" 한; curl -k"', line=3)
    assert named(shell, "curl").words[1].span == Span(4, 24, 4, 26)
    assert named(shell, "curl").parent == 1
    assert named(shell, "curl").scopes == ("shell",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bash <<'EOF'\na\nb c\nEOF\nd", ["bash", "a", "b", "d"]),
        ("sudo sh -e <<EOF | tee x\na $(b)\n\\$c\nEOF", ["sudo", "tee", "b", "a", None]),
        ("sh -s -- x 0<<EOF\n$a/b ${c}\nd\nEOF", ["sh", None, "d"]),
        ("sh <<A <<B >x\na\nA\nb\nB", ["sh", "b"]),
        ("bash <<A\nsh <<B\na\nB\nA", ["bash", "sh", "a"]),
        ("cat <<EOF; bash x <<EOF; sh -c a <<EOF; bash 3<<EOF\nb\nEOF\nb\nEOF\nb\nEOF\nb\nEOF",
         ["cat", "bash", "sh", "a", "bash"]),
    ],
)  # fmt: skip
def test_a_shell_runs_the_here_document_that_it_is_fed(
    text: str, expected: list[str | None]
) -> None:
    assert [command.name for command in parse_shell(text).commands] == expected


def test_places_inside_a_here_document_of_a_shell() -> None:
    shell = parse_shell("x\nbash -eu <<EOF\n  a \\$b 한; curl $c -k\nEOF\n", line=3)
    curl = shell.commands[3]
    assert (curl.span, curl.parent, curl.scopes) == (Span(5, 12, 5, 22), 1, ("shell",))
    assert [option.name for option in shell.options] == ["errexit", "nounset"]


def test_places_that_the_caller_knows() -> None:
    shell = parse_shell("a $(b", locate=lambda offset: (10 + offset, 1))
    assert [command.span for command in shell.commands] == [Span(10, 1, 14, 2), Span(14, 1, 14, 2)]
    assert [error.span for error in shell.errors] == [Span(12, 1, 14, 2)]


def test_pipes() -> None:
    shell = parse_shell("curl x | tee y | sh; { a; b $(c); } | d; e")
    pipes = {c.name: (c.piped_from, c.piped_into) for c in shell.commands}
    index = {command.name: at for at, command in enumerate(shell.commands)}
    assert pipes["curl"] == (None, index["tee"])
    assert pipes["tee"] == (index["curl"], index["sh"])
    assert pipes["sh"] == (index["tee"], None)
    assert pipes["a"] == pipes["b"] == (None, index["d"])
    assert pipes["c"] == pipes["e"] == (None, None)
    assert pipes["d"] == (index["b"], None)


def test_a_while_loop_reads_what_is_piped_into_it() -> None:
    shell = parse_shell("a | while read l; do b; done")
    assert [command.piped_from for command in shell.commands] == [None, 0, 0]
    assert shell.commands[0].piped_into == 1


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("a || true", ["a"]),
        ("a && b || :", ["a", "b"]),
        ("a | b || exit 0", ["a", "b"]),
        ("a || exit 1", []),
        ("a || true && b", ["a"]),
        ("a; true", ["a"]),
        ("set -e; a; true", []),
        ("true", []),
        ("! a", ["a"]),
        ("if a; then b; fi; while c; do d; done", ["a", "c"]),
        ("{ a; b; } || true; c", ["a", "b"]),
        ("a || false", []),
    ],
)
def test_whose_failure_is_swallowed(text: str, ignored: list[str]) -> None:
    assert [c.name for c in parse_shell(text).commands if c.ignored] == ignored


def test_scopes_and_background() -> None:
    shell = parse_shell("f() { ( a ); }; if b; then c & fi; d $(e) & g && h & i")
    assert {c.name: c.scopes for c in shell.commands} == {
        "a": ("function", "group", "subshell"),
        "b": ("condition",),
        "c": ("if",),
        "d": (),
        "e": ("substitution",),
        "g": (),
        "h": (),
        "i": (),
    }
    assert [c.name for c in shell.commands if c.background] == ["c", "d", "e", "g", "h"]
    assert named(shell, "e").parent == 3


def test_assignments_and_redirections() -> None:
    shell = parse_shell('A=1 B="$C" cmd 2>&1 >> log < in; D+=x; E=(1 2); export F=g H')
    cmd, d, e, export = shell.commands
    assert [(a.name, a.value.text) for a in cmd.assignments] == [("A", "1"), ("B", None)]
    found = [(r.descriptor, r.operator, r.target.text) for r in cmd.redirects]
    assert found == [("2", ">&", "1"), ("", ">>", "log"), ("", "<", "in")]
    assert (d.name, d.words) == (None, ())
    assert [(a.name, a.value.text) for a in d.assignments] == [("D", "x")]
    assert [(a.name, a.value.raw) for a in e.assignments] == [("E", "(1 2)")]
    assert [(a.name, a.value.text) for a in export.assignments] == [("F", "g")]
    assert texts(export) == ["export", "F=g", "H"]


def test_here_documents() -> None:
    shell = parse_shell("a <<X <<-'Y'; b\n1 $v\nX\n\t2 $w\n\tY\nc\n")
    x, y = shell.heredocs
    assert (x.delimiter, x.expands, x.body.text, x.command) == ("X", True, None, 0)
    assert [part.text for part in x.body.variables] == ["v"]
    assert x.body.span == Span(2, 1, 2, 5)
    assert (y.delimiter, y.expands, y.body.text) == ("Y", False, "2 $w\n")
    assert [command.name for command in shell.commands] == ["a", "b", "c"]
    assert shell.commands[0].redirects[0] == Redirect("<<", x.body, "")


def test_options() -> None:
    shell = parse_shell("#!/usr/bin/env -S bash -e\nset -uo pipefail\n(set +e; set -x)\nset -- -e")
    assert shell.interpreter == "bash"
    assert [(o.name, o.enabled, o.span.line, o.scopes) for o in shell.options] == [
        ("errexit", True, 1, ()),
        ("nounset", True, 2, ()),
        ("pipefail", True, 2, ()),
        ("errexit", False, 3, ("subshell",)),
        ("xtrace", True, 3, ("subshell",)),
    ]


@pytest.mark.parametrize(
    ("text", "program", "arguments"),
    [
        ("curl -k", "curl", 1),
        ("/usr/bin/curl -k", "curl", 1),
        ("sudo -u root -E A=b curl -k", "curl", 1),
        ("sudo -EHu root -- curl -k", "curl", 1),
        ("env -i A=b C=$d nohup curl -k x", "curl", 2),
        ("exec -a name nice -n 10 curl", "curl", 0),
        ("timeout -k 5 30 curl", "curl", 0),
        ("xargs -n 1 -I{} curl {}", "curl", 1),
        ("gosu kerp curl", "curl", 0),
        ("command curl", "curl", 0),
        ("command -v curl", "command", 2),
        ("sudo --user=$U curl", "curl", 0),
        ("sudo $OPTIONS curl", None, 1),
        ("$CMD x", None, 1),
        ("sudo", None, -1),
    ],
)
def test_the_command_that_really_runs(text: str, program: str | None, arguments: int) -> None:
    (command,) = parse_shell(text).commands
    assert (command.program, len(command.unwrapped()) - 1) == (program, arguments)


@pytest.mark.parametrize(
    ("text", "column", "message", "later"),
    [
        ("a 'b\nc", 3, "this ' is never closed", []),
        ('a "b', 3, 'this " is never closed', []),
        ("a `b", 3, "this backquote is never closed", []),
        ("a ${b", 3, "this ${ is never closed", []),
        ("a $(b; c", 3, "$( is not finished: ) is missing", ["b", "c"]),
        ("if a; then b\nc", 1, "if is not finished: fi is missing", ["b", "c"]),
        ("a ) b", 3, ") is not expected here", ["b"]),
        ("a; done; b", 4, "done is not expected here", ["b"]),
        ("a && ; b", 6, "nothing comes after &&", ["b"]),
        ("a | | b", 5, "nothing comes after |", ["b"]),
        ("a > ; b", 3, "nothing comes after >", ["b"]),
        ("a <<X\nb", 5, "no line ends this here-document: X is not there", []),
        ("a (b); c", 3, "a shell expects the command to end before this", ["b", "c"]),
        ("case x in a b", 1, "case is not finished: esac is missing", []),
        ("[[ a\nb", 5, "[[ is not closed by ]]", ["b"]),
        ("a ${{ x.y }} b\nc", 3, "this is no parameter expansion that a shell knows", ["c"]),
    ],
)
def test_what_cannot_be_read(text: str, column: int, message: str, later: list[str]) -> None:
    shell = parse_shell(text)
    assert (shell.errors[0].span.start, shell.errors[0].message) == ((1, column), message)
    assert set(later) <= {command.name for command in shell.commands}


def test_the_words_that_a_loop_goes_through_are_words_too():
    text = "for x in $LIST 'a b' c*; do echo $x; done\nsh -c 'for y in $INNER; do :; done'\n"
    listed = parse_shell(text).listed
    assert [word.raw for word in listed] == ["$LIST", "'a b'", "c*"]
    assert [astuple(word.span) for word in listed][:2] == [(1, 10, 1, 15), (1, 16, 1, 21)]
