"""The engine: verdicts, counts, order, and what happens when something breaks."""

import gc

import pytest
from msgspec.structs import replace

from cli import write
from kerp_policy import checks
from kerp_policy.artifacts.kubernetes import KubernetesObject
from kerp_policy.cache import folder
from kerp_policy.engine import check_file
from kerp_policy.errors import UsageError
from kerp_policy.findings import Remark, Verdict, unverified
from kerp_policy.policy import load
from kerp_policy.policy.folder import builtin_folder, read_folder
from kerp_policy.policy.model import Policy
from kerp_policy.policy.profiles import extended, resolve
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source

MANIFEST = b"""apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: kerp-prod}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: kerp-prod}
---
apiVersion: v1
kind: Secret
metadata: {name: two}
"""
POLICY = Policy("test", "T", "error", "object", "w", "h", topics=("t",), check="test.it")


def judged(monkeypatch, check, policy=POLICY):
    monkeypatch.setattr("kerp_policy.engine.find_check", lambda name: check)
    profile = replace(load.load_profile("kerp"), policies=(policy,))
    return check_file(Source("a.yaml", MANIFEST), Context(profile))


def test_every_answer_is_counted(monkeypatch):
    def check(view, params):
        if view.data["kind"] == "Secret":
            yield unverified(("metadata", "name"), "who knows")
        elif "~2" in view.locate(()).address:
            yield Remark(("metadata",), "bad")
            yield unverified((), "and unknown")

    result = judged(monkeypatch, check)
    assert result.counts["test"] == {"judged": 3, "failed": 1, "unverified": 1}
    places = [(f.verdict, f.place.span.line, f.place.address) for f in result.findings]
    assert places == [
        (Verdict.FAIL, 7, "ConfigMap/kerp-prod/one~2:metadata"),
        (Verdict.UNVERIFIED, 5, "ConfigMap/kerp-prod/one~2"),
        (Verdict.UNVERIFIED, 11, "Secret/-/two:metadata.name"),
    ]


def test_when_and_environments_decide_what_a_policy_has_a_say_in(monkeypatch):
    policy = replace(POLICY, when={"kind": ["ConfigMap", "Service"], "name": {"pattern": "^o"}})
    result = judged(monkeypatch, lambda view, params: [Remark((), "bad")], policy)
    assert result.counts["test"] == {"judged": 2, "failed": 2, "not_applicable": 1}
    policy = replace(POLICY, environments=("staging",))
    result = judged(monkeypatch, lambda view, params: [Remark((), "bad")], policy)
    assert result.counts["test"] == {"not_applicable": 3}
    assert result.findings == []


def test_a_check_that_crashes_is_named_and_the_others_go_on(monkeypatch):
    def check(view, params):
        if view.data["kind"] == "Secret":
            raise KeyError("hunter2")  # may be a secret of the file
        return [Remark((), "bad")]

    result = judged(monkeypatch, check)
    line = check.__code__.co_firstlineno + 2
    where = f"KeyError in test_engine.py, line {line}"
    assert [*map(str, result.crashes)] == [f"a.yaml: the check of test crashed: {where}"]
    assert len(result.findings) == 2


def test_a_check_is_found_only_among_the_checks():
    assert checks.find_check("workloads.labels").__module__ == "kerp_policy.checks.workloads"
    for name in ("workloads.as_dict", "workloads._label_places", "engine.check_file"):
        with pytest.raises(UsageError, match=r"there is no check|is not named like"):
            checks.find_check(name)


PROFILE = {"title": "T", "include": {"clauses": ["1"]}}


def test_a_profile_chooses_by_clause_topic_and_name():
    policies = {
        "a": replace(POLICY, id="a", clauses=("1",)),
        "b": replace(POLICY, id="b", clauses=("2",), topics=("x",)),
        "c": replace(POLICY, id="c"),
        "d": replace(POLICY, id="d"),
    }
    include = {"clauses": ["1"], "topics": ["x"], "policies": ["c"]}
    assert ids_of({**PROFILE, "include": include}, policies) == ["a", "b", "c"]


def ids_of(profile, policies):
    return [policy.id for policy in resolve("p", profile, policies).policies]


def test_a_profile_leaves_out_what_it_excludes_and_takes_what_it_enables():
    policies = {
        id: replace(POLICY, id=id, topics=("x", topic))
        for id, topic in {"a": "far", "b": "near", "c": "far", "d": "near"}.items()
    }
    profile = {"title": "T", "include": {"topics": "all"}}
    assert ids_of(profile, policies) == ["a", "b", "c", "d"]
    excluding = {**profile, "exclude": {"topics": ["far"], "policies": ["d"]}}
    assert ids_of(excluding, policies) == ["b"]
    settings = {"c": {"enabled": True}, "b": {"enabled": False}}
    assert ids_of({**excluding, "policies": settings}, policies) == ["c"]


def test_what_an_extending_profile_excludes_replaces_what_its_base_does():
    policies = {"a": replace(POLICY, id="a", topics=("x", "far"))}
    base = {"title": "T", "include": {"topics": "all"}, "exclude": {"topics": ["far"]}}
    assert ids_of(extended(base, {"title": "U"}), policies) == []
    assert ids_of(extended(base, {"title": "U", "exclude": {}}), policies) == ["a"]


POLICY_TEXT = """title: T
severity: error
topics: [t]
each: container
require:
  image: {type: string}
why: W.
how: H.
"""


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("severity: error", "severity: eror"), ":2:1: severity"),
        (("topics: [t]\n", ""), ":1:1: "),
        (("each:", "eech:"), ":4:1: "),
        (("image: {", "image..x: {"), ":6:3: not a path from character 6 on"),
        (("  image: {type: string}", "  image: {type: [string"), ":7:"),
    ],
)
def test_a_broken_policy_is_told_with_file_line_and_column(tmp_path, change, place):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine.yaml").write_text(POLICY_TEXT.replace(*change))
    with pytest.raises(UsageError) as error:
        load.load_library((tmp_path,))
    assert f"{tmp_path}/x/mine.yaml{place}" in str(error.value)


def test_the_cache_is_used_and_a_broken_one_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    builtin = builtin_folder()
    first = read_folder(builtin)
    [file] = (tmp_path / "kerp-policy").iterdir()
    for content in (file.read_bytes(), b"{broken", b"[]", b"{}"):
        file.write_bytes(content)
        assert read_folder(builtin) == first
    folder.write(file, b"{}")  # as a run of this user's would
    assert read_folder(builtin) == {}


def test_a_reader_that_crashes_ends_no_run(tmp_path, monkeypatch):
    from kerp_policy import engine, run
    from kerp_policy.sources.tree import WorkingTree

    def crash(views):
        raise RuntimeError("half a fact")

    monkeypatch.setattr(engine, "facts_of", crash)
    write(tmp_path, {"a.yaml": "apiVersion: v1\nkind: Pod\n", "b/c.yaml": "a: 1\n"})
    result = run.run(WorkingTree(tmp_path), [tmp_path / "b"], load.load_profile("kerp"))
    line = crash.__code__.co_firstlineno + 1
    told = f"reading it crashed: RuntimeError in test_engine.py, line {line}"
    assert [*map(str, result.crashes)] == [f"a.yaml: {told}", f"b/c.yaml: {told}"]


POD = b"""apiVersion: v1
kind: Pod
metadata: {name: one, namespace: kerp-prod}
spec: {containers: [{name: one, image: "kerp:1"}, {name: two, image: "kerp:2"}]}
"""


def test_a_manifest_is_forgotten_when_it_is_judged():
    context = Context(load.load_profile("kerp"))
    check_file(Source("a.yaml", POD), context)
    gc.collect()
    gc.disable()  # so that only what nothing leads to any more is gone
    try:
        result = check_file(Source("a.yaml", POD), context)
        left = [each for each in gc.get_objects() if isinstance(each, KubernetesObject)]
    finally:
        gc.enable()
    assert result.findings
    assert not left


def test_counts_of_alike_files_are_one_record_that_a_problem_leaves_alone():
    context = Context(load.load_profile("kerp"))
    one, other = (check_file(Source(name, POD), context) for name in ("a.yaml", "b.yaml"))
    assert one.counts is other.counts
    before = {name: dict(counted) for name, counted in one.counts.items()}
    broken = check_file(Source("c.yaml", POD + b"---\na: [\n"), context)
    assert broken.counts["unreadable"] == {"judged": 1, "failed": 1}
    assert {name: broken.counts[name] for name in before} == before == one.counts
    assert one.environments == other.environments != broken.environments
