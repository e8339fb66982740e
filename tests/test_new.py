"""`kerp-policy new`: what it writes works at once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import kerp_policy, write
from kerp_policy.commands.files import quoted
from kerp_policy.commands.new import ARTIFACTS
from kerp_policy.policy.load import load_library
from kerp_policy.policy.validate import schema

SCOPES = [scope for scopes in ARTIFACTS.values() for scope in scopes]


def test_every_scope_that_a_policy_of_data_can_have_has_a_beginning():
    assert {*SCOPES, "file", "estate"} == set(schema("policy")["properties"]["each"]["enum"])


def test_policies_of_every_scope_pass_their_tests_at_once(tmp_path):
    for scope in SCOPES:
        done = kerp_policy("new", "policy", f"my-{scope}", "--each", scope, cwd=tmp_path)
        assert (done.code, done.err) == (0, "")
    done = kerp_policy("test", cwd=tmp_path)
    count = len(SCOPES)
    assert done.out == f"{2 * count} fixture folders and {2 * count} examples: all as expected\n"
    library = load_library((tmp_path / "policies",))
    for folder, scopes in ARTIFACTS.items():
        for scope in scopes:
            policy = library.policies[f"my-{scope}"]
            assert policy.each == scope
            assert policy.file == str(tmp_path / "policies" / folder / f"my-{scope}.yaml")
    done = kerp_policy("check", cwd=tmp_path)
    assert (done.code, "nothing to check" in done.err) == (2, True)


def test_what_it_says_and_where_editors_look(tmp_path):
    done = kerp_policy("new", "policy", "registry", cwd=tmp_path)
    assert done.out.splitlines() == [
        "wrote policies/kubernetes/registry.yaml",
        "wrote policies/fixtures/registry/",
        "wrote .kerp-policy.yaml: policies: [policies]",
        "",
        "next:",
        "  edit policies/kubernetes/registry.yaml and the examples in policies/fixtures/registry/",
        "  run: kerp-policy test",
    ]
    written = [path for path in tmp_path.rglob("*.yaml") if path.name != "example.yaml"]
    assert len(written) == 4
    for file in written:
        [target] = re.findall(r"^# yaml-language-server: \$schema=(.*)\n", file.read_text())
        assert (file.parent / target).resolve().is_file()


def test_the_configuration_gets_one_line(tmp_path):
    before = "# ours\nexclude: [a]   # why\n\nfail-on:   warning"
    write(tmp_path, {".kerp-policy.yaml": before})
    done = kerp_policy("new", "policy", "registry", cwd=tmp_path)
    assert "added to .kerp-policy.yaml: policies: [policies]" in done.out
    assert (tmp_path / ".kerp-policy.yaml").read_text() == f"{before}\npolicies: [policies]\n"
    done = kerp_policy("new", "profile", "acme", cwd=tmp_path)
    assert (tmp_path / ".kerp-policy.yaml").read_text() == f"{before}\npolicies: [policies]\n"
    assert kerp_policy("list", "--profile", "acme", cwd=tmp_path).code == 0


YAML_LINE = "add this line to .kerp-policy.yaml: policies: [policies]"
TOML_LINE = 'add policies = ["policies"] to [tool.kerp-policy] in pyproject.toml'


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        (".kerp-policy.yaml", "{fail-on: error}\n", YAML_LINE),
        (".kerp-policy.yaml", "fail-on: error\n...\n", YAML_LINE),
        ("pyproject.toml", "[tool.kerp-policy]\n", TOML_LINE),
    ],
)
def test_where_a_line_cannot_be_added_it_is_told(tmp_path, file, text, line):
    done = kerp_policy("new", "policy", "registry", cwd=write(tmp_path, {file: text}))
    assert done.code == 0
    assert f"to do: {line}\n" in done.out
    assert (tmp_path / file).read_text() == text
    assert "line: 11" in (tmp_path / "policies/fixtures/registry/flagged/expected.yaml").read_text()


def test_the_first_folder_of_the_configuration_is_taken(tmp_path):
    write(tmp_path, {".kerp-policy.yaml": "policies: [rules, more]\n"})
    (tmp_path / "rules").mkdir()
    (tmp_path / "more").mkdir()
    done = kerp_policy("new", "profile", "acme", cwd=tmp_path)
    assert (done.code, "holds no policy or profile" in done.err) == (2, True)
    for name in ("rules", "more"):
        write(tmp_path, {f"{name}/profiles/{name}.yaml": "title: a\nextends: kerp\n"})
    done = kerp_policy("new", "profile", "acme", cwd=tmp_path)
    assert done.out.startswith("wrote rules/profiles/acme.yaml\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["policy", "../x"], "'../x' is no name of a policy; write words in a-z, 0-9 and hyphens"),
        (["policy", "A"], "'A' is no name of a policy"),
        (["policy", "a" * 61], "is no name of a policy"),
        (["profile", ""], "'' is no name of a profile"),
        (["policy", "run-as-uid"], "there is a policy run-as-uid already; choose another name"),
        (["profile", "kerp"], "there is a profile kerp already"),
        (["policy", "a", "--each", "contaner"], "does not exist; did you mean container?"),
        (["policy", "a", "--each", "estate"], "--each names the scope 'estate'"),
    ],
)
def test_what_will_not_do(tmp_path, arguments, message):
    done = kerp_policy("new", *arguments, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path):
    write(tmp_path, {"policies/fixtures/a/clean/x": "", "kerp-policies": ""})
    done = kerp_policy("new", "policy", "a", cwd=tmp_path)
    assert done.code == 2
    assert (
        f"{tmp_path / 'policies'}: exists already; name a folder in the configuration" in done.err
    )


@given(st.text(max_size=30))
def test_a_quoted_text_means_itself(text):
    from kerp_policy.artifacts.yaml import read

    if not any(0xD800 <= ord(character) < 0xE000 for character in text):
        [document] = read(f"a: [{quoted(text)}, b]\n").documents
        assert document.data() == {"a": [text, "b"]}
