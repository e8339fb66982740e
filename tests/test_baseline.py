"""The baseline: what it accepts, what it does not hide, and that nothing of it is lost."""

import json
import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from cli import kerp_policy, write
from harness import FIXTURES
from kerp_policy import files
from kerp_policy.baseline.file import as_text, load_baseline, parsed, save_baseline
from kerp_policy.baseline.follow import likeness, outline
from kerp_policy.baseline.model import FILE, Baseline, Entry
from kerp_policy.baseline.record import record, update
from kerp_policy.config import Config
from kerp_policy.errors import UsageError
from kerp_policy.run import judge_all, run
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.standard import standard_of
from repository import BAD, GOOD, Repository

DOCKERFILE = f"{BAD}RUN wget --no-check-certificate https://example.com/a.tar\n"
WGET = DOCKERFILE.splitlines()[-1]
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: tool
spec:
  containers:
    - name: one
      image: example.com/tool:latest
    - name: two
      image: example.com/tool:1.0.0
"""
STANDARD = standard_of(Config())


def only(*policies):
    chosen = [p for p in STANDARD.policies if p.id in (*policies, "unreadable", "not-judged")]
    return replace(STANDARD, policies=tuple(chosen))


def whole(folder, standard=STANDARD):
    return judge_all(WorkingTree(folder), [folder], standard)


def accept(folder, standard=STANDARD):
    baseline = record(whole(folder, standard), None).baseline
    save_baseline(folder, baseline)
    return baseline


def checked(folder, baseline, standard=STANDARD):
    return run(WorkingTree(folder), [folder], replace(standard, baseline=baseline))


def new(result):
    return [(f.file, f.place.span.line, f.policy) for f in result.open if f.verdict == "fail"]


def debt(result):
    return [
        (f.file, f.policy)
        for f in result.findings
        if f.suppression and f.suppression.kind == "baseline"
    ]


def entries(folder):
    found = json.loads((folder / FILE).read_text())["findings"]
    return [(entry["policy"], entry["address"]) for entry in found]


def check(folder, *options, select="image-tls", cwd=None):
    return kerp_policy("check", "--select", select, *options, cwd=cwd or folder)


def baseline(folder, *arguments):
    return kerp_policy("baseline", *arguments, cwd=folder)


def test_what_was_there_is_debt_and_what_is_new_fails(tmp_path):
    write(tmp_path, {"Dockerfile": BAD})
    done = baseline(tmp_path, "write")
    assert (done.code, done.out) == (0, f"wrote {FILE}: 2 findings accepted, in 1 file\n")
    outcome = check(tmp_path)
    assert (outcome.code, outcome.out) == (
        0,
        "1 Dockerfile looked at: 0 errors, 0 warnings, 0 unverified, 1 debt\n",
    )
    write(tmp_path, {"Dockerfile": f"{BAD}RUN curl -k https://example.org\n"})
    outcome = check(tmp_path, "--format", "json")
    assert outcome.code == 1
    told = [(f["line"], f["status"]) for f in outcome.findings]
    assert told == [(3, "baseline"), (4, "open")]


def test_one_entry_takes_back_one_finding(tmp_path):
    """Two in one RUN are told apart by nothing but their number."""
    line = "RUN curl -k https://example.com\n"
    write(tmp_path, {"Dockerfile": BAD})
    accepted = accept(tmp_path, only("image-tls"))
    both = "RUN curl -k https://example.com && curl -k https://example.com\n"
    write(tmp_path, {"Dockerfile": BAD.replace(line, both)})
    twice = accept(tmp_path, only("image-tls"))
    assert [entry.times for entry in accepted.entries] == [1]
    assert twice.total == 2
    fewer = replace(twice, entries=tuple(replace(entry, times=1) for entry in twice.entries[:1]))
    result = checked(tmp_path, fewer, only("image-tls"))
    assert (len(new(result)), len(debt(result))) == (1, 1)


def test_of_two_of_one_name_the_one_that_was_there_is_the_debt(tmp_path):
    standard = only("pinned-image")
    write(tmp_path, {"b.yaml": POD})
    accepted = accept(tmp_path, standard)
    assert accepted.total == 1
    write(tmp_path, {"a.yaml": POD})
    result = checked(tmp_path, accepted, standard)
    assert debt(result) == [("b.yaml", "pinned-image")]
    assert [file for file, _, _ in new(result)] == ["a.yaml"]


def test_a_failure_that_can_no_longer_be_seen_stays_debt(tmp_path):
    standard, root = only("run-as-uid"), "securityContext: {runAsUser: 0}"
    pod = POD.replace("spec:\n", f"spec:\n  {root}\n")
    write(tmp_path, {"pod.yaml": pod})
    accepted = accept(tmp_path, standard)
    assert accepted.total == 1
    write(tmp_path, {"pod.yaml": pod.replace("runAsUser: 0", 'runAsUser: "${USER_ID}"')})
    result = checked(tmp_path, accepted, standard)
    assert [f.verdict for f in result.findings] == ["unverified"]
    assert debt(result) == [("pod.yaml", "run-as-uid")]
    assert result.fixed == 0
    assert update(accepted, whole(tmp_path, standard)).baseline.total == 1


def test_what_is_unverified_is_not_accepted(tmp_path):
    standard = only("pinned-image")
    write(tmp_path, {"pod.yaml": POD.replace("tool:latest", "tool:${TAG}")})
    assert accept(tmp_path, standard).entries == ()


def test_a_secret_and_what_cannot_be_read_are_not_accepted(tmp_path):
    env = "      env: [{name: DB_PASSWORD, value: hunter2-and-more}]\n"
    write(tmp_path, {"pod.yaml": POD + env, "broken.yaml": "a: [\n"})
    done = baseline(tmp_path, "write")
    assert done.code == 0
    assert "left out: 2, which cannot be accepted\n" in done.out
    assert "\n  broken.yaml:2:1  unreadable\n" in done.out
    assert "\n  pod.yaml:11:33  env-secret\n" in done.out
    assert {"unreadable", "env-secret"}.isdisjoint(policy for policy, _ in entries(tmp_path))
    assert "hunter2" not in (tmp_path / FILE).read_text()
    assert check(tmp_path, select="env-secret").code == 1


def test_an_entry_written_by_hand_accepts_no_secret(tmp_path):
    env = "      env: [{name: DB_PASSWORD, value: hunter2-and-more}]\n"
    write(tmp_path, {"pod.yaml": POD + env})
    [finding] = [f for f in whole(tmp_path).findings if f.policy == "env-secret"]
    entry = Entry("env-secret", "pod.yaml", finding.place.address, finding.subject)
    result = checked(tmp_path, Baseline("kerp", entries=(entry,)))
    assert "env-secret" in [policy for _, _, policy in new(result)]


def test_a_waiver_goes_before_debt_which_then_is_not_needed(tmp_path):
    write(tmp_path, {"pod.yaml": POD})
    accepted = accept(tmp_path, only("pinned-image"))
    waiver = '      # kerp-policy: allow pinned-image until=2027-02-28 reason="OPS-412"\n'
    write(tmp_path, {"pod.yaml": POD.replace("      image", f"{waiver}      image", 1)})
    today = {"SOURCE_DATE_EPOCH": "1795392000"}  # 2026-11-23
    outcome = kerp_policy(
        "check", "--format", "json", "--select", "pinned-image", cwd=tmp_path, **today
    )
    assert [f["status"] for f in outcome.findings] == ["waived"]
    assert outcome.report["summary"]["fixed"] == accepted.total == 1


def test_what_is_fixed_is_told_and_taken_out_and_nothing_is_added(tmp_path):
    write(tmp_path, {"Dockerfile": DOCKERFILE})
    baseline(tmp_path, "write")
    before = entries(tmp_path)
    write(tmp_path, {"Dockerfile": DOCKERFILE.replace(WGET, "RUN apk add bash")})
    outcome = check(tmp_path)
    assert outcome.code == 0
    assert "1 accepted finding is fixed or waived: run kerp-policy baseline update\n" in outcome.out
    done = baseline(tmp_path, "update")
    assert (done.code, done.out) == (0, f"{FILE}: 1 finding taken out, {len(before) - 1} left\n")
    assert set(entries(tmp_path)) < set(before)
    assert "update" not in check(tmp_path).out


def test_update_writes_nothing_where_nothing_changed(tmp_path):
    write(tmp_path, {"Dockerfile": DOCKERFILE})
    baseline(tmp_path, "write")
    before = (tmp_path / FILE).stat().st_mtime_ns
    assert baseline(tmp_path, "update").out == f"{FILE}: nothing taken out, 3 left\n"
    assert (tmp_path / FILE).stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "options", [["api"], ["--ignore", "image-tls"], ["--environment", "production"]]
)
def test_what_was_not_asked_for_is_not_taken_for_fixed(tmp_path, options):
    write(tmp_path, {"Dockerfile": BAD, "api/Dockerfile": GOOD})
    baseline(tmp_path, "write")
    write(tmp_path, {"Dockerfile": GOOD})
    summary = check(tmp_path, "--format", "json", *options).report["summary"]
    assert summary["fixed"] == 0
    assert check(tmp_path, "--format", "json").report["summary"]["fixed"] == 1


def test_a_file_that_cannot_be_read_keeps_its_debt(tmp_path):
    write(tmp_path, {"pod.yaml": POD, "Dockerfile": BAD})
    accepted = accept(tmp_path)
    write(tmp_path, {"pod.yaml": "a: [\n", "Dockerfile": b"\xff\xfe"})
    result = checked(tmp_path, accepted)
    assert result.fixed == 0
    assert update(accepted, whole(tmp_path)).baseline == accepted


def test_policies_that_the_standard_leaves_out_keep_their_debt(tmp_path):
    write(tmp_path, {"pod.yaml": POD})
    accepted = accept(tmp_path)
    less = whole(tmp_path, only("pinned-image"))
    assert update(accepted, less).baseline.entries == accepted.entries
    gone = Entry("no-such-policy", "pod.yaml", "Pod/-/tool:spec")
    more = replace(accepted, entries=(*accepted.entries, gone))
    assert update(more, whole(tmp_path)).baseline.entries == accepted.entries


def test_a_consequence_stays_debt_when_its_cause_is_mended(tmp_path):
    tree = FIXTURES / "kerp"
    files = {p.relative_to(tree).as_posix(): p.read_bytes() for p in tree.rglob("*") if p.is_file()}
    write(tmp_path, files)
    (tmp_path / "expected.yaml").unlink()
    standard = replace(STANDARD, policies=tuple(p for p in STANDARD.policies if p.waivable))
    accepted = accept(tmp_path, standard)
    every = whole(tmp_path, standard)
    assert any(finding.consequence_of for finding in every.findings)
    assert new(checked(tmp_path, accepted, standard)) == []
    assert accepted.total == sum(f.verdict == "fail" for f in dict.fromkeys(every.findings))


def test_update_follows_a_file_that_was_renamed_and_edited(tmp_path):
    write(tmp_path, {"Dockerfile": DOCKERFILE + "".join(f"ENV A{i}=1\n" for i in range(20))})
    baseline(tmp_path, "write")
    text = (tmp_path / "Dockerfile").read_text()
    (tmp_path / "Dockerfile").unlink()
    write(tmp_path, {"api/Dockerfile": text.replace(f"{WGET}\n", "").replace("A3=1", "A3=2")})
    assert check(tmp_path).code == 1
    done = baseline(tmp_path, "update")
    assert done.out.splitlines()[0] == "Dockerfile is now api/Dockerfile"
    assert check(tmp_path).code == 0
    assert all(address.startswith("api/Dockerfile#") for _, address in entries(tmp_path))


def test_another_file_with_the_same_breach_is_not_the_renamed_one(tmp_path):
    lines = "".join(f"RUN echo {i}\n" for i in range(9))
    write(tmp_path, {"old/Dockerfile": BAD + lines})
    baseline(tmp_path, "write")
    (tmp_path / "old/Dockerfile").unlink()
    write(tmp_path, {"new/Dockerfile": BAD + lines.replace("echo", "printf")})
    assert "is now" not in baseline(tmp_path, "update").out
    assert check(tmp_path).code == 1


def test_a_copy_brings_no_debt(tmp_path):
    write(tmp_path, {"Dockerfile": BAD})
    baseline(tmp_path, "write")
    write(tmp_path, {"api/Dockerfile": BAD})
    assert baseline(tmp_path, "update").out == f"{FILE}: nothing taken out, 2 left\n"
    outcome = check(tmp_path, "--format", "json")
    assert [(f["file"], f["status"]) for f in outcome.findings] == [
        ("Dockerfile", "baseline"),
        ("api/Dockerfile", "open"),
    ]


def test_no_outline_is_kept_of_a_file_that_holds_a_secret(tmp_path):
    secret = "ENV DB_PASSWORD=hunter2-and-more\n"
    write(tmp_path, {"Dockerfile": BAD + secret, "api/Dockerfile": BAD})
    assert list(accept(tmp_path).outlines) == ["api/Dockerfile"]


def test_an_outline_does_not_tell_secrets_apart():
    texts = [f"FROM scratch\nARG API_TOKEN={word}\n".encode() for word in ("tomato-9", "potato-7")]
    assert len({outline(Source("Dockerfile", text)) for text in texts}) == 1


LINES = st.lists(st.text("abc =/0é ", max_size=9), max_size=40)


@given(LINES, st.randoms())
def test_an_outline_knows_a_file_whatever_its_order_and_line_ends(lines, random):
    first = outline(Source("a.sh", "\n".join(lines).encode()))
    random.shuffle(lines)
    assert first == outline(Source("a.sh", "\r\n".join(f"  {row}" for row in lines).encode()))
    assert likeness(first, first) == bool(first)


def test_show_tells_the_debt_by_file_and_policy(tmp_path):
    write(tmp_path, {"Dockerfile": DOCKERFILE, "pod.yaml": POD})
    accept(tmp_path, only("image-tls", "pinned-image"))
    text = "Dockerfile\n     2  image-tls\npod.yaml\n     1  pinned-image\n3 findings in 2 files\n"
    assert baseline(tmp_path, "show").out == text
    shown = baseline(tmp_path, "show", "--format", "json").report
    assert shown["total"] == 3
    assert shown["debt"][0] == {"file": "Dockerfile", "policy": "image-tls", "count": 2}


def test_write_does_not_overwrite(tmp_path):
    write(tmp_path, {"Dockerfile": BAD})
    baseline(tmp_path, "write")
    before = (tmp_path / FILE).read_bytes()
    write(tmp_path, {"Dockerfile": DOCKERFILE})
    done = baseline(tmp_path, "write")
    assert done.code == 2
    assert f"{FILE}: exists already; run kerp-policy baseline update" in done.err
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("command", ["update", "show"])
def test_without_a_baseline_there_is_nothing_to_update_or_show(tmp_path, command):
    write(tmp_path, {"Dockerfile": BAD})
    done = baseline(tmp_path, command)
    assert done.code == 2
    assert f"{FILE}: there is none; kerp-policy baseline write makes one" in done.err


def test_where_nothing_fails_no_baseline_is_written(tmp_path):
    write(tmp_path, {"README.md": "none\n"})
    assert baseline(tmp_path, "write").code == 0
    assert not (tmp_path / FILE).exists()


def test_the_environment_that_was_assumed_is_assumed_by_update(tmp_path):
    write(tmp_path, {"pod.yaml": POD})
    assert baseline(tmp_path, "write", "--environment", "production").code == 0
    before = (tmp_path / FILE).read_bytes()
    assert json.loads(before)["environment"] == "production"
    assert "nothing taken out" in baseline(tmp_path, "update").out
    assert (tmp_path / FILE).read_bytes() == before
    assert baseline(tmp_path, "write", "--environment", "prod").code == 2


def test_a_change_is_held_to_the_baseline(tmp_path):
    repository = Repository(tmp_path)
    repository.commit({"Dockerfile": BAD, "old/Dockerfile": GOOD})
    baseline(tmp_path, "write")
    repository.commit()
    repository.stage({"Dockerfile": f"# moved down\n{DOCKERFILE}"})
    for options in (["--staged"], ["--changed-since", "HEAD"]):
        outcome = check(tmp_path, "--format", "json", *options)
        told = [(f["line"], f["status"]) for f in outcome.findings]
        assert told == [(4, "baseline"), (5, "open")]
        assert outcome.report["summary"]["older"] == 0


def test_in_a_change_a_file_that_moved_keeps_its_debt(tmp_path):
    repository = Repository(tmp_path)
    repository.commit({"Dockerfile": BAD})
    baseline(tmp_path, "write")
    repository.commit()
    repository.git("mv", "Dockerfile", "Containerfile")
    outcome = check(tmp_path, "--format", "json", "--staged")
    assert (outcome.code, outcome.findings) == (0, [])
    assert outcome.report["summary"]["older"] == 1


def test_in_a_change_the_finding_that_has_no_entry_is_the_new_one(tmp_path):
    repository = Repository(tmp_path)
    repository.commit({"b.yaml": POD})
    baseline(tmp_path, "write")
    repository.commit()
    repository.stage({"a.yaml": POD})
    outcome = check(tmp_path, "--format", "json", "--staged", select="pinned-image")
    told = [(f["file"], f["status"]) for f in outcome.findings]
    assert told == [("a.yaml", "open"), ("b.yaml", "baseline")]


def test_standard_input_is_held_to_the_baseline(tmp_path):
    write(tmp_path, {"pod.yaml": POD})
    baseline(tmp_path, "write")
    done = kerp_policy("check", "-", "--select", "pinned-image", cwd=tmp_path, stdin=POD.encode())
    assert done.code == 0
    assert "1 debt" in done.out


GOOD_FILE = as_text(
    Baseline(
        "kerp",
        entries=(
            Entry("image-tls", "Dockerfile", "Dockerfile#a"),
            Entry("image-tls", "Dockerfile", "Dockerfile#b", times=2),
        ),
    )
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD_FILE.replace('"format": 1', '"format": 2'), ": has format 2, and this version reads"),
        (GOOD_FILE[:120], ":6:49: the file ends within this, as if cut off; take the last good"),
        ("", ":1:1: the file ends within this, as if cut off"),
        ("<<<<<<< HEAD\n" + GOOD_FILE, ":1:1: is no JSON: Expecting value"),
        (GOOD_FILE.replace('"policy"', '"polcy"', 1), ':6:6: unknown field "polcy" in findings[0]'),
        (GOOD_FILE.replace('"profile": "kerp"', '"profile": 3'), ":3:"),
        (GOOD_FILE.replace('"times": 2', '"times": 0'), ":7:78: times is 0; expected at least 1"),
        (GOOD_FILE.replace("#b", "#a"), ":7:5: says the same as findings[0]; expected"),
        (GOOD_FILE.replace('"times": 2', '"times": 2, "times": 3'), ":7:"),
        ("[]", ":1:1: "),
        ('{"format": 1}', ":1:1: required field"),
        ('{"format": 1' + "0" * 5000 + "}", ": is no baseline"),
        ("[" * 100_000, ": is no baseline"),
        (b"\xff\xfe\x00", ": is "),
    ],
)  # fmt: skip
def test_a_baseline_that_is_not_valid_is_told_with_its_place(tmp_path, text, message):
    write(tmp_path, {"Dockerfile": BAD, FILE: text})
    for arguments in (
        ["check"],
        ["baseline", "update"],
        ["baseline", "show"],
        ["baseline", "write"],
    ):
        outcome = kerp_policy(*arguments, cwd=tmp_path)
        assert (outcome.code, outcome.out) == (2, "")
        assert f"{FILE}{message}" in outcome.err
    content = text.encode() if isinstance(text, str) else text
    assert (tmp_path / FILE).read_bytes() == content


def test_a_baseline_of_100_mb_is_not_read(tmp_path):
    write(tmp_path, {"Dockerfile": BAD})
    with (tmp_path / FILE).open("wb") as stream:
        stream.truncate(100 * 2**20)
    outcome = check(tmp_path)
    assert outcome.code == 2
    assert f"{FILE}: has 100 MiB; files over 10 MiB are not read" in outcome.err


def test_millions_of_entries_are_not_looked_at():
    text = GOOD_FILE.replace('"findings": [', '"findings": [' + "{}," * 200_000)
    with pytest.raises(UsageError, match="holds more than 100000 entries, which are not read"):
        parsed(text, FILE)


@pytest.mark.parametrize("target", ["elsewhere.json", "/etc/passwd", FILE, "nowhere"])
def test_a_link_is_no_baseline(tmp_path, target):
    write(tmp_path, {"Dockerfile": BAD, "elsewhere.json": GOOD_FILE})
    (tmp_path / FILE).symlink_to(target)
    for arguments in (["check"], ["baseline", "update"], ["baseline", "write"]):
        outcome = kerp_policy(*arguments, cwd=tmp_path)
        assert outcome.code == 2
        assert f"{FILE}: " in outcome.err
        assert "link" in outcome.err or "circle" in outcome.err


def test_a_pipe_is_no_baseline(tmp_path):
    write(tmp_path, {"Dockerfile": BAD})
    os.mkfifo(tmp_path / FILE)
    outcome = check(tmp_path)
    assert (outcome.code, f"{FILE}: is no regular file" in outcome.err) == (2, True)


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    save_baseline(tmp_path, parsed(GOOD_FILE, FILE))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_create", full)
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        save_baseline(tmp_path, Baseline("kerp"))
    assert (tmp_path / FILE).read_text() == GOOD_FILE
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


TEXTS = st.text(max_size=20)
ENTRIES = st.builds(Entry, TEXTS, TEXTS, TEXTS, TEXTS, st.integers(1, 1000))


@given(
    st.lists(ENTRIES, unique_by=lambda entry: astuple(entry)[:4]),
    st.dictionaries(TEXTS, st.just("0" * 8)),
)
def test_what_is_written_is_read_again(entries, outlines):
    written = Baseline("kerp", "production", outlines, tuple(entries))
    text = as_text(written).encode("utf-8", "backslashreplace").decode()
    assert parsed(text, FILE) == written
    assert text.count("\n") >= len(entries) + len(outlines)


@given(st.text() | st.from_regex(r'\{"format": 1, "(profile|findings|outlines)": [\[{]?'))
def test_no_text_is_too_bad_to_be_told(text):
    with suppress(UsageError):
        parsed(text, FILE)


SHELL = "#!/bin/sh\nset -eu\ncurl -k https://example.com\ncp $1 /tmp\n"
DOCUMENTS = [
    POD,
    POD.replace("name: tool", "name: other"),
    "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n",
]


@st.composite
def rewritten(draw):
    """The same files, as another editor would have written them."""
    documents = draw(st.permutations(DOCUMENTS))
    cut = draw(st.integers(0, len(documents)))
    files = {"b.yaml": documents[:cut], "a.yaml": documents[cut:]}
    texts = {name: "---\n".join(some) for name, some in files.items() if some}
    texts |= {"Dockerfile": DOCKERFILE, "run.sh": SHELL}
    end = draw(st.sampled_from(["\n", "\r\n"]))
    for name, text in texts.items():
        lines = text.splitlines()
        for at in sorted(draw(st.sets(st.integers(1, len(lines)), max_size=4)), reverse=True):
            lines.insert(at, draw(st.sampled_from(["", "# a comment", "#"])))
        texts[name] = (end if name != "run.sh" else "\n").join(lines) + "\n"
    return texts


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(rewritten())
def test_however_the_files_are_written_nothing_new_fails(texts):
    with TemporaryDirectory() as name:
        folder = write(
            Path(name),
            {"a.yaml": "---\n".join(DOCUMENTS), "Dockerfile": DOCKERFILE, "run.sh": SHELL},
        )
        accepted = accept(folder)
        (folder / "a.yaml").unlink()
        result = checked(write(folder, texts), accepted)
        assert new(result) == []
        assert result.fixed == 0
        assert len(debt(result)) == accepted.total
        assert load_baseline(folder) == accepted
