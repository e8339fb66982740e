"""The facts that `when` may ask for are those that views have."""

from harness import FIXTURES
from kerp_policy.estate.extract import facts_of
from kerp_policy.policy.load import load_library, load_profile
from kerp_policy.policy.validate import schema
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.facts import FACTS, JOINED, WITH_PARTS
from kerp_policy.scopes.reading import read_artifact
from kerp_policy.sources.discover import list_files
from kerp_policy.sources.read import read_source
from kerp_policy.sources.source import Source

INTERNAL = {"reaches", "signs"}  # records, which no value in YAML equals


def facts_of_views():
    """By scope, the facts that some view of some fixture has, each with a value."""
    context, found = Context(load_profile("kerp")), {}
    for path in list_files(FIXTURES):
        source = read_source(FIXTURES, path)
        if isinstance(source, Source):
            for view in read_artifact(source, context).views:
                found.setdefault(view.scope, {}).update(view.facts)
    return found


def test_the_table_lists_the_facts_of_every_scope():
    found = facts_of_views()
    without = {scope for scope, facts in FACTS.items() if not facts}
    assert without == {"file", "estate"}
    table = {scope: set(facts) for scope, facts in FACTS.items() if facts}
    assert {scope: set(facts) - INTERNAL for scope, facts in found.items()} == table
    parts = {name for facts in found.values() for name in facts if isinstance(facts[name], dict)}
    assert parts == set(WITH_PARTS)


def test_it_lists_every_scope_that_a_policy_can_name():
    assert set(schema("policy")["properties"]["each"]["enum"]) == set(FACTS)


def test_the_estate_joins_facts_of_no_other_kind():
    context, kinds = Context(load_profile("kerp")), set()
    for path in list_files(FIXTURES):
        source = read_source(FIXTURES, path)
        if isinstance(source, Source):
            kinds |= {
                type(fact).__name__ for fact in facts_of(read_artifact(source, context).views)
            }
    assert kinds == JOINED


def test_every_joint_policy_says_what_it_is_about():
    joint = {p.id for p in load_library().policies.values() if p.each == "estate"}
    assert joint == {p.id for p in load_library().policies.values() if p.of}
