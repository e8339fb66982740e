"""Waivers: what they cover, where they may stand, what is told of them, and how one is written."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import runs
from cli import kerp_policy, write
from harness import FIXTURES
from kerp_policy.config import Config
from kerp_policy.findings import Place
from kerp_policy.run import run
from kerp_policy.sources.source import START, Source, Span
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.standard import standard_of
from kerp_policy.waivers.comments import waivers_in
from kerp_policy.waivers.grammar import Wrong, parse
from kerp_policy.waivers.index import Index
from kerp_policy.waivers.model import Waiver
from kerp_policy.waivers.values import value_of
from kerp_policy.waivers.write import with_comment, with_entry

TODAY = {"SOURCE_DATE_EPOCH": "1795392000"}  # 2026-11-23
ALLOW = 'kerp-policy: allow run-as-uid until=2027-02-28 reason="vendor image, OPS-412"'
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: tool
spec:
  containers:
    - name: one
      image: example.com/tool:1.0.0
    - name: two
      image: example.com/tool:1.0.0
"""


def standard():
    return replace(standard_of(Config()), today=date(2026, 11, 23))


def judged(folder):
    return run(WorkingTree(folder), [folder], standard())


def waived(folder, *, policy="run-as-uid", cwd=None):
    outcome = kerp_policy("check", "--format", "json", ".", cwd=cwd or folder, **TODAY)
    found = [f for f in outcome.findings if f["policy"] == policy]
    return [(f["line"], f["status"]) for f in found]


@pytest.mark.parametrize(
    ("before", "after", "statuses"),
    [
        ("    - name: one", f"    # {ALLOW}\n    - name: one", ["waived", "open"]),
        ("    - name: one", f"    - name: one  # {ALLOW}", ["waived", "open"]),
        ("  containers:", f"  # {ALLOW}\n  containers:", ["waived", "waived"]),
        ("apiVersion", f"# {ALLOW}\napiVersion", ["waived", "waived"]),
        ("  name: tool", f"  # {ALLOW}\n  name: tool", ["open", "open"]),
        ("      image", f"      # {ALLOW}\n      image", ["open", "open"]),
    ],
)
def test_a_comment_covers_what_starts_there_or_next_and_no_more(tmp_path, before, after, statuses):
    write(tmp_path, {"pod.yaml": POD.replace(before, after, 1)})
    assert [status for _, status in waived(tmp_path)] == statuses


def test_what_is_waived_does_not_fail_and_is_counted(tmp_path):
    write(tmp_path, {"pod.yaml": f"# {ALLOW}\n{POD}"})
    outcome = kerp_policy("check", "--select", "run-as-uid", cwd=tmp_path, **TODAY)
    assert outcome.code == 0
    assert outcome.out == "1 manifest looked at: 0 errors, 0 warnings, 0 unverified, 2 waived\n"


def test_the_report_says_who_waived_what_and_until_when(tmp_path):
    text = f"# {ALLOW} owner=platform\n{POD}"
    write(tmp_path, {"pod.yaml": text})
    outcome = kerp_policy("check", "--format", "json", ".", cwd=tmp_path, **TODAY)
    [first, _] = [f for f in outcome.findings if f["policy"] == "run-as-uid"]
    assert first["suppression"] == {
        "kind": "waiver",
        "reason": "vendor image, OPS-412",
        "owner": "platform",
        "until": "2027-02-28",
        "in_source": True,
    }


def test_an_expired_waiver_covers_nothing(tmp_path):
    write(tmp_path, {"pod.yaml": f"# {ALLOW.replace('2027', '2026')}\n{POD}"})
    assert [status for _, status in waived(tmp_path)] == ["open", "open"]
    [(line, _)] = waived(tmp_path, policy="waiver-expired")
    assert line == 1


def test_a_waiver_bound_to_a_value_lapses_when_it_changes(tmp_path):
    write(tmp_path, {"pod.yaml": POD})
    address = "Pod/-/tool:spec.containers[one].securityContext.runAsUser"
    options = ["--reason", "OPS-412", "--until", "2027-02-28"]
    done = kerp_policy("waive", address, *options, cwd=tmp_path, **TODAY)
    assert (done.code, done.out) == (0, "pod.yaml: run-as-uid is waived until 2027-02-28\n")
    text = (tmp_path / "pod.yaml").read_text()
    assert 'until=2027-02-28 reason="OPS-412" value=' in text
    assert [status for _, status in waived(tmp_path)] == ["waived", "open"]
    context = "    - name: one\n      securityContext: {runAsUser: 0}\n"
    write(tmp_path, {"pod.yaml": text.replace("    - name: one\n", context)})
    assert [status for _, status in waived(tmp_path)] == ["open", "open"]
    assert len(waived(tmp_path, policy="waiver-expired")) == 1


def test_a_waiver_in_the_configuration_covers_by_file_and_address(tmp_path):
    config = (
        "waivers:\n  - {policy: run-as-uid, file: '*.yaml', address: '*/*/*containers[[]one]*', "
        "reason: vendor image, until: 2027-02-28}\n"
    ).replace("[[]one]", "[one]")
    write(tmp_path, {"pod.yaml": POD, ".kerp-policy.yaml": config})
    assert [status for _, status in waived(tmp_path)] == ["waived", "open"]


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ("{policy: run-as-uid, file: x, until: 2027-02-28}", ":2:5: required field"),
        ("{policy: run-as-uid, file: x, reason: r, until: 2027-02-30}", ":2:46: until is"),
        ("{policy: run-as-uid, reason: r, until: 2027-02-28}", ":2:5: "),
    ],
)
def test_a_mistake_in_the_configuration_is_told_at_its_place(tmp_path, entry, place):
    write(tmp_path, {"pod.yaml": POD, ".kerp-policy.yaml": f"waivers:\n  - {entry}\n"})
    outcome = kerp_policy("check", cwd=tmp_path)
    assert outcome.code == 2
    assert f".kerp-policy.yaml{place}" in outcome.err


def test_a_secret_cannot_be_waived(tmp_path):
    env = "      env: [{name: DB_PASSWORD, value: hunter2-and-more}]\n"
    comment = f"    # {ALLOW.replace('run-as-uid', 'env-secret')}\n"
    text = POD.replace("    - name: two\n", f"{comment}    - name: two\n{env}")
    write(tmp_path, {"pod.yaml": text})
    assert [status for _, status in waived(tmp_path, policy="env-secret")] == ["open"]
    assert len(waived(tmp_path, policy="waiver-valid")) == 1


def test_every_finding_of_the_guides_tree_can_be_waived_where_it_stands(tmp_path):
    tree = {p.relative_to(FIXTURES / "kerp").as_posix(): p for p in (FIXTURES / "kerp").rglob("*")}
    write(tmp_path, {name: p.read_bytes() for name, p in tree.items() if p.is_file()})
    (tmp_path / "expected.yaml").unlink()
    before = judged(tmp_path)
    policies = {policy.id: policy for policy in before.profile.policies}
    chosen = {(f.policy, f.file): f for f in before.findings if policies[f.policy].waivable}
    for finding in chosen.values():
        source = before.sources[finding.file]
        value = value_of(finding, before.sources)
        said = f'allow {finding.policy} until=2027-02-01 reason="r" value={value}'
        kind = {"Dockerfile": "dockerfile"}.get(finding.file.rpartition("/")[2], "kubernetes")
        kind = "script" if finding.file.endswith(".sh") else kind
        data = with_comment(source, kind, finding.place.span.line, said)
        assert data is not None, finding
        old, new = source.data.split(b"\n"), data.split(b"\n")
        [added] = [i for i in range(len(new)) if new[:i] + new[i + 1 :] == old][:1]
        assert said.encode() in new[added]
        (tmp_path / finding.file).write_bytes(data)
        after = judged(tmp_path)
        (tmp_path / finding.file).write_bytes(source.data)
        [same] = [f for f in after.findings if f.fingerprint == finding.fingerprint]
        assert same.suppression, finding
        assert not {f.policy for f in after.findings} & {"waiver-unused", "waiver-expired"}


def test_a_waiver_goes_to_the_configuration_where_no_comment_can_stand(tmp_path):
    pod = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tool"}, "spec": {"containers":'
    write(tmp_path, {"pod.json": pod + ' [{"name": "one", "image": "a.com/b:1.0"}]}}\n'})
    address = "Pod/-/tool:spec.containers[one].securityContext.runAsUser"
    options = ["--reason", 'he said "no"', "--until", "2027-02-28", "--policy", "run-as-uid"]
    for text in (None, "exclude: [x]", "waivers:\n- policy: replicas\n  file: a\n  reason: r\n"
                 "  until: 2027-01-01\n# end\n"):  # fmt: skip
        (tmp_path / ".kerp-policy.yaml").unlink(missing_ok=True)
        if text:
            write(tmp_path, {".kerp-policy.yaml": text})
        done = kerp_policy("waive", address, *options, cwd=tmp_path, **TODAY)
        assert (done.code, done.err) == (0, "")
        assert ".kerp-policy.yaml: run-as-uid is waived until 2027-02-28" in done.out
        assert [status for _, status in waived(tmp_path)] == ["waived"]
        assert (text or "").rstrip("\n").split("\n")[0] in (
            tmp_path / ".kerp-policy.yaml"
        ).read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Pod/-/nobody"], "names the open finding 'Pod/-/nobody', which does not exist"),
        (["ADDRESS", "--until", "2026-02-30"], "until is 2026-02-30, which is no date"),
        (["ADDRESS", "--until", "2026-01-01"], "is over already"),
        (["ADDRESS", "--until", "2029-01-01"], "expected 2027-05-22 at the latest"),
        (["ADDRESS", "--reason", " "], "has no reason"),
    ],
)
def test_a_waiver_that_would_not_be_accepted_is_not_written(tmp_path, arguments, message):
    write(tmp_path, {"pod.yaml": POD})
    address = "Pod/-/tool:spec.containers[one].securityContext.runAsUser"
    given = [address if a == "ADDRESS" else a for a in arguments]
    options = ["--reason", "r", "--until", "2027-02-28"]
    done = kerp_policy("waive", *options, *given, cwd=tmp_path, **TODAY)
    assert done.code == 2
    assert message in done.err
    assert (tmp_path / "pod.yaml").read_text() == POD


def test_the_list_of_waivers_and_what_ends_soon(tmp_path):
    one, two = f"# {ALLOW} owner=ops\n", f"# {ALLOW.replace('2027-02-28', '2026-12-01')}\n"
    write(tmp_path, {"a.yaml": one + POD, "b.yaml": two + POD})
    listed = kerp_policy("waivers", cwd=tmp_path, **TODAY)
    assert listed.code == 0
    assert [line.split() for line in listed.out.splitlines()] == [
        ["until", "left", "age", "policy", "owner", "where", "reason"],
        ["2026-12-01", "8d", "-", "run-as-uid", "-", "b.yaml:1", "vendor", "image,", "OPS-412"],
        ["2027-02-28", "97d", "-", "run-as-uid", "ops", "a.yaml:1", "vendor", "image,", "OPS-412"],
        ["2", "waivers"],
    ]
    assert kerp_policy("waivers", "--expiring", "7d", cwd=tmp_path, **TODAY).code == 0
    soon = kerp_policy("waivers", "--expiring", "8d", cwd=tmp_path, **TODAY)
    assert (soon.code, soon.out.splitlines()[-1]) == (1, "2 waivers, 1 end by 2026-12-01")
    wrong = kerp_policy("waivers", "--expiring", "soon", cwd=tmp_path, **TODAY)
    assert (wrong.code, "'soon' is no number of days" in wrong.err) == (2, True)


NOISE = st.lists(st.sampled_from(["", "# a comment", "   ", "# another: one"]), max_size=3)


@settings(max_examples=40)
@given(NOISE, NOISE, st.booleans(), st.booleans(), st.booleans())
def test_reformatting_changes_nothing_that_a_waiver_covers(above, between, crlf, bom, other_first):
    allow = f"    # {ALLOW}"
    text = POD.replace("    - name: one", "\n".join([allow, *between, "    - name: one"]), 1)
    other = "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n"
    documents = [other, text] if other_first else [text, other]
    whole = "\n".join([*above, "---\n".join(documents)])
    data = (b"\xef\xbb\xbf" if bom else b"") + whole.encode().replace(
        b"\n", b"\r\n" if crlf else b"\n"
    )
    source = Source("pod.yaml", data)
    [waiver] = waivers_in(source, "kubernetes")
    assert isinstance(waiver, Waiver)
    first, last = waiver.lines
    assert source.lines[first - 1] == "    - name: one"
    assert source.lines[last - 1] == "      image: example.com/tool:1.0.0"
    assert last == first + 1


@given(st.text(max_size=80), st.text(max_size=20))
def test_no_text_breaks_the_grammar_and_mistakes_have_a_place(text, word):
    for said in (text, f"allow {text}", f'allow a until=2027-01-01 reason="{text}" {word}'):
        for one in parse(said, 3, 5):
            if isinstance(one, Wrong):
                assert 0 <= one.start < one.end <= max(1, len(said))
            else:
                assert one.span.line == 3
                assert one.reason.strip()


@given(st.text(alphabet="ab: #-\n\"'{}[]", max_size=60))
def test_an_entry_never_loses_what_a_configuration_says(text):
    changed = with_entry(text, 'policy: "p"\nfile: "f"')
    if changed is not None:
        rest = changed
        for line in text.splitlines():
            at = rest.find(line)
            assert at >= 0
            rest = rest[at + len(line) :]


SPANS = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 8)), max_size=12)


@given(SPANS, st.integers(1, 40))
def test_the_index_gives_every_comment_around_a_line_whose_things_nest(spans, line):
    nested = [(a, a + b) for a, b in spans]
    nested = [x for x in nested if not any(x[0] < y[0] <= x[1] < y[1] for y in nested)]
    allowed = next(iter(parse("allow a until=2027-01-01 reason=r", 1, 1)))
    place = Place(START, "f#waiver")
    waivers = [Waiver(allowed, "f", place, "comment", lines) for lines in nested]
    found = runs.finding(policy="a", file="f", place=Place(Span(line, 1, line, 2), "x"))
    around = list(Index(waivers).about(found))
    assert sorted(w.lines for w in around) == sorted(w.lines for w in waivers if w.covers(found))
