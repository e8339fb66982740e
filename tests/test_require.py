"""`require`: verdicts, places and words."""

import pytest

from kerp_policy.findings import Place, Verdict
from kerp_policy.policy.require import describe, require, valid
from kerp_policy.sources.source import START
from kerp_policy.views import View

DATA = {
    "uid": 1001,
    "flag": True,
    "zero": 0,
    "empty": "",
    "nothing": None,
    "name": "web",
    "later": "kerp-${SUFFIX}",
    "cpu": "500m",
    "list": ["a", "b"],
    "ports": [{"name": "http"}, {"port": 1}, "x", {"name": "X"}],
    "labels": {"app.kubernetes.io/name": "kerp"},
    "long": "y" * 100,
}


def judged(requirements, params=None):
    view = View("object", DATA, {}, lambda path: Place(START, str(path)))
    return list(require(view, requirements, params or {}))


def said(path, spec, params=None):
    remarks = judged({path: spec}, params)
    assert len(remarks) <= 1
    return (remarks[0].at, remarks[0].verdict, remarks[0].message) if remarks else None


@pytest.mark.parametrize(
    ("path", "spec"),
    [
        ("uid", {"const": 1001}),
        ("uid", {"minimum": 1001, "maximum": 1001}),
        ("flag", {"const": True}),
        ("zero", {"const": 0}),
        ("name", {"enum": ["web", "api"]}),
        ("name", {"pattern": "^[a-z]+$"}),
        ("empty", {"type": "string"}),
        ("cpu", {"quantity": {"const": "0.5"}}),
        ("cpu", {"quantity": {"minimum": "100m", "maximum": 1}}),
        ("missing", {"const": 1, "optional": True}),
        ("nothing", {"const": 1, "optional": True}),
        ("missing.deeper[3]", {"absent": True}),
        ("nothing", {"absent": True}),
        ("ports[*].missing[*].x", {"const": 1}),
        ("name[*]", {"const": 1}),
        ('labels["app.kubernetes.io/name"]', {"const": "kerp"}),
    ],
)
def test_what_holds_is_silent(path, spec):
    assert said(path, spec) is None


@pytest.mark.parametrize(
    ("path", "spec", "message"),
    [
        ("uid", {"const": 0}, "uid is 1001; expected 0"),
        ("uid", {"const": "1001"}, 'uid is 1001; expected "1001"'),
        ("flag", {"const": 1}, "flag is true; expected 1"),
        ("zero", {"const": False}, "zero is 0; expected false"),
        ("uid", {"minimum": 10000}, "uid is 1001; expected at least 10000"),
        ("uid", {"maximum": 10}, "uid is 1001; expected at most 10"),
        ("name", {"enum": ["a", "b"]}, "name is web; expected one of a, b"),
        ("name", {"pattern": "^x"}, "name is web; expected a string that matches ^x"),
        ("empty", {"minLength": 1, "expected": "a name"}, 'empty is ""; expected a name'),
        ("cpu", {"quantity": {"const": "1"}}, 'cpu is 500m; expected "1"'),
        ("cpu", {"quantity": {"minimum": "1"}}, 'cpu is 500m; expected at least "1"'),
        ("name", {"quantity": {"maximum": "1"}}, 'name is web; expected at most "1"'),
        ("list", {"quantity": {"maximum": "1"}}, 'list is a list; expected at most "1"'),
        (
            "labels",
            {"type": "string"},
            "labels is a mapping with app.kubernetes.io/name; expected a string",
        ),
        ("uid", {"absent": True}, "uid is 1001; expected it not to be set"),
        ("later", {"absent": True}, "later is kerp-${SUFFIX}; expected it not to be set"),
    ],
)
def test_what_does_not_hold_is_told_with_value_and_expectation(path, spec, message):
    assert said(path, spec) == ((path,), Verdict.FAIL, message)


def test_long_values_are_cut():
    _, _, message = said("long", {"const": "z"})
    assert message == f"long is {'y' * 59}…; expected z"


@pytest.mark.parametrize("path", ["missing", "nothing"])
def test_what_is_missing_is_told(path):
    message = f"{path} is not set; expected 1"
    assert said(path, {"const": 1}) == ((path,), Verdict.FAIL, message)


def test_what_is_missing_in_one_place_is_one_remark():
    remarks = judged({"labels.a.x": {"const": 1}, "labels.a.y": {"const": 2}, "z": {"const": 3}})
    assert [(remark.at, remark.message) for remark in remarks] == [
        (("labels", "a"), "labels.a.x and labels.a.y are not set; expected 1, and 2"),
        (("z",), "z is not set; expected 3"),
    ]


def test_each_item_of_a_list_is_judged_at_its_own_place():
    remarks = judged({"ports[*].name": {"pattern": "^[a-z]+$"}})
    assert {(remark.at, remark.message) for remark in remarks} == {
        (("ports", 1, "name"), "ports[1].name is not set; expected a string that matches ^[a-z]+$"),
        (("ports", 2, "name"), "ports[2].name is not set; expected a string that matches ^[a-z]+$"),
        (("ports", 3, "name"), "ports[3].name is X; expected a string that matches ^[a-z]+$"),
    }


@pytest.mark.parametrize("spec", [{"const": "kerp-web"}, {"quantity": {"const": 1}}])
def test_a_placeholder_is_unverified_whatever_is_expected(spec):
    at, verdict, message = said("later", spec)
    assert (at, verdict) == (("later",), Verdict.UNVERIFIED)
    assert message == f"later is kerp-${{SUFFIX}}, filled in elsewhere; expected {describe(spec)}"


def test_parameters_are_filled_in_at_any_depth():
    params = {"uid": 7, "names": ["a", "b"], "cpu": "1"}
    assert said("uid", {"const": "$uid"}, params)[2] == "uid is 1001; expected 7"
    assert said("name", {"enum": "$names"}, params)[2] == "name is web; expected one of a, b"
    quantity = {"quantity": {"const": "$cpu"}}
    assert said("cpu", quantity, params)[2] == 'cpu is 500m; expected "1"'
    assert said("name", {"enum": ["$other", "$uid"]}, params)[2].endswith("one of $other, 7")


def test_a_pattern_that_takes_others_exponential_time_is_judged_at_once():
    assert not valid({"pattern": "^(a+)+$"}, "a" * 50_000 + "!")
