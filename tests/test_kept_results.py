"""Results that are kept: the same findings, never out of date, never believed when damaged."""

import json
import os
import shutil
from multiprocessing import get_context

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cli import kerp_policy, write
from harness import FIXTURES, noted
from kerp_policy import engine
from kerp_policy.cache.results import Store
from kerp_policy.judging import keeping, read_ahead
from kerp_policy.policy.load import load_profile
from kerp_policy.report import FORMATS
from kerp_policy.report.options import Options
from kerp_policy.run import run
from kerp_policy.scopes.context import Context
from kerp_policy.sources.tree import WorkingTree

KERP = load_profile("kerp")
BY_ID = {policy.id: policy for policy in KERP.policies}
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: kerp-prod}\n"
    "spec: {containers: [{name: a, image: b:1}]}\n"
)
PROJECT = {
    "a.yaml": POD,
    "b.yaml": POD.replace("name: a,", "name: b,"),
    "Dockerfile": "FROM node:20\nUSER root\n",
}


@pytest.fixture
def read(monkeypatch):
    """The paths of the files that are read to be judged, as it happens."""
    return noted(monkeypatch, engine, "read_artifact", lambda source: source.path)


def judged(folder, profile=KERP, paths=None, **options):
    """The report of a run that keeps its results."""
    with keeping(folder):
        result = run(WorkingTree(folder), paths or [folder], profile, **options)
    assert result.crashes == []
    return FORMATS["json"](result, Options())


def kept(home):
    return sorted(home.glob("results-*"))


@pytest.mark.parametrize("project", ["kerp", "kerp-compliant"])
def test_a_second_run_reads_nothing_and_says_the_same(project, home, read, tmp_path):
    shutil.copytree(FIXTURES / project, tmp_path / "p")
    plain = FORMATS["json"](run(WorkingTree(tmp_path / "p"), [tmp_path / "p"], KERP), Options())
    first = judged(tmp_path / "p")
    read.clear()
    assert judged(tmp_path / "p") == first == plain
    told = [f for f in json.loads(first)["findings"] if BY_ID[f["policy"]].confidential]
    assert set(read) == {each["file"] for each in told}


def test_nothing_of_a_file_with_a_secret_is_kept(home, read, tmp_path):
    env = "env: [{name: DB_PASSWORD, value: Zq8vN2xT7}]}"
    write(
        tmp_path / "p",
        PROJECT | {"b.yaml": PROJECT["b.yaml"].replace("image: b:1}", "image: b:1, " + env)},
    )
    judged(tmp_path / "p")
    assert [
        file for file in home.rglob("*") if file.is_file() and b"Zq8vN2xT7" in file.read_bytes()
    ] == []
    read.clear()
    judged(tmp_path / "p")
    assert read == ["b.yaml"]


def test_nothing_of_a_file_with_a_token_is_kept_that_is_only_known(home, tmp_path):
    image = "image: kerp:Zq8vN2xT7@registry.example.com/api"
    write(tmp_path / "p", PROJECT | {"b.yaml": PROJECT["b.yaml"].replace("image: b:1", image)})
    judged(tmp_path / "p", paths=[tmp_path / "p" / "a.yaml"])
    [file] = kept(home)
    assert b"a.yaml" in file.read_bytes()
    assert b"Zq8vN2xT7" not in file.read_bytes()


def test_values_of_variables_are_not_kept_whatever_the_standard(home, tmp_path):
    chosen = replace(KERP, policies=(BY_ID["run-as-uid"], BY_ID["exposed-port"]))
    env = "env: [{name: DB_PASSWORD, value: Zq8vN2xT7}]}"
    write(
        tmp_path / "p", {"b.yaml": PROJECT["b.yaml"].replace("image: b:1}", "image: b:1, " + env)}
    )
    judged(tmp_path / "p", chosen)
    [file] = kept(home)
    assert b"DB_PASSWORD" in file.read_bytes()
    assert b"Zq8vN2xT7" not in file.read_bytes()


def test_only_what_has_changed_is_judged_again(home, read, tmp_path):
    write(tmp_path / "p", PROJECT)
    judged(tmp_path / "p")
    read.clear()
    write(tmp_path / "p", {"b.yaml": PROJECT["b.yaml"] + "# changed\n"})
    judged(tmp_path / "p")
    assert read == ["b.yaml"]


def test_a_file_of_another_name_is_another(home, read, tmp_path):
    write(tmp_path / "p", PROJECT)
    judged(tmp_path / "p")
    (tmp_path / "p/a.yaml").rename(tmp_path / "p/c.yaml")
    read.clear()
    assert '"c.yaml"' in judged(tmp_path / "p")
    assert read == ["c.yaml"]


def stricter(profile):
    """The standard with one severity changed."""
    policies = (replace(policy, severity="info") for policy in profile.policies)
    return replace(profile, policies=tuple(policies))


@pytest.mark.parametrize(
    "changed",
    [
        {"profile": stricter(KERP)},
        {"profile": replace(KERP, versions={**KERP.versions, "kubernetes": "1.28"})},
        {"profile": replace(KERP, environments=KERP.environments[:1])},
        {"assumed": "staging"},
    ],
    ids=["policies", "versions", "environments", "assumed"],
)
def test_another_standard_judges_anew(changed, home, read, tmp_path):
    write(tmp_path / "p", PROJECT)
    judged(tmp_path / "p")
    read.clear()
    judged(tmp_path / "p", **changed)
    assert sorted(read) == sorted(PROJECT)
    read.clear()
    judged(tmp_path / "p")
    assert read == []  # what was kept by the first is still there


def test_what_other_files_say_of_one_counts(home, read, tmp_path):
    write(tmp_path / "p", PROJECT)
    judged(tmp_path / "p")
    read.clear()
    patch = "resources: [b.yaml]\npatches: [{path: a.yaml}]\n"
    write(tmp_path / "p", {"kustomization.yaml": patch})
    assert "a patch that kustomization.yaml applies" in judged(tmp_path / "p")
    assert "a.yaml" in read
    assert "Dockerfile" not in read


def test_what_was_only_looked_at_is_judged_when_asked_for(home, read, tmp_path):
    write(tmp_path / "p", PROJECT)
    judged(tmp_path / "p", paths=[tmp_path / "p/a.yaml"])
    read.clear()
    judged(tmp_path / "p", paths=[tmp_path / "p/a.yaml"])
    assert read == []
    whole = judged(tmp_path / "p")
    assert sorted(read) == ["Dockerfile", "b.yaml"]
    assert {finding["file"] for finding in json.loads(whole)["findings"]} == set(PROJECT)
    read.clear()
    judged(tmp_path / "p", paths=[tmp_path / "p/a.yaml"])
    assert read == []


def many(changed=0):
    """More manifests than are written anew for one; the first so many say something else."""
    return {f"{i}.yaml": POD.replace("b:1", "b:2" if i < changed else "b:1") for i in range(20)}


def test_of_many_only_what_has_changed_is_written(home, read, tmp_path):
    folder = write(tmp_path / "p", many())
    first = judged(folder)
    [whole] = kept(home)
    before = whole.read_bytes()
    second = judged(write(folder, many(1)))
    [recent] = [file for file in kept(home) if file != whole]
    assert whole.read_bytes() == before
    assert len(recent.read_bytes()) < len(before) / 10
    read.clear()
    assert judged(folder) == second
    assert read == []
    assert judged(write(folder, many())) == first
    assert read == []  # that was not thrown away with the few
    judged(write(folder, many(5)))
    assert whole.read_bytes() != before
    read.clear()
    judged(folder)
    assert read == []
    assert len(recent.read_bytes()) < 100


@pytest.mark.parametrize("which", [0, 1])
def test_whichever_file_is_damaged_is_as_none(which, home, read, tmp_path):
    folder = write(tmp_path / "p", many())
    judged(folder)
    second = judged(write(folder, many(1)))
    file = sorted(kept(home), key=lambda file: file.stat().st_size)[which]
    file.write_bytes(flipped(file.read_bytes(), 999))
    read.clear()
    assert judged(folder) == second
    assert len(read) == (19 if which else 1)


def truncated(data, at):
    return data[: at % len(data)]


def flipped(data, at):
    changed = bytearray(data)
    changed[at % len(data)] ^= 1 << (at % 8)
    return bytes(changed)


@settings(max_examples=60)
@given(st.integers(0, 1 << 20), st.sampled_from([truncated, flipped]))
def test_a_damaged_file_is_as_none(shared_project, at, damage):
    folder, file, whole, report = shared_project
    file.write_bytes(damage(whole, at))
    assert judged(folder) == report


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "home"))
        report = judged(write(folder / "p", PROJECT))
        [file] = kept(folder / "home/kerp-policy")
        yield folder / "p", file, file.read_bytes(), report


def test_what_is_read_ahead_is_what_is_read(home, read, tmp_path):
    folder = write(tmp_path / "p", PROJECT)
    first = judged(folder)
    read.clear()
    with keeping(folder):
        read_ahead(KERP, None)
        result = run(WorkingTree(folder), [folder], KERP)
        assert read == []
        other = stricter(KERP)
        run(WorkingTree(folder), [folder], other)
        assert sorted(read) == sorted(PROJECT)  # another standard than was foreseen
    assert FORMATS["json"](result, Options()) == first
    read.clear()
    judged(folder, other)
    assert read == []


def test_what_was_read_ahead_in_vain_stays(home, read, tmp_path):
    folder = write(tmp_path / "p", PROJECT)
    first = judged(folder)
    with keeping(folder):
        read_ahead(KERP, None)
    read.clear()
    assert judged(folder) == first
    assert read == []


def test_what_others_may_have_written_is_not_believed(home, read, tmp_path):
    write(tmp_path / "p", PROJECT)
    judged(tmp_path / "p")
    home.chmod(0o770)
    read.clear()
    judged(tmp_path / "p")
    assert sorted(read) == sorted(PROJECT)
    assert home.stat().st_mode & 0o777 == 0o700  # and closed again


def test_what_nobody_asks_for_any_more_is_thrown_away(home, tmp_path):
    write(tmp_path / "p", PROJECT)
    judged(tmp_path / "p")
    [used] = kept(home)
    old = write(home, {"results-old.json": "x"}) / "results-old.json"
    for file, days in ((old, 31), (used, 29)):
        then = used.stat().st_mtime - days * 24 * 3600
        os.utime(file, (then, then))
    write(tmp_path / "p", {"c.yaml": POD})
    judged(tmp_path / "p")
    assert kept(home) == [used]


def test_a_run_that_crashes_keeps_nothing_of_it(home, monkeypatch, tmp_path):
    write(tmp_path / "p", PROJECT)

    def crash(views):
        raise RuntimeError

    with monkeypatch.context() as patch, keeping(tmp_path / "p"):
        patch.setattr(engine, "facts_of", crash)
        assert run(WorkingTree(tmp_path / "p"), [tmp_path / "p"], KERP).crashes
    assert judged(tmp_path / "p")  # asserts that nothing crashes


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(write(tmp_path, {"file": ""}) / "file"))
    write(tmp_path / "p", PROJECT)
    assert judged(tmp_path / "p") == judged(tmp_path / "p")


def check(folder, home, *options, **environment):
    environment = {"XDG_CACHE_HOME": str(home.parent), **environment}
    return kerp_policy("check", "--format", "json", *options, cwd=folder, **environment)


def test_the_command_keeps_results_unless_told_otherwise_or_in_ci(home, tmp_path):
    folder = write(tmp_path / "p", PROJECT)
    plain = check(folder, home, "--no-cache")
    assert kept(home) == []
    assert check(folder, home, CI="true") == plain
    assert kept(home) == []
    assert check(folder, home, "--cache", CI="true") == plain
    assert len(kept(home)) == 1
    assert check(folder, home) == plain


def test_runs_at_once_share_what_is_kept(home, read, tmp_path):
    """They are copies of one process: its program's times, which count, may change meanwhile."""
    folder = write(tmp_path / "p", PROJECT)
    plain = FORMATS["json"](run(WorkingTree(folder), [folder], KERP), Options())
    Store(folder).results(Context(KERP))  # looks at those times, once for all
    with get_context("fork").Pool(4) as pool:
        reports = pool.map(judged, [folder] * 8, chunksize=1)
    assert {*reports} == {plain}
    assert len(kept(home)) == 1
    read.clear()
    assert judged(folder) == plain
    assert read == []
    assert not list(home.glob("*.draft"))


def test_both_ends_of_a_change_are_kept(home, read, tmp_path):
    from repository import Repository

    repository = Repository(tmp_path / "p")
    repository.commit(PROJECT)
    write(tmp_path / "p", {"b.yaml": POD})
    plain = check(tmp_path / "p", home, "--no-cache", "--changed-since", "HEAD")
    for _ in range(2):
        assert check(tmp_path / "p", home, "--changed-since", "HEAD") == plain
