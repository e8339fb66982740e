"""Hostile and broken input: a clear finding at its place, the rest judged, no traceback."""

import os
import subprocess
import sys

import pytest

from cli import kerp_policy, write

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: kerp-prod\n  labels: {app: x}\n"


def judge(folder, *options):
    return kerp_policy("check", "--format", "json", *options, ".", cwd=folder)


def of(outcome, policy):
    return [
        (f["file"], f["line"], f["column"], f["message"])
        for f in outcome.findings
        if f["policy"] == policy
    ]


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    return "\n".join(lines)


BROKEN = {
    "tab": ("kind: X\nspec:\n\ta: 1\n", 3, 1, "a tab is used for indentation"),
    "recursive alias": ("a: &a [*a]\n", 1, 8, "the alias *a contains itself"),
    "unknown alias": ("a: *nobody\n", 1, 4, "the alias *nobody names no anchor above"),
    "alias bomb": (bomb(), 6, None, "more than 2,000,000 values once aliases are followed"),
    "deep nesting": ("a: " + "[" * 25_000, 1, 203, "nested more than 200 levels deep"),
    "deep blocks": (
        "\n".join(" " * i + "a:" for i in range(3000)), 201, None, "nested more than 200"
    ),
    "control character": ("a: \x01\n", 1, 4, "a control character stands here"),
    "unclosed quote": ('a: "b\nc: d\n', None, None, "not YAML"),
    "mapping as key": ("? {a: b}\n: c\n", 1, 3, "only text can be"),
    "binary": (b"a: \x00\x01\x02", 1, 1, "is binary, not text"),
    "latin-1": ("a: b\nc: caf\xe9\n".encode("latin-1"), 2, 7, "the byte 0xe9 stands here"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_and_the_rest_is_judged(tmp_path, name):
    content, line, column, message = BROKEN[name]
    write(tmp_path, {"broken.yaml": content, "other.yaml": NAMESPACE})
    outcome = judge(tmp_path)
    assert outcome.code == 1
    [(file, found_line, found_column, found_message)] = of(outcome, "unreadable")
    assert file == "broken.yaml"
    assert message in found_message
    assert line in (None, found_line)
    assert column in (None, found_column)
    assert [entry[0] for entry in of(outcome, "namespace-labels")] == ["other.yaml"]


def test_the_documents_after_a_broken_one_are_judged(tmp_path):
    write(tmp_path, {"a.yaml": f"{NAMESPACE}---\na: b: c\n---\n{NAMESPACE}"})
    outcome = judge(tmp_path)
    assert [entry[1] for entry in of(outcome, "unreadable")] == [7]
    assert [entry[1] for entry in of(outcome, "namespace-labels")] == [5, 13]


def test_duplicate_keys_and_tags_are_findings_at_their_place(tmp_path):
    text = f"{NAMESPACE}  name: again\nspec: !!python/object/apply:os.system [ls]\n"
    write(tmp_path, {"a.yaml": text})
    outcome = judge(tmp_path)
    assert of(outcome, "duplicate-key") == [
        ("a.yaml", 6, 3, "the key name stands here a second time, first on line 4")
    ]
    [(_, line, column, message)] = of(outcome, "unreadable")
    assert (line, column) == (7, 7)
    assert "!!python/object/apply:os.system" in message


def test_a_file_of_20_mb_is_refused_without_reading_it(tmp_path):
    write(tmp_path, {"big.yaml": b"a: b\n" * 4_000_000, "other.yaml": NAMESPACE})
    outcome = judge(tmp_path)
    assert of(outcome, "unreadable") == [
        ("big.yaml", 1, 1, "has 19 MiB; files over 10 MiB are not read")
    ]
    assert of(outcome, "namespace-labels")


def test_memory_is_bounded_on_an_alias_bomb(tmp_path):
    write(tmp_path, {"bomb.yaml": bomb()})
    # A process has at least what its parent had when it was made, so a small one makes it.
    measure = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=-3);"
    measure += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    command = [sys.executable, "-c", measure, sys.executable, "-m", "kerp_policy", "check"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert int(done.stdout) < 600 * 1024  # KiB


def test_links_are_not_followed_out_of_the_tree(tmp_path):
    outside = write(tmp_path / "outside", {"secret.yaml": NAMESPACE})
    inside = write(tmp_path / "inside", {"a.yaml": NAMESPACE, ".kerp-policy.yaml": ""})
    (inside / "out.yaml").symlink_to(outside / "secret.yaml")
    (inside / "loop.yaml").symlink_to("loop.yaml")
    (inside / "again.yaml").symlink_to("a.yaml")
    (inside / "circle").symlink_to(".")
    outcome = judge(inside)
    assert of(outcome, "unreadable") == [
        ("loop.yaml", 1, 1, "is a symbolic link that leads nowhere"),
        ("out.yaml", 1, 1, "is a symbolic link out of the project; it is not followed"),
    ]
    assert {entry[0] for entry in of(outcome, "namespace-labels")} == {"a.yaml"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_a_file_that_may_not_be_read(tmp_path):
    write(tmp_path, {"a.yaml": NAMESPACE})
    (tmp_path / "a.yaml").chmod(0)
    [(_, _, _, message)] = of(judge(tmp_path), "unreadable")
    assert message.startswith("cannot be read: ")


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    assert of(judge(tmp_path), "unreadable") == [("pipe.yaml", 1, 1, "is no regular file")]


def test_what_is_no_error(tmp_path):
    write(
        tmp_path,
        {
            "bom.yaml": b"\xef\xbb\xbf" + NAMESPACE.encode(),
            "crlf.yaml": NAMESPACE.replace("\n", "\r\n"),
            "empty.yaml": "",
            "comment.yaml": "# nothing\n---\n",
            "anchors.yaml": "a: &x 1\nb: &x 2\nc: *x\n",
            "tsconfig.json": "{ // a comment\n}",
            "picture.png": b"\x89PNG\x00",
        },
    )
    outcome = judge(tmp_path)
    assert of(outcome, "unreadable") == []
    places = {(entry[0], entry[1], entry[2]) for entry in of(outcome, "namespace-labels")}
    assert places == {("bom.yaml", 5, 3), ("crlf.yaml", 5, 3)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "no-such-folder"], "no-such-folder: no such file or folder"),
        (["check", "--format", "xml"], "the format 'xml', which does not exist"),
        (["check", "--select", "run-as-uidd"], "did you mean run-as-uid?"),
        (["check", "--ignore", "seccomp-profile"], "which the profile kerp leaves out"),
        (["check", "--profile", "kerpp"], "did you mean kerp?"),
        (["check", "--environment", "productoin"], "did you mean production?"),
        (["check", "--kubernetes-version", "1.99"], "1.99"),
        (["check", "--format", "text", "--format", "json"], "only one --format can go to standard"),
        (["explain", "run-as-uidd"], "did you mean run-as-uid?"),
        (["explain", "seccomp-profile"], "which the profile kerp leaves out"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(tmp_path, arguments, message):
    write(tmp_path, {"a.yaml": NAMESPACE})
    outcome = kerp_policy(*arguments, cwd=tmp_path)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.err.startswith("kerp-policy: ")
    assert outcome.err.count("\n") == 1


def test_an_unknown_configuration_key_is_told_at_its_place(tmp_path):
    write(tmp_path, {"a.yaml": NAMESPACE, ".kerp-policy.yaml": "profile: kerp\nexclud: [x]\n"})
    outcome = kerp_policy("check", cwd=tmp_path)
    assert outcome.code == 2
    assert f"{tmp_path}/.kerp-policy.yaml:2:1: " in outcome.err
    assert "did you mean exclude?" in outcome.err


def test_a_broken_configuration_is_told_at_its_place(tmp_path):
    write(tmp_path, {"a.yaml": NAMESPACE, ".kerp-policy.yaml": "profile: [kerp\n"})
    outcome = kerp_policy("check", cwd=tmp_path)
    assert (outcome.code, f"{tmp_path}/.kerp-policy.yaml:2:" in outcome.err) == (2, True)


def test_nothing_to_check_is_no_success(tmp_path):
    write(tmp_path, {"readme.txt": "hello"})
    outcome = kerp_policy("check", cwd=tmp_path)
    assert outcome.code == 2
    assert "nothing to check" in outcome.err


def test_a_list_of_files_without_an_artifact_is_none_of_our_business(tmp_path):
    write(tmp_path, {"readme.txt": "hello"})
    outcome = kerp_policy("check", "readme.txt", cwd=tmp_path)
    assert (outcome.code, outcome.out) == (
        0,
        "nothing looked at: 0 errors, 0 warnings, 0 unverified\n",
    )


def test_a_report_that_cannot_be_written_does_not_keep_the_others_from_coming(tmp_path):
    write(tmp_path, {"a.yaml": NAMESPACE})
    missing = "--format=json=no/such/folder/out.json"
    outcome = kerp_policy("check", missing, "--format", "text", cwd=tmp_path)
    assert outcome.code == 2
    assert "no/such/folder/out.json" in outcome.err
    assert "namespace-labels" in outcome.out
