"""A team's own standard, from outside: each mistake is told with its place and what was meant."""

import os

import pytest

from cli import kerp_policy, write

POLICY = """\
title: Images come from registry.example.com
severity: error
topics: [registry]
each: container
params: {registry: registry.example.com}
require:
  image: {pattern: "^registry\\\\.example\\\\.com/"}
why: Nobody scans the other registries.
how: Push the image to {registry}.
"""
PROFILE = """\
title: Acme
extends: kerp
policies:
  run-as-uid: {params: {uid: 10001}}
"""
CONFIG = "profile: acme\npolicies: [policies]\n"
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: x:1}]}\n"
)
FILE, PROFILE_FILE = "policies/kubernetes/registry.yaml", "policies/profiles/acme.yaml"
PROJECT = {FILE: POLICY, PROFILE_FILE: PROFILE, ".kerp-policy.yaml": CONFIG, "pod.yaml": POD}


def told(tmp_path, file, content, **more):
    """The lines that say what is wrong with a file, each after the file's name."""
    write(tmp_path, {**PROJECT, **more, file: content})
    done = kerp_policy("check", cwd=tmp_path)
    lines = done.err.splitlines()
    assert (done.code, done.out) == (2, "")
    start = f"kerp-policy: {tmp_path / file}"
    assert all(line.startswith(start) for line in lines), lines
    return "\n".join(line.removeprefix(start) for line in lines)


def changed(text, old, new):
    assert text.count(old) == 1
    return text.replace(old, new)


def test_a_right_one_is_in_effect(tmp_path):
    write(tmp_path, PROJECT)
    done = kerp_policy("check", "--select", "registry,run-as-uid", cwd=tmp_path)
    assert done.code == 1
    assert "image is x:1; expected a string that matches ^registry\\.example\\.com/" in done.out
    assert "runAsUser is not set; expected 10001" in done.out


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("severity:", "severty:", ':2:1: unknown field "severty"; did you mean severity?'),
        (
            "severity: error",
            "severity: eror",
            ":2:1: severity is eror; expected one of error, warning, info; did you mean error?",
        ),
        (
            "severity: error",
            "severity: 3",
            ":2:1: severity is 3; expected one of error, warning, info",
        ),
        (
            "each: container",
            "each: contaner",
            ":4:1: each is contaner; did you mean container?",
        ),
        (
            "each: container",
            "each: [container]",
            ":4:1: each does not fit; expected one of file, object",
        ),
        ("topics: [registry]\n", "", ":1:1: the document does not fit; expected one of the forms"),
        ("why: Nobody scans the other registries.\n", "", ':1:1: required field "why" is missing'),
        ("title: Images", "title: [Images]\nx: Images", ':2:1: unknown field "x"'),
        (
            "params: {",
            "params_of: run-as-udi\nparams: {",
            ":5:1: params_of names the policy 'run-as",
        ),
        ("topics: [registry]", "topics: registry", ":3:1: topics is a string"),
        (
            "params: {registry: ",
            "when: {kidn: Pod}\nparams: {registry: ",
            ":5:8: there is no fact ",
        ),
        ("params: {", "when: {kidn: Pod}\nparams: {", "'kidn'; did you mean kind?"),
        ("params: {", "when: {kind.x: 1}\nparams: {", ":5:8: the fact 'kind' has no parts"),
        ("params: {", "when: {kind: {enm: []}}\nparams: {", "word of a schema 'enm'"),
        ("params: {", "when: {'..': 1}\nparams: {", ":5:8: not a path from character 1 on"),
        ("  image: {", "  .image: {", ":7:3: not a path from character 1 on: '.image'"),
        ("{pattern: ", "{patern: ", ":7:11: there is no word of a schema 'patern'; did you mean "),
        ("{pattern: ", "{type: strin, pattern: ", ":7:11: is no JSON Schema: 'strin' is not "),
        ("{pattern: ", '{minimum: "3", pattern: ', ":7:11: is no JSON Schema: '3' is not of type "),
        ("{pattern: ", "{required: x, pattern: ", ":7:11: is no JSON Schema: 'x' is not of type "),
        ('"^registry', '"(?=r)registry', ":7:3: is no usable schema: "),
        ('"^registry', '"(registry', ":7:3: is no usable schema: "),
        ("{pattern: ", "{const: $uidd, pattern: ", ":7:11: there is no parameter 'uidd'"),
        ("{registry}", "{registri}", ":9:1: there is no parameter 'registri'; did you mean regist"),
        ("  image: {", "  image: {quantity: {least: 1}, ", ':7:22: unknown field "least" in quan'),
        ("title: Images", "title: 'Images", ":10:1: not YAML: "),
        ("title: Images", "\ttitle: Images", ":1:1: "),
        ("severity: error", "severity: error\nseverity: info", ":3:1: "),
        ("how:", "---\nhow:", ":10:1: expected one YAML document, not 2"),
        ("title: ", "title: &a [*a]\nx: ", ":1:"),
    ],
)
def test_a_mistake_in_a_policy(tmp_path, old, new, message):
    assert message in told(tmp_path, FILE, changed(POLICY, old, new))


CHECKED = changed(POLICY, '  image: {pattern: "^registry\\\\.example\\\\.com/"}\n', "")


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ("os.system", ":6:1: there is no check 'os.system'"),
        ("probes.liveness_prob", "; did you mean probes."),
        ("probes", ":6:1: check is probes; expected a string that matches ^[a-z_]+\\.[a-z_]+$"),
        ("workloads.__import__", ":6:1: the check 'workloads.__import__' is not named like "),
    ],
)
def test_a_check_that_is_none(tmp_path, check, message):
    assert message in told(tmp_path, FILE, changed(CHECKED, "require:\n", f"check: {check}\n"))


@pytest.mark.parametrize(
    ("each", "decided", "message"),
    [
        (
            "job",
            "check: workflow_actions.keeps_token",
            "the check workflow_actions.keeps_token judges: step",
        ),
        (
            "estate",
            "check: workloads.max_unavailable",
            "the check workloads.max_unavailable judges: workload",
        ),
        (
            "file",
            "check: workloads.max_unavailable",
            "the check workloads.max_unavailable judges: workload",
        ),
        (
            "object",
            "check: joint_inhibition.acts",
            "the check joint_inhibition.acts judges: estate",
        ),
        ("object", "check: stray_secrets.absent", "the check stray_secrets.absent judges: file"),
        (
            "estate",
            "require: {image: {const: x}}",
            "which require cannot judge; expected container",
        ),
        ("file", "", "no reader speaks for registry; expected a check or require"),
    ],
)
def test_a_scope_that_does_not_fit(tmp_path, each, decided, message):
    policy = changed(
        changed(CHECKED, "require:\n", decided + "\n"), "each: container", f"each: {each}"
    )
    policy = changed(policy, "params: {registry: registry.example.com}\n", "")
    said = told(tmp_path, FILE, changed(policy, "{registry}", "a registry"))
    assert said.startswith(f":4:1: each is {each}")
    assert message in said


def test_all_scopes_that_do_not_fit_are_told(tmp_path):
    policy = changed(CHECKED, "require:\n", "check: workflow_actions.pinned\n")
    write(tmp_path, {**PROJECT, FILE: policy, "policies/workflow/other.yaml": policy})
    done = kerp_policy("check", cwd=tmp_path)
    assert (
        done.err.count("each is container; expected what the check workflow_actions.pinned jud")
        == 2
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1:1: is empty; expected one YAML document"),
        (b"# nothing\n", ":1:1: is empty; expected one YAML document"),
        (b"title: a\nwhy: \xff\n", ":2:6: is not UTF-8: the byte 0xff stands here"),
        (b"title: \x00\n", ":1:1: is binary, not text"),
        (b"- a\n", ":1:1: "),
        (b"a: " + b"[" * 5000 + b"\n", ":1:"),
    ],
)
@pytest.mark.parametrize("file", [FILE, PROFILE_FILE])
def test_a_file_that_is_no_mapping(tmp_path, file, content, message):
    assert message in told(tmp_path, file, content)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("extends: kerp", "extends: krep", ":2:1: the profile names the profile 'krep', which doe"),
        ("extends: kerp", "extends: krep", "; did you mean kerp?"),
        (
            "extends: kerp",
            "extends: acme",
            ":2:1: profiles extend one another in a circle: acme, a",
        ),
        ("extends: kerp\n", "", ":1:1: the document does not fit"),
        ("run-as-uid", "run-as-udi", ":4:3: the profile acme names the policy 'run-as-udi', which"),
        ("run-as-uid", "run-as-udi", "; did you mean run-as-uid?"),
        ("{uid: ", "{uuid: ", ":4:25: the profile acme, at run-as-uid, names the parameter 'uuid'"),
        ("10001", '"10001"', ':4:25: uid is a string ("10001"); expected a whole number'),
        ("10001", "[10001]", ":4:25: uid is a list; expected a whole number"),
        ("10001", "true", ":4:25: uid is a boolean (true); expected a whole number"),
        (
            "{params: {uid: 10001}}",
            "{only: {environments: [prod]}}",
            ":4:38: the profile acme, at run-as-uid, names the environment 'prod', which does not",
        ),
        ("{params: {uid: 10001}}", "{sevrity: error}", "did you mean severity?"),
        ("{params: {uid: 10001}}", "{severity: eror}", "did you mean error?"),
        ("extends: kerp", "include: {clauses: [3-1]}", ":2:21: the profile acme names the clause "),
        ("extends: kerp", "include: {topics: [registri]}", "; did you mean registry?"),
        ("extends: kerp", "include: {policies: [registri]}", "; did you mean registry?"),
        ("title: Acme", "title: A\nexclude: {topics: [registri]}", "; did you mean registry?"),
        ("title: Acme", "title: Acme\nversions: {kubernetes: 1.30}", "kubernetes is "),
        (
            "title: Acme",
            'title: Acme\nsections: {"3.l": X}',
            ":2:12: the profile acme names the section '3.l', which does not exist; did you",
        ),
        (
            "title: Acme",
            'title: Acme\nko: {sections: {"9": X}}',
            ":2:17: the profile acme names the ",
        ),
        ("title: Acme", 'title: Acme\nsections: {"3.1": ""}', '["3.1"] is '),
    ],
)
def test_a_mistake_in_a_profile(tmp_path, old, new, message):
    assert message in told(tmp_path, PROFILE_FILE, changed(PROFILE, old, new))


TUNED = changed(POLICY, '"^registry\\\\.example\\\\.com/"', "$registry")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("(?=x)", ":4:23: registry: with it the policy is no usable schema: "),
        ("(", ":4:23: registry: with it the policy is no "),
    ],
)
def test_a_parameter_that_makes_no_schema(tmp_path, value, message):
    tuned = changed(
        PROFILE, "run-as-uid: {params: {uid: 10001}}", "registry: {params: {registry: X}}"
    )
    line = told(tmp_path, PROFILE_FILE, changed(tuned, "X", f"'{value}'"), **{FILE: TUNED})
    assert message in line


@pytest.mark.parametrize(
    ("config", "arguments", "where"),
    [
        ('kubernetes-version: "1.999"', [], "kubernetes-version in the configuration: "),
        ('kubernetes-version: "1.30"', ["--kubernetes-version", "1.999"], "--kubernetes-version: "),
    ],
)
def test_a_version_that_is_not_known(tmp_path, config, arguments, where):
    write(tmp_path, {".kerp-policy.yaml": config, "pod.yaml": POD})
    done = kerp_policy("check", *arguments, cwd=tmp_path)
    assert (done.code, done.err.startswith(f"kerp-policy: {where}")) == (2, True)


def test_profiles_extend_one_another_in_no_circle(tmp_path):
    base = changed(changed(PROFILE, "Acme", "Base"), "kerp", "acme")
    acme = {PROFILE_FILE: changed(PROFILE, "kerp", "base")}
    line = told(tmp_path, "policies/profiles/base.yaml", base, **acme)
    assert line == ":2:1: profiles extend one another in a circle: acme, base, acme"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("proflie: kerp\n", ':1:1: unknown field "proflie"; did you mean profile?'),
        ("profile: [kerp]\n", ":1:1: profile is a list; expected a string"),
        ("fail-on: eror\n", "did you mean error?"),
        ("policies: [polices]\n", ":1:12: policies: there is no folder polices"),
        ("policies:\n- policies\n- ../x\n", ":3:3: policies: ../x leads out of the project"),
        ("policies: [/]\n", ":1:12: policies: / leads out of the project"),
        ('policies: ["a\\0b"]\n', ":1:12: policies: 'a\\x00b' is no path to a folder"),
        ("policies: [link]\n", ":1:12: policies: link leads out of the project"),
        ("policies: [policies, policies]\n", ":1:1: policies does not fit; expected no item twice"),
        ("policies: [pod.yaml]\n", ":1:12: policies: there is no folder pod.yaml"),
        (b"\xff", ":1:1: is not UTF-8"),
        ("- a\n", ":1:1: the document is a list; expected a mapping"),
    ],
)
def test_a_mistake_in_the_configuration(tmp_path, config, message):
    (tmp_path / "link").symlink_to("/")
    assert message in told(tmp_path, ".kerp-policy.yaml", config)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[tool.kerp-policy]\nprofile = "kerp"\npolices = ["x"]\n',
            ':3:1: unknown field "polices"',
        ),
        (
            '[project]\nname = "a"\n\n[tool.kerp-policy]  # ours\npolicies = [\n "x",\n]\n',
            ":5:14: policies: there is no folder x",
        ),
        (
            'tool.kerp-policy.fail-on = "eror"\n',
            "fail-on is eror; expected one of error, warning, info",
        ),
        ("[tool.kerp-policy]\nprofile = kerp\n", "(at line 2, column 11)"),
        ("[tool]\nkerp-policy = 3  # [tool.kerp-policy]\n", ":1:1: the document is a number"),
    ],
)
def test_a_mistake_in_pyproject(tmp_path, text, message):
    write(tmp_path, {"pyproject.toml": text, "pod.yaml": POD})
    done = kerp_policy("check", cwd=tmp_path)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"{tmp_path / 'pyproject.toml'}" in done.err
    assert message in done.err


def test_a_profile_that_does_not_exist(tmp_path):
    write(tmp_path, {**PROJECT, ".kerp-policy.yaml": "profile: acmee\npolicies: [policies]\n"})
    done = kerp_policy("check", cwd=tmp_path)
    assert done.code == 2
    assert "the profile 'acmee', which does not exist; did you mean acme?" in done.err


def test_names_are_unique(tmp_path):
    twice = "policies/other/registry.yaml"
    line = told(tmp_path, twice, POLICY)
    there = tmp_path / FILE
    assert line == f": the policy registry exists already, {there}; give the file another name"
    (tmp_path / twice).unlink()
    line = told(tmp_path, "policies/kubernetes/run-as-uid.yaml", POLICY)
    assert line.startswith(": the policy run-as-uid exists already, ")


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("policies/a.yaml", "policies/kubernetes/a.yaml"),
        ("policies/dockerfile/a.yml", "policies/dockerfile/a.yaml"),
    ],
)
def test_no_policy_is_passed_over(tmp_path, file, place):
    line = told(tmp_path, file, POLICY)
    assert line == f": is not read; a policy is, as {tmp_path / place}"


def test_a_link_out_of_the_folder_is_told(tmp_path):
    write(tmp_path, {**PROJECT, "elsewhere.yaml": POLICY})
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere.yaml")
    done = kerp_policy("check", cwd=tmp_path)
    assert done.code == 2
    assert f"{tmp_path / FILE}: is a link out of {tmp_path / 'policies'}; it is not " in done.err


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("nowhere.yaml")])
def test_what_is_no_file_is_no_policy_and_told(tmp_path, make):
    write(tmp_path, PROJECT)
    make(tmp_path / "policies/kubernetes/other.yaml")
    done = kerp_policy("check", cwd=tmp_path)
    told = f"kerp-policy: {tmp_path}/policies/kubernetes/other.yaml: is no regular file\n"
    assert (done.code, done.err) == (2, told)


@pytest.mark.parametrize(
    "make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("nowhere.yaml")]
)
def test_a_configuration_that_is_no_file_is_not_passed_over(tmp_path, make):
    write(tmp_path, {"pod.yaml": POD})
    make(tmp_path / ".kerp-policy.yaml")
    for command in ("check", "config", "list"):
        done = kerp_policy(command, cwd=tmp_path)
        told = f"kerp-policy: {tmp_path}/.kerp-policy.yaml: is no regular file\n"
        assert (done.code, done.out, done.err) == (2, "", told)


def test_a_folder_without_policies_is_told(tmp_path):
    write(tmp_path, {".kerp-policy.yaml": "policies: [empty]\n", "pod.yaml": POD})
    (tmp_path / "empty").mkdir()
    done = kerp_policy("check", cwd=tmp_path)
    assert done.code == 2
    assert f"{tmp_path / 'empty'}: holds no policy or profile, as */*.yaml" in done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_policy_that_cannot_be_read(tmp_path):
    write(tmp_path, PROJECT)
    (tmp_path / FILE).chmod(0)
    done = kerp_policy("check", cwd=tmp_path)
    assert (done.code, "cannot be read: Permission denied" in done.err) == (2, True)


def test_what_policies_are_tested_with_is_not_judged(tmp_path):
    files = {"policies/fixtures/registry/flagged/pod.yaml": POD, "fixtures/pod.yaml": POD}
    write(tmp_path, {**PROJECT, **files})
    done = kerp_policy("check", "--format", "json", "--select", "registry", cwd=tmp_path)
    assert {finding["file"] for finding in done.findings} == {"pod.yaml", "fixtures/pod.yaml"}


@pytest.mark.parametrize("name", ["[a]*?", "!a", "#a "])
def test_a_folder_of_any_name_leaves_its_fixtures_out(tmp_path, name):
    files = {f"{name}/profiles/acme.yaml": PROFILE, f"{name}/fixtures/a/b/pod.yaml": POD}
    config = f"profile: acme\npolicies: ['{name}']\n"
    write(tmp_path, {**files, ".kerp-policy.yaml": config, "a/fixtures/pod.yaml": POD})
    done = kerp_policy("check", "--format", "json", cwd=tmp_path)
    assert {finding["file"] for finding in done.findings} == {"a/fixtures/pod.yaml"}


@pytest.mark.parametrize("config", ["", "# profile: acme\n\n  # later\n"])
def test_a_configuration_that_sets_nothing(tmp_path, config):
    write(tmp_path, {".kerp-policy.yaml": config, "pod.yaml": POD})
    done = kerp_policy("check", cwd=tmp_path)
    assert (done.code, done.err) == (1, "")


def test_items_of_a_parameter_have_the_type_of_those_that_ship(tmp_path):
    profile = changed(
        PROFILE, "run-as-uid: {params: {uid: 10001}}", "registry: {params: {registry: [x, {}]}}"
    )
    policy = changed(POLICY, "registry: registry.example.com}", "registry: [registry.example.com]}")
    expected = ":4:37: registry[1] is a mapping; expected a text, as registry.example.com"
    assert told(tmp_path, PROFILE_FILE, profile, **{FILE: policy}) == expected
