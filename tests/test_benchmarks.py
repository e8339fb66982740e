"""The benchmarks: what is measured is made alike each time, and the suite runs to its end."""

import sys
from collections import Counter
from itertools import islice

from harness import ROOT

sys.path.insert(0, str(ROOT))

from benchmarks.estate import estate, generate
from kerp_policy.sources.classify import kind_by_name


def files_of(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_an_estate_has_as_many_files_as_asked_for_and_the_same_for_the_same_seed(tmp_path):
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        generate(tmp_path / name, files=150, seed=seed)
    one = files_of(tmp_path / "one")
    assert len(one) == 150
    assert files_of(tmp_path / "again") == one
    assert files_of(tmp_path / "two") != one


def test_no_two_files_of_an_estate_have_one_path():
    paths = [path for path, _text in islice(estate(4000, seed=3), 4000)]
    assert [path for path, times in Counter(paths).items() if times > 1] == []


def test_an_estate_has_the_proportions_of_real_trees():
    paths = [path for path, _text in islice(estate(4000, seed=8), 4000)]
    kinds = Counter(kind_by_name(path) for path in paths)
    assert 0.03 < kinds["dockerfile"] / 4000 < 0.06
    assert 0.02 < kinds["workflow"] / 4000 < 0.05
    assert 0.1 < kinds[""] / 4000 < 0.2
