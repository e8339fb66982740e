import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.kubernetes.labels import (
    equality_selects,
    label_key_error,
    label_value_error,
    selects,
)


def expression(key, operator, *values):
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


API = {"app": "kerp", "component": "api"}


@pytest.mark.parametrize(
    ("selector", "answer"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"app": "kerp"}}, True),
        ({"matchLabels": {"app": "other"}}, False),
        ({"matchLabels": {"tier": "x"}}, False),
        (expression("component", "In", "api", "web"), True),
        (expression("component", "In", "web"), False),
        (expression("tier", "In", "web"), False),
        (expression("component", "NotIn", "api"), False),
        (expression("tier", "NotIn", "web"), True),
        (expression("app", "Exists"), True),
        (expression("tier", "Exists"), False),
        (expression("tier", "DoesNotExist"), True),
        (expression("app", "DoesNotExist"), False),
        (expression("app", "Gt", "1"), None),
        ({"matchLabels": {"app": "${APP}"}}, None),
        ({"matchLabels": {"app": "${APP}", "component": "web"}}, False),
        ({"matchLabels": {"app": "kerp"}, **expression("tier", "Exists")}, False),
        ({"matchLabels": None, "matchExpressions": None}, True),
    ],
)
def test_label_selectors(selector, answer):
    assert selects(selector, API) is answer


@pytest.mark.parametrize(
    ("selector", "labels", "answer"),
    [
        (expression("app", "In", "a"), {"app": "${APP}"}, None),
        (expression("app", "NotIn", "a"), {"app": "${APP}"}, None),
        (expression("app", "Exists"), {"app": "${APP}"}, True),
        ({"matchLabels": {"app": "${APP}"}}, {"app": "${APP}"}, True),
        (expression("app", "Exists"), {"${KEY}": "x"}, None),
        (expression("app", "NotIn", "a"), {"${KEY}": "x"}, None),
    ],
)
def test_placeholders_on_the_side_of_the_labels(selector, labels, answer):
    assert selects(selector, labels) is answer


def test_a_service_with_an_empty_selector_selects_nothing():
    assert equality_selects({}, API) is False
    assert equality_selects(None, API) is False
    assert equality_selects({"app": "kerp"}, API) is True
    assert equality_selects({"app": "kerp", "tier": "x"}, API) is False
    assert equality_selects({"app": "${APP}"}, API) is None


LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))


@given(LABELS, st.sampled_from("abc"), st.lists(st.sampled_from("xyz"), min_size=1))
def test_each_operator_and_its_opposite_disagree(labels, key, values):
    for one, other in (("In", "NotIn"), ("Exists", "DoesNotExist")):
        first = selects(expression(key, one, *values), labels)
        assert first is not selects(expression(key, other, *values), labels)


@given(LABELS)
def test_labels_select_themselves(labels):
    assert selects({"matchLabels": labels}, labels) is True


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("app", None),
        ("app.kubernetes.io/name", None),
        ("a/b/c", "no DNS name"),
        ("Example.com/name", "no DNS name"),
        ("/name", "no DNS name"),
        ("example.com/", "has no name"),
        ("-app", "begins and ends"),
        ("a" * 64, "has 64 characters; at most 63"),
        (f"{'a' * 254}/b", "no DNS name"),
        ("", "has no name"),
    ],
)
def test_keys(key, words):
    error = label_key_error(key)
    assert error is None if words is None else words in error


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", None),
        ("v1.2_3-4", None),
        ("a b", "begins and ends"),
        ("x.", "begins and ends"),
        ("x\n", "begins and ends"),
        ("x" * 64, "has 64 characters"),
    ],
)
def test_values(value, words):
    error = label_value_error(value)
    assert error is None if words is None else words in error
