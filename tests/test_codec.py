"""Results as JSON and back."""

import pytest
from msgspec.structs import replace

from harness import FIXTURES
from kerp_policy.cache.codec import DamagedError, decoded, encoded
from kerp_policy.engine import check_file
from kerp_policy.judging import check_files
from kerp_policy.policy.load import load_profile
from kerp_policy.run import judge_all
from kerp_policy.scopes.context import Context
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
    for folder in FOLDERS:
        for result in results_of(folder):
            kept = encoded(result)
            assert kept is not None, result.path
            assert decoded(kept.data, kept.counts) == result


def test_equal_counts_have_one_name():
    one, other = (
        encoded(check_file(Source(name, POD.encode()), Context(KERP)))
        for name in ("a.yaml", "b.yaml")
    )
    assert one.counts == other.counts
    by_policy, by_environment = one.counts.values()
    assert by_policy["api-version"] == {"judged": 1}
    assert by_environment.keys() == {"production"}


def test_a_result_without_its_counts_is_damaged():
    kept = encoded(check_file(Source("a.yaml", POD.encode()), Context(KERP)))
    with pytest.raises(DamagedError):
        decoded(kept.data, {})


def test_what_json_cannot_say_is_not_kept():
    result = check_file(Source("a.yaml", POD.encode()), Context(KERP))
    assert encoded(result)
    assert encoded(replace(result, path="a\udcff.yaml")) is None
    [fact, *_] = result.facts
    assert encoded(replace(result, facts=(replace(fact, name=1),))) is None


def foreign(record):
    return b'["a","k",[],"0","0",null,[],[["' + record + b'",[["x"]]]],[]]'


@pytest.mark.parametrize(
    "record",
    [b"os:stat_result", b"kerp_policy.estate.estate:Estate", b"kerp_policy.estate.nowhere:X", b""],
)
def test_no_module_is_imported_and_no_class_made_for_a_name_that_is_no_record(record):
    with pytest.raises(DamagedError):
        decoded(foreign(record), {"0": {}})
