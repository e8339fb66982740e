"""The older end of a change from an earlier run: the same report, and never out of date."""

import json
from datetime import timedelta

import pytest
from msgspec.structs import replace

from cli import kerp_policy, write
from harness import noted
from kerp_policy import changes
from kerp_policy.baseline.model import Baseline
from kerp_policy.changes import ends, judge_change
from kerp_policy.judging import keeping
from kerp_policy.policy.load import load_profile
from kerp_policy.report import FORMATS
from kerp_policy.report.options import Options
from repository import API, BAD, BUDGET, GOOD, OTHER_BAD, Repository

KERP = load_profile("kerp")
PROJECT = {"k8s/api.yaml": API, "k8s/budget.yaml": BUDGET, "Dockerfile": BAD}


@pytest.fixture
def repository(tmp_path):
    repository = Repository(tmp_path / "repository")
    repository.commit(PROJECT)
    return repository


@pytest.fixture
def judged(monkeypatch):
    """The kinds of trees that are judged, as it happens."""
    return noted(monkeypatch, changes, "judge_all", lambda tree: type(tree).__name__)


def report(repository, profile=KERP, *, exclude=(), assumed=None, **which):
    folder = repository.folder
    with keeping(folder), ends(folder, exclude, **which) as change:
        result = judge_change(change, [folder], profile, assumed=assumed)
    return FORMATS["json"](result, Options())


def told(text):
    return [(each["policy"], each["file"]) for each in json.loads(text)["findings"]]


def test_the_older_end_is_judged_once(home, repository, judged):
    write(repository.folder, {"Dockerfile": OTHER_BAD})
    first = report(repository)
    assert judged == ["GitTree", "WorkingTree"]
    judged.clear()
    assert report(repository) == first
    assert judged == ["WorkingTree"]
    assert told(first) == [("image-tls", "Dockerfile")]


def test_a_commit_is_compared_with_what_was_staged_before_it(home, repository, judged):
    repository.stage({"Dockerfile": GOOD})
    report(repository, staged=True)
    repository.git("commit", "--quiet", "--no-verify", "--message=mended")
    repository.stage({"Dockerfile": BAD})
    judged.clear()
    assert told(report(repository, staged=True)) == [("image-tls", "Dockerfile")]
    assert judged == ["GitTree"]


def test_what_is_missed_beside_a_deleted_file_is_new(home, repository):
    report(repository)
    (repository.folder / "k8s/budget.yaml").unlink()
    assert ("disruption-budget", "k8s/api.yaml") in told(report(repository))


def test_a_file_that_moved_keeps_its_debt(home, repository, judged):
    (repository.folder / "Dockerfile").rename(repository.folder / "api.Dockerfile")
    for _ in range(2):
        assert told(report(repository)) == []
    assert judged == ["GitTree", "WorkingTree", "WorkingTree"]


def test_a_file_that_cannot_be_read_is_new_if_its_content_is(home, repository):
    repository.commit({"k8s/bad.yaml": b"a: \xff\n"})
    for _ in range(2):
        assert told(report(repository)) == []
    write(repository.folder, {"k8s/bad.yaml": b"b: \xff\n"})
    assert told(report(repository)) == [("unreadable", "k8s/bad.yaml")]


STRICTER = replace(KERP, policies=tuple(replace(p, severity="info") for p in KERP.policies))


@pytest.mark.parametrize(
    ("profile", "options"),
    [
        (STRICTER, {}),
        (replace(KERP, environments=KERP.environments[:1]), {}),
        (replace(KERP, baseline=Baseline("kerp")), {}),
        (replace(KERP, today=KERP.today + timedelta(1)), {}),
        (KERP, {"exclude": ["k8s/"]}),
        (KERP, {"assumed": "staging"}),
    ],
    ids=["policies", "environments", "baseline", "day", "exclude", "assumed"],
)
def test_what_is_judged_otherwise_is_judged_anew(profile, options, home, repository, judged):
    write(repository.folder, {"Dockerfile": OTHER_BAD})
    report(repository)
    judged.clear()
    report(repository, profile, **options)
    assert judged == ["GitTree", "WorkingTree"]
    judged.clear()
    report(repository)
    assert judged == ["WorkingTree"]


def test_another_commit_is_another_end(home, repository, judged):
    report(repository)
    repository.commit({"notes.txt": "a file that no policy is about"})
    judged.clear()
    report(repository)
    assert judged == ["GitTree", "WorkingTree"]


def test_a_damaged_end_is_as_none(home, repository, judged):
    write(repository.folder, {"Dockerfile": OTHER_BAD})
    first = report(repository)
    [file] = home.glob("older-*")
    file.write_bytes(file.read_bytes()[:-1] + b" ")
    judged.clear()
    assert report(repository) == first
    assert judged == ["GitTree", "WorkingTree"]


def test_an_end_that_crashes_is_not_kept(home, repository, monkeypatch):
    from kerp_policy import engine

    def crash(views):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(engine, "facts_of", crash)
        report(repository)
    assert list(home.glob("older-*")) == []


def test_few_ends_of_a_project_are_kept(home, repository):
    write(home, {"older-00000000-1.json": "of another project"})
    for number in range(10):
        repository.commit({"notes.txt": str(number)})
        report(repository)
    kept = sorted(file.name.partition("-")[2][:8] for file in home.glob("older-*"))
    assert kept[0] == "00000000"
    assert len(kept) == 1 + 8
    assert len(set(kept)) == 2


def test_nothing_is_kept_in_ci(home, repository):
    options = ("check", "--changed-since", "HEAD", "--format", "json")
    environment = {"XDG_CACHE_HOME": str(home.parent)}
    plain = kerp_policy(*options, cwd=repository.folder, CI="true", **environment)
    assert list(home.glob("older-*")) == []
    assert kerp_policy(*options, cwd=repository.folder, CI="", **environment) == plain
    assert len(list(home.glob("older-*"))) == 1
