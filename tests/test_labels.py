import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.kubernetes.labels import (
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


LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))


@given(LABELS, st.sampled_from("abc"), st.lists(st.sampled_from("xyz"), min_size=1))
def test_each_operator_and_its_opposite_disagree(labels, key, values):
    for one, other in (("In", "NotIn"), ("Exists", "DoesNotExist")):
        first = selects(expression(key, one, *values), labels)
        assert first is not selects(expression(key, other, *values), labels)


@given(LABELS)
def test_labels_select_themselves(labels):
    assert selects({"matchLabels": labels}, labels) is True
