"""Controls of public catalogues: which policies name, and what `controls` tells of them."""

import re

import pytest

from cli import kerp_policy, write
from harness import ROOT
from kerp_policy.policy.catalogues import controls_of
from kerp_policy.policy.load import load_library

LIBRARY = load_library()
CONTROLS = controls_of(LIBRARY.catalogues)

CATALOGUE = """\
title: The rules of Acme
version: "7"
source: https://acme.example.com/rules
controls:
  A.1: {title: Images come from our registry}
  A.2: {title: Somebody answers, undecidable: who is on duty}
  A.3: {title: Nothing is written at night, pending: jobs}
  4.10: {title: The tenth}
"""
POLICY = """\
title: Images come from registry.example.com
severity: error
topics: [registry]
controls: [acme/A.1, acme/A.3]
each: container
require:
  image: {pattern: "^registry/"}
why: Nobody scans the other registries.
how: Push the image to it.
"""
OTHER = POLICY.replace("[registry]", "[other]").replace("acme/A.1, acme/A.3", "acme/4.10")
PROFILE = "title: Acme\ninclude: {topics: [registry]}\n"
FILES = {
    "policies/controls/acme.yaml": CATALOGUE,
    "policies/kubernetes/registry.yaml": POLICY,
    "policies/kubernetes/other.yaml": OTHER,
    "policies/profiles/acme.yaml": PROFILE,
    ".kerp-policy.yaml": "profile: acme\npolicies: [policies]\n",
}


@pytest.mark.parametrize("id", CONTROLS)
def test_a_control_is_told_in_short_and_what_files_lack_continues_a_sentence(id):
    control = CONTROLS[id]
    assert 0 < len(control.title) <= 90
    for text in (control.title, control.undecidable, control.pending):
        assert not text.endswith(".")
    for text in (control.undecidable, control.pending):
        assert text[:1] == text[:1].lower()


@pytest.mark.parametrize("policy", LIBRARY.policies.values(), ids=list(LIBRARY.policies))
def test_a_policy_names_controls_that_there_are_and_each_once(policy):
    assert set(policy.controls) <= CONTROLS.keys()
    assert len(set(policy.controls)) == len(policy.controls)


def test_what_no_policy_supports_has_nothing_pending():
    supported = {id for policy in LIBRARY.policies.values() for id in policy.controls}
    assert {id for id, one in CONTROLS.items() if one.pending} <= supported


def test_numbers_are_those_of_their_editions():
    numbers = {id for id in CONTROLS if id.startswith("cis-kubernetes/")}
    sections = {"5.1": 13, "5.2": 13, "5.3": 2, "5.4": 2, "5.5": 1}
    expected = {f"{section}.{n}" for section, last in sections.items() for n in range(1, last + 1)}
    expected |= {f"5.7.{n}" for n in range(1, 5)}  # 5.6 is not in use
    assert numbers == {f"cis-kubernetes/{number}" for number in expected}
    assert {id for id in CONTROLS if id.startswith("cis-docker/")} == {
        f"cis-docker/4.{n}" for n in range(1, 13)
    }


@pytest.mark.parametrize(
    ("policy", "control"),
    [
        ("privileged", "cis-kubernetes/5.2.2"),
        ("allow-privilege-escalation", "cis-kubernetes/5.2.6"),
        ("host-ports", "cis-kubernetes/5.2.13"),
        ("privileged", "pss/baseline-privileged"),
        ("run-as-non-root", "pss/restricted-non-root"),
        ("image-healthcheck", "cis-docker/4.6"),
        ("add-for-copy", "cis-docker/4.9"),
        ("read-only-root-filesystem", "nsa-cisa/immutable-filesystem"),
    ],
)
def test_what_supports_a_control(policy, control):
    assert control in LIBRARY.policies[policy].controls


def test_controls_of_the_korean_catalogue_have_their_korean_names():
    assert CONTROLS["isms-p/2.9.1"].korean == "변경관리"
    assert all(re.search("[가-힣]", one.korean) for one in CONTROLS.values() if "isms-p" in one.id)


def test_the_coverage_of_a_catalogue_of_ones_own(tmp_path):
    write(tmp_path, FILES)
    done = kerp_policy("controls", "acme", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert (
        done.out
        == """\
acme: The rules of Acme, 7
  https://acme.example.com/rules
  A.1   decided      Images come from our registry
                     registry
  A.2   undecidable  Somebody answers
                     files do not show: who is on duty
  A.3   partly       Nothing is written at night
                     registry
                     not yet: jobs
  4.10  open         The tenth
                     not in this standard: other
  1 decided, 1 partly, 1 undecidable, 1 open
"""
    )


def test_the_same_for_programs(tmp_path):
    write(tmp_path, FILES)
    report = kerp_policy("controls", "--format", "json", cwd=tmp_path).report
    assert (report["format"], report["profile"]) == (1, "acme")
    assert {"acme", "pss", "isms-p"} <= report["catalogues"].keys()
    controls = report["catalogues"]["acme"]["controls"]
    assert controls["A.3"] == {
        "title": "Nothing is written at night",
        "korean": "",
        "state": "partly",
        "policies": ["registry"],
        "left_out": [],
        "pending": "jobs",
        "undecidable": "",
    }
    assert controls["4.10"]["left_out"] == ["other"]
    assert report["catalogues"]["pss"]["controls"]["baseline-privileged"] == {
        "title": "Baseline, Privileged Containers: none",
        "korean": "",
        "state": "open",
        "policies": [],
        "left_out": ["privileged"],
        "pending": "",
        "undecidable": "",
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "policies/kubernetes/registry.yaml",
            "acme/A.3",
            "cis-kubernetes/5.2.22",
            ":4:22: no catalogue has the control 'cis-kubernetes/5.2.22'; did you mean cis-",
        ),
        (
            "policies/kubernetes/registry.yaml",
            "acme/A.1",
            "xyz",
            ":4:12: no catalogue has the control 'xyz'",
        ),
        ("policies/controls/acme.yaml", "source: https", "source: http", ":3:1: source is http:"),
        ("policies/controls/acme.yaml", '"7"', "7", ":2:1: version is "),
        ("policies/controls/acme.yaml", "undecidable", "undecidabel", "did you mean undecidable?"),
        (
            "policies/controls/acme.yaml",
            "  A.2",
            "  A.1",
            ":6:3: the key A.1 stands here a second time",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path, file, old, new, message):
    assert FILES[file].count(old) == 1
    write(tmp_path, {**FILES, file: FILES[file].replace(old, new)})
    done = kerp_policy("controls", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"kerp-policy: {tmp_path / file}")
    assert message in done.err


def test_a_catalogue_cannot_take_the_name_of_another(tmp_path):
    write(tmp_path, {**FILES, "policies/controls/pss.yaml": CATALOGUE})
    done = kerp_policy("list", cwd=tmp_path)
    assert done.code == 2
    assert "policies/controls/pss.yaml: the catalogue pss exists already" in done.err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cis-kubernets", "; did you mean cis-kubernetes?"),
        ("x", "; there are cis-docker, cis-kubernetes, isms-p, nsa-cisa, pss\n"),
    ],
)
def test_a_catalogue_that_there_is_not(name, message):
    done = kerp_policy("controls", name, cwd=ROOT)
    assert (done.code, done.out) == (2, "")
    assert f"there is no catalogue of controls {name!r}{message}" in done.err


def test_nothing_in_a_catalogue_steers_the_terminal(tmp_path):
    title = '"\\e[31mred"'
    text = CATALOGUE.replace("The tenth", title).replace("who is on duty", title)
    write(tmp_path, {**FILES, "policies/controls/acme.yaml": text})
    done = kerp_policy("controls", "acme", cwd=tmp_path)
    assert (done.code, "\x1b" in done.out) == (0, False)
    assert "\N{REPLACEMENT CHARACTER}[31mred" in done.out


def test_explain_tells_the_titles_of_controls(tmp_path):
    write(tmp_path, FILES)
    done = kerp_policy("explain", "registry", cwd=tmp_path)
    assert "\n  control acme/A.1: Images come from our registry\n" in done.out


LONG = """\
examples:
  - bad: |
      one: 1
      two: {value}
      three: 3
      four: 4
      five: 5
      six: 6
      seven: 7
  - good: |
      one: 1
      two: 22
      three: 3
      four: 4
      five: 5
      six: 6
      seven: 7
"""


def test_explain_marks_the_lines_of_long_examples_that_differ(tmp_path):
    write(tmp_path, {**FILES, "policies/kubernetes/registry.yaml": POLICY + LONG})
    out = kerp_policy("explain", "registry", cwd=tmp_path).out
    assert "\nBad\n  one: 1\n- two: {value}\n  three: 3\n" in out
    assert "\nGood\n  one: 1\n+ two: 22\n  three: 3\n" in out


def test_explain_marks_nothing_in_short_examples(tmp_path):
    short = "".join(line for line in LONG.splitlines(keepends=True) if "seven" not in line)
    write(tmp_path, {**FILES, "policies/kubernetes/registry.yaml": POLICY + short})
    out = kerp_policy("explain", "registry", cwd=tmp_path).out
    assert "\nBad\n  one: 1\n  two: {value}\n" in out


def test_explain_marks_nothing_where_most_differs(tmp_path):
    other = re.sub(r"(?m)^( +\w+:) \d$", r"\1 x", LONG.partition("- good")[2])
    changed = LONG.partition("- good")[0] + "- good" + other
    write(tmp_path, {**FILES, "policies/kubernetes/registry.yaml": POLICY + changed})
    out = kerp_policy("explain", "registry", cwd=tmp_path).out
    assert "\nGood\n  one: x\n  two: 22\n" in out
