"""Which policies have a say about a thing, whatever was asked of others before."""

from __future__ import annotations

from typing import Any

import pytest

from kerp_policy.findings import Place
from kerp_policy.policy.model import Policy
from kerp_policy.scopes.asking import Asking
from kerp_policy.sources.source import START
from kerp_policy.views import View


def policy(id: str, *, each: str = "object", environments: Any = None, **when: Any) -> Policy:
    when = {name.replace("_", "."): value for name, value in when.items()}
    return Policy(id, "", "error", each, "", "", check="a.b", when=when, environments=environments)


def view(scope: str = "object", **facts: Any) -> View:
    return View(scope, {}, facts, lambda path: Place(START, ""))


def asked(asking: Asking, thing: View) -> tuple[list[str], list[str]]:
    policies, others = asking.about(thing)
    return [policy.id for policy in policies], list(others)


def test_what_has_no_say_is_told_apart_in_the_order_of_the_standard() -> None:
    asking = Asking([policy("a", kind="Pod"), policy("b"), policy("c", kind=["Job", "Pod"])])
    assert asked(asking, view(kind="Pod")) == (["a", "b", "c"], [])
    assert asked(asking, view(kind="Job")) == (["b", "c"], ["a"])
    assert asked(asking, view("pod", kind="Pod")) == ([], [])


def test_things_of_two_environments_are_not_alike() -> None:
    asking = Asking([policy("a", environments=("production",))])
    for environment, said in (
        ("production", ["a"]),
        ("test", []),
        (None, []),
        ("production", ["a"]),
    ):
        assert asked(asking, view(environment=environment))[0] == said


@pytest.mark.parametrize("order", [(True, 1, "true"), ("true", 1, True)])
def test_values_that_python_takes_for_the_same_are_not_alike(order: tuple[Any, ...]) -> None:
    asking = Asking([policy("a", labels_on={"const": True})])
    said = {repr(value): asked(asking, view(labels={"on": value}))[0] for value in order}
    assert said == {"True": ["a"], "1": [], "'true'": []}


@pytest.mark.parametrize("value", [[], {}, ["api"], {"api": "api"}])
def test_a_list_or_mapping_in_place_of_text_is_asked_about_as_well(value: Any) -> None:
    asking = Asking([policy("a", labels_component="api"), policy("b")])
    assert asked(asking, view(labels={"component": value})) == (["b"], ["a"])
    assert asked(asking, view(labels={"component": "api"})) == (["a", "b"], [])
