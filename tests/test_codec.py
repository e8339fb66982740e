"""Results as JSON and back."""

import pytest
from msgspec.structs import replace

from harness import FIXTURES
from kerp_policy.cache.codec import DamagedError, Shared, decoded, encoded
from kerp_policy.engine import check_file
from kerp_policy.judging import check_files
from kerp_policy.policy.load import load_profile
from kerp_policy.run import judge_all
from kerp_policy.scopes.reading import Context
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import WorkingTree

KERP = load_profile("kerp")
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: kerp-prod}\n"


def results_of(folder):
    found = []

    def judge(sources, context):
        found.extend(check_files(sources, context))
        return found

    judge_all(WorkingTree(folder, ["expected.yaml"]), [folder], KERP, judge=judge)
    return found


FOLDERS = sorted({file.parent for file in FIXTURES.rglob("expected.yaml")})


def test_every_record_of_every_fixture_comes_back_as_it_was():
    shared = Shared({})
    for folder in FOLDERS:
        for result in results_of(folder):
            data = encoded(result, shared)
            assert data is not None, result.path
            assert decoded(data, shared) == result
            assert decoded(data, Shared(shared.used)) == result


def test_equal_counts_are_kept_once():
    shared = Shared({})
    for name in ("a.yaml", "b.yaml"):
        assert encoded(check_file(Source(name, POD.encode()), Context(KERP)), shared)
    [one, other] = shared.used.values()  # by policy, and by environment
    assert one["api-version"] == {"judged": 1}
    assert other.keys() == {"production"}


def test_a_result_without_its_counts_is_damaged():
    data = encoded(check_file(Source("a.yaml", POD.encode()), Context(KERP)), Shared({}))
    with pytest.raises(DamagedError):
        decoded(data, Shared({}))


def test_what_json_cannot_say_is_not_kept():
    result = check_file(Source("a.yaml", POD.encode()), Context(KERP))
    assert encoded(result, Shared({}))
    assert encoded(replace(result, path="a\udcff.yaml"), Shared({})) is None
    [fact, *_] = result.facts
    assert encoded(replace(result, facts=(replace(fact, name=1),)), Shared({})) is None


def foreign(record):
    return b'["a","k",[],"0","0",null,[],[["' + record + b'",[["x"]]]],[]]'


@pytest.mark.parametrize(
    "record",
    [b"os:stat_result", b"kerp_policy.estate.estate:Estate", b"kerp_policy.estate.nowhere:X", b""],
)
def test_no_module_is_imported_and_no_class_made_for_a_name_that_is_no_record(record):
    with pytest.raises(DamagedError):
        decoded(foreign(record), Shared({"0": {}}))
