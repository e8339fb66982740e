"""Changes that would have themselves judged by what they bring, and a revision that is trusted."""

import json

import pytest

from cli import kerp_policy, write
from kerp_policy.baseline.file import as_text
from kerp_policy.baseline.record import record
from kerp_policy.config import Config
from kerp_policy.run import judge_all
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.standard import standard_of
from repository import API, BAD, GOOD, TLS, Repository

TODAY = {"SOURCE_DATE_EPOCH": "1795392000"}  # 2026-11-23
BREACH = ("Dockerfile", 3, TLS)
LAX = """\
title: Lax
extends: kerp
policies: {image-tls: {severity: info}}
"""
OWN = """\
title: A policy of a team
each: image
message: is not as we like it
require: {instructions: {minItems: 99}}
"""


@pytest.fixture(name="repository")
def _repository(tmp_path):
    return Repository(tmp_path / "repository")


def allow(policy, reason="it is fine", until="2027-03-01", more=""):
    return f'# kerp-policy: allow {policy} until={until} reason="{reason}"{more}\n'


def waived(dockerfile=BAD, **how):
    return dockerfile.replace("RUN", f"{allow('image-tls', **how)}RUN", 1)


def check(repository, *options, select="image-tls", cwd=".", ref="main", **environment):
    arguments = ("check", "--format", "json", "--trust", ref, "--select", select, *options)
    return kerp_policy(*arguments, cwd=repository.folder / cwd, **TODAY, **environment)


def told(outcome):
    """What is open."""
    return [(f["file"], f["line"], f["message"]) for f in outcome.findings if f["status"] == "open"]


def brought(outcome):
    return [f"{b['file']}:{b['line']}: {b['what']}" for b in outcome.report["trust"]["brought"]]


def change(repository, before, after, *options, **how):
    """Judge what a branch brings, as it lies in the folder, by what main holds."""
    repository.commit(before)
    repository.git("switch", "--quiet", "--create", "hostile")
    repository.commit(after)
    return check(repository, *options, **how)


CONFIG = ".kerp-policy.yaml"
HOSTILE = {
    "a waiver with the breach": (
        {"Dockerfile": GOOD},
        {"Dockerfile": waived()},
        ["Dockerfile:3: a waiver of image-tls until 2027-03-01: it is fine"],
    ),
    "a waiver in the configuration": (
        {"Dockerfile": GOOD},
        {
            "Dockerfile": BAD,
            CONFIG: "waivers:\n  - {policy: image-tls, file: '**', reason: r, until: 2027-01-01}\n",
        },
        [
            f'{CONFIG}:2: waivers: {{policy: "image-tls", file: "**", reason: "r", '
            'until: "2027-01-01"}'
        ],
    ),
    "a laxer profile": (
        {"Dockerfile": GOOD, CONFIG: "policies: [rules]\nprofile: ours\n",
         "rules/profiles/ours.yaml": LAX.replace("info", "error")},
        {"Dockerfile": BAD, "rules/profiles/ours.yaml": LAX},
        ["rules/profiles/ours.yaml:1: a file that has changed"],
    ),
    "another profile": (
        {"Dockerfile": GOOD},
        {"Dockerfile": BAD, CONFIG: "policies: [rules]\nprofile: lax\n",
         "rules/profiles/lax.yaml": LAX},
        [f"{CONFIG}:1: policies: rules", f"{CONFIG}:2: profile: lax"],
    ),
    "a file that is excluded": (
        {"Dockerfile": GOOD},
        {"Dockerfile": BAD, CONFIG: "exclude: [docs/, Dockerfile]\n"},
        [f"{CONFIG}:1: exclude: docs/", f"{CONFIG}:1: exclude: Dockerfile"],
    ),
    "a folder of fixtures": (
        {"Dockerfile": GOOD},
        {"rules/fixtures/Dockerfile": BAD, CONFIG: "policies: [rules]\n",
         "rules/profiles/lax.yaml": LAX},
        [f"{CONFIG}:1: policies: rules"],
    ),
    "a policy that names os.system": (
        {"Dockerfile": GOOD},
        {"Dockerfile": BAD, CONFIG: "policies: [rules]\n",
         "rules/dockerfile/own.yaml": OWN.replace("require: {instructions: {minItems: 99}}",
                                                  "check: os.system")},
        [f"{CONFIG}:1: a standard that is not valid: rules/dockerfile/own.yaml:"],
    ),
    "a policy with the name of one that ships": (
        {"Dockerfile": GOOD, CONFIG: "policies: [rules]\n",
         "rules/profiles/lax.yaml": LAX},
        {"Dockerfile": BAD, "rules/dockerfile/image-tls.yaml": OWN},
        [f"{CONFIG}:1: a standard that is not valid: rules/dockerfile/image-tls.yaml:"],
    ),
    "no configuration any more": (
        {"Dockerfile": GOOD, CONFIG: "profile: kerp\nfail-on: warning\n"},
        {"Dockerfile": BAD, CONFIG: ""},
        [f"{CONFIG}:1: fail-on: without warning", f"{CONFIG}:1: profile: without kerp"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("options", [[], ["--changed-since", "main"]])
@pytest.mark.parametrize("case", HOSTILE)
def test_what_a_change_brings_to_be_judged_by_does_not_count(repository, case, options):
    before, after, expected = HOSTILE[case]
    outcome = change(repository, before, after, *options)
    assert outcome.code == 1
    assert [(line, message) for _, line, message in told(outcome)] in (
        [(3, TLS)],
        [(4, TLS)],
    ), outcome.err
    assert len(brought(outcome)) == len(expected)
    for one, start in zip(brought(outcome), expected, strict=True):
        assert one.startswith(start)


@pytest.mark.parametrize("case", sorted(HOSTILE.keys() - {"no configuration any more"}))
def test_each_would_pass_or_be_refused_without_a_revision_that_is_trusted(repository, case):
    before, after, _ = HOSTILE[case]
    repository.commit({**before, **after})
    outcome = kerp_policy("check", "--select=image-tls", cwd=repository.folder, **TODAY)
    assert outcome.code != 1


SERVICE_ACCOUNT = API.replace("    spec:\n", "    spec:\n      serviceAccountName: api\n")
EXTERNAL = "externals:\n  - {name: ServiceAccount/kerp-prod/api, reason: elsewhere}\n"


def test_an_external_does_not_hide_a_name_that_dangles(repository):
    options = ("--strict",)
    names = "declared-service-account"
    after = {"api.yaml": SERVICE_ACCOUNT, CONFIG: EXTERNAL}
    outcome = change(repository, {"Dockerfile": GOOD}, after, *options, select=names)
    assert outcome.code == 1, outcome.out
    assert [f for f, _, _ in told(outcome)] == ["api.yaml"]
    [external] = brought(outcome)
    assert external.startswith(f'{CONFIG}:2: externals: {{name: "ServiceAccount/kerp-prod/api"')
    repository.git("branch", "--force", "trusted")
    assert check(repository, *options, select=names, ref="trusted").code == 0


def test_the_least_severity_that_fails_is_that_of_the_revision(repository):
    warning = {"Dockerfile": GOOD, CONFIG: "fail-on: info\n"}
    outcome = change(
        repository,
        warning,
        {"api.yaml": API, CONFIG: "fail-on: error\n"},
        select="disruption-budget",
    )
    assert outcome.code == 1
    assert brought(outcome) == [f"{CONFIG}:1: fail-on: error"]


def test_a_waiver_that_the_revision_has_counts_wherever_its_lines_are(repository):
    repository.commit({"Dockerfile": waived()})
    for after in (waived(), f"# moved\n\n{waived()}", waived(more=" owner=platform")):
        repository.stage({"Dockerfile": after})
        outcome = check(repository)
        assert (outcome.code, told(outcome), brought(outcome)) == (0, [], [])
        assert [finding["status"] for finding in outcome.findings] == ["waived"]


@pytest.mark.parametrize(
    "how", [{"reason": "other"}, {"until": "2027-03-02"}, {"more": " value=0123456789ab"}]
)
def test_a_waiver_that_says_something_else_is_another(repository, how):
    outcome = change(repository, {"Dockerfile": waived(**how)}, {"Dockerfile": waived()})
    assert (outcome.code, len(brought(outcome))) == (1, 1)


def test_a_waiver_that_covers_more_than_it_did_covers_what_it_did(repository):
    lines = waived().splitlines(keepends=True)
    above = "".join([lines[2], *lines[:2], *lines[3:]])
    after = {"Dockerfile": f"{above}RUN curl -k https://example.org\n"}
    outcome = change(repository, {"Dockerfile": waived()}, after)
    assert told(outcome) == [("Dockerfile", 5, TLS)]
    assert len(brought(outcome)) == 1


def test_a_file_that_moves_takes_its_waiver_along_once(repository):
    repository.commit({"Dockerfile": waived(), "k8s/api.yaml": allow("disruption-budget") + API})
    repository.git("mv", "Dockerfile", "web.Dockerfile")
    repository.git("mv", "k8s", "deployments")
    both = "image-tls,disruption-budget"
    outcome = check(repository, select=both)
    assert (outcome.code, told(outcome), brought(outcome)) == (0, [], [])
    assert len(outcome.findings) == 2
    repository.stage({"copy/Dockerfile": waived()})
    again = check(repository, select=both)
    assert [(line, message) for _, line, message in told(again)] == [(4, TLS)]


def test_a_copy_is_not_what_it_is_copied_from(repository):
    privileged = API.replace(
        "        - name: api\n",
        f"        {allow('privileged')}        - name: api\n"
        "          securityContext: {privileged: true}\n",
    )
    repository.commit({"b.yaml": privileged})
    repository.stage({"a.yaml": privileged})
    for paths in ([], ["a.yaml"]):
        outcome = check(repository, *paths, select="privileged")
        assert [file for file, _, _ in told(outcome)] == ["a.yaml"]
    repository.git("rm", "--quiet", "-f", "b.yaml")
    assert told(check(repository, select="privileged")) == []


def test_a_file_that_moves_does_not_take_a_new_breach_under_its_waiver(repository):
    stage = f"{allow('image-tls')}{BAD}"
    repository.commit({"Dockerfile": stage})
    repository.git("mv", "Dockerfile", "web.Dockerfile")
    repository.stage({"web.Dockerfile": f"{stage}RUN curl -k https://example.org\n"})
    outcome = check(repository)
    assert (outcome.code, told(outcome)) == (1, [("web.Dockerfile", 5, TLS)])


def test_old_debt_that_a_change_waives_is_not_new_and_not_waived(repository):
    outcome = change(
        repository, {"Dockerfile": BAD}, {"Dockerfile": waived()}, "--changed-since", "main"
    )
    assert (outcome.code, told(outcome)) == (0, [])
    assert outcome.report["summary"]["older"] == 1
    assert len(brought(outcome)) == 1


def baseline(repository):
    """What a baseline says that accepts what lies in the folder."""
    folder = repository.folder
    run = judge_all(WorkingTree(folder), [folder], standard_of(Config()))
    return as_text(record(run, None).baseline)


BASELINE = ".kerp-policy-baseline.json"


def test_a_baseline_does_not_grow_by_a_change(repository):
    write(repository.folder, {"Dockerfile": BAD})
    repository.commit({BASELINE: baseline(repository)})
    known = check(repository)
    assert (known.code, [f["status"] for f in known.findings]) == (0, ["baseline"])
    write(repository.folder, {"Dockerfile": f"{BAD}RUN curl -k https://example.org\n"})
    repository.stage({BASELINE: baseline(repository)})
    assert kerp_policy("check", "--select=image-tls", cwd=repository.folder).code == 0
    outcome = check(repository)
    assert (outcome.code, told(outcome)) == (1, [("Dockerfile", 4, TLS)])
    [one] = brought(outcome)
    assert one.startswith(f"{BASELINE}:1: accepts image-tls at Dockerfile#stage[-1].RUN(")


def test_a_file_that_moves_takes_its_debt_along(repository):
    write(repository.folder, {"Dockerfile": BAD})
    repository.commit({BASELINE: baseline(repository)})
    repository.git("mv", "Dockerfile", "web.Dockerfile")
    old = (repository.folder / BASELINE).read_text()
    for text in (old, baseline(repository)):
        repository.stage({BASELINE: text})
        outcome = check(repository)
        assert (outcome.code, [f["status"] for f in outcome.findings]) == (0, ["baseline"])
        assert brought(outcome) == []


def test_what_is_staged_counts_and_not_the_folder(repository):
    repository.commit({"Dockerfile": GOOD})
    repository.stage({"Dockerfile": waived(), CONFIG: "exclude: [Dockerfile]\n"})
    write(repository.folder, {"Dockerfile": GOOD, CONFIG: ""})
    outcome = check(repository, "--staged")
    assert told(outcome) == [("Dockerfile", 4, TLS)]
    assert [one.partition(":")[0] for one in brought(outcome)] == [CONFIG, "Dockerfile"]


def test_staged_changes_on_a_branch_are_not_blamed_for_what_it_brought_before(repository):
    change(repository, {"Dockerfile": GOOD}, {"Dockerfile": waived()})
    repository.stage({"other.Dockerfile": GOOD})
    outcome = check(repository, "--staged")
    assert (outcome.code, told(outcome)) == (0, [])
    assert outcome.report["summary"]["older"] == 1


def test_a_configuration_in_a_subfolder_does_not_become_the_project(repository):
    lax = {"app/.kerp-policy.yaml": "exclude: [Dockerfile]\n", "app/Dockerfile": BAD}
    outcome = change(repository, {"Dockerfile": GOOD}, lax, "app")
    assert (outcome.code, told(outcome)) == (1, [("app/Dockerfile", 3, TLS)])
    inside = check(repository, cwd="app")
    assert (inside.code, told(inside)) == (1, [("app/Dockerfile", 3, TLS)])


@pytest.mark.parametrize("name", [CONFIG, "pyproject.toml"])
def test_a_project_below_the_top_of_the_repository(repository, name):
    table = '[tool.kerp-policy]\npolicies = ["rules"]\nprofile = "ours"\n'
    text = {CONFIG: "policies: [rules]\nprofile: ours\n", "pyproject.toml": table}
    rules = {"app/rules/profiles/ours.yaml": LAX.replace("info", "error")}
    before = {f"app/{name}": text[name], **rules, "app/Dockerfile": GOOD}
    repository.commit(before)
    (repository.folder / "app" / name).unlink()
    repository.commit({"app/Dockerfile": BAD})
    outcome = check(repository, "app", ref="HEAD~1")
    assert (outcome.code, told(outcome)) == (1, [BREACH])
    assert {one.partition(":")[0] for one in brought(outcome)} == {CONFIG}


def test_a_revision_without_any_configuration(repository):
    repository.commit({})
    repository.commit({"Dockerfile": BAD, CONFIG: "profile: kerp\n"})
    outcome = check(repository, ref="HEAD~1")
    assert (outcome.code, told(outcome)) == (1, [BREACH])
    assert brought(outcome) == [f"{CONFIG}:1: profile: kerp"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({CONFIG: "policies: [rules]\n"}, "1:12: policies: there is no folder rules"),
        ({CONFIG: "profil: x\n"}, "1:1: "),
        ({CONFIG: "waivers: [{policy: replicas, file: a, reason: r, until: soon}]\n"}, "1:50: "),
        ({CONFIG: "profile: 'kerp\n"}, "2:1: "),
    ],
)
def test_a_mistake_in_the_revision_names_it(repository, files, message):
    repository.commit({"Dockerfile": GOOD, **files})
    outcome = check(repository)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"kerp-policy: main:{CONFIG}:{message}")


def test_a_mistake_in_a_policy_of_the_revision_names_it(repository):
    repository.commit({CONFIG: "policies: [rules]\n", "rules/dockerfile/own.yaml": "each: x\n"})
    outcome = check(repository)
    assert outcome.code == 2
    assert outcome.err.startswith("kerp-policy: main:rules/dockerfile/own.yaml:1:1: ")


def test_a_standard_that_would_break_main_fails_without_any_breach(repository):
    outcome = change(repository, {"Dockerfile": GOOD}, {CONFIG: "profile: nope\n"})
    assert outcome.code == 2
    assert "'nope'" in outcome.err


@pytest.mark.parametrize("target", ["../secret", "/etc/hostname", ".git/config", "shared.yaml"])
def test_a_configuration_that_is_a_link_is_not_followed(repository, target):
    write(repository.folder.parent, {"secret": "token: hush\n"})
    repository.commit({"Dockerfile": GOOD, "shared.yaml": "exclude: ['*']\n"})
    (repository.folder / CONFIG).symlink_to(target)
    repository.commit({"Dockerfile": BAD})
    outcome = check(repository, ref="HEAD~1")
    assert outcome.code == 1
    assert BREACH in told(outcome)
    assert "with --trust it has to be a file" in outcome.err
    assert "hush" not in outcome.out + outcome.err
    at_head = check(repository, ref="HEAD")
    assert at_head.code == 2
    assert at_head.err.startswith(f"kerp-policy: HEAD:{CONFIG}: is a symbolic link")


@pytest.mark.parametrize("target", ["../secret", ".git/config"])
def test_without_a_revision_a_link_out_of_the_project_is_not_followed_either(repository, target):
    write(repository.folder.parent, {"secret": "token: hush\n"})
    repository.commit({"Dockerfile": GOOD})
    (repository.folder / CONFIG).symlink_to(target)
    outcome = kerp_policy("check", cwd=repository.folder)
    assert outcome.code == 2
    assert "is a symbolic link out of the project; it is not followed" in outcome.err
    assert "hush" not in outcome.err


@pytest.mark.parametrize("link", ["rules", "rules/dockerfile", "rules/dockerfile/own.yaml"])
def test_policies_that_are_links_are_not_followed(repository, link):
    write(repository.folder.parent, {"out/dockerfile/own.yaml": OWN, "own.yaml": OWN})
    path = repository.folder / link
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(repository.folder.parent / "out")
    repository.commit({CONFIG: "policies: [rules]\n", "Dockerfile": GOOD})
    outcome = check(repository)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("kerp-policy: main:")


def test_nothing_of_the_repository_is_executed(tmp_path, repository):
    repository.commit({"Dockerfile": GOOD})
    repository.git("switch", "--quiet", "--create", "hostile")
    trap = f"touch {tmp_path}/ran-"
    attributes = "* diff=evil filter=evil merge=evil text eol=crlf\n"
    repository.commit({"Dockerfile": waived(), ".gitattributes": attributes})
    settings = (
        "core.fsmonitor core.pager core.sshCommand core.editor core.askPass diff.external "
        "diff.evil.textconv diff.evil.command filter.evil.clean filter.evil.smudge "
        "filter.evil.process credential.helper uploadpack.packObjectsHook gpg.program"
    )
    for name in settings.split():
        repository.git("config", name, f"{trap}{name};")
    repository.git("config", "alias.ls-tree", f"!{trap}alias")
    for name in ("post-checkout", "pre-commit", "reference-transaction", "post-index-change"):
        repository.hook(name, f"{trap}{name}")
    write(repository.folder, {"more.Dockerfile": BAD})
    for options in ([], ["--changed-since", "main"], ["--staged"]):
        check(repository, *options)
        assert list(tmp_path.glob("ran-*")) == []
    repository.git("add", "more.Dockerfile", check=False)
    assert list(tmp_path.glob("ran-*")), "the traps themselves must work"


@pytest.mark.parametrize("ref", ["nope", "", "--help", "HEAD~9", "HEAD:Dockerfile"])
@pytest.mark.parametrize("options", [[], ["--staged"]])
def test_a_revision_that_does_not_exist(repository, ref, options):
    repository.commit({"Dockerfile": GOOD})
    outcome = kerp_policy("check", f"--trust={ref}", *options, cwd=repository.folder)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"kerp-policy: git knows no commit {ref!r} here\n"


def test_before_the_first_commit_there_is_nothing_to_trust(repository):
    repository.stage({"Dockerfile": BAD})
    outcome = check(repository, "--staged", ref="HEAD")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "kerp-policy: git knows no commit 'HEAD' here\n"


def test_a_shallow_clone_tells_what_it_lacks(tmp_path, repository):
    repository.commit({"Dockerfile": GOOD})
    repository.commit({"Dockerfile": BAD})
    base = repository.git("rev-parse", "HEAD~1").strip()
    source = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--depth=1", source, str(tmp_path / "shallow"))
    outcome = check(Repository(tmp_path / "shallow"), ref=base)
    assert outcome.code == 2
    assert "the clone is shallow, fetch more of the history" in outcome.err
    assert "fetch-depth: 0" in outcome.err


def test_where_there_is_no_repository_and_where_there_is_no_git(tmp_path, repository):
    write(tmp_path, {"Dockerfile": BAD})
    nowhere = kerp_policy("check", "--trust=main", cwd=tmp_path, GIT_CEILING_DIRECTORIES="/")
    assert nowhere.code == 2
    assert "git says: fatal: not a git repository" in nowhere.err
    repository.commit({"Dockerfile": BAD})
    without = check(repository, PATH=str(tmp_path))
    assert (without.code, without.out) == (2, "")
    assert without.err == "kerp-policy: git cannot be run: No such file or directory\n"


def test_in_the_middle_of_a_merge(repository):
    repository.commit({"Dockerfile": GOOD})
    repository.git("switch", "--quiet", "--create", "side")
    repository.commit({CONFIG: "profile: kerp\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit({CONFIG: "fail-on: info\n"})
    repository.git("merge", "side", check=False)
    assert "has a conflict" in check(repository, "--staged").err
    outcome = check(repository)
    assert [(file, line) for file, line, _ in told(outcome)] == [(CONFIG, 2)]
    assert outcome.err.startswith(f"kerp-policy: {CONFIG}:2:8: not YAML")


def test_more_waivers_than_anybody_needs_are_told_and_not_compared(repository):
    one = "{}RUN curl -k https://{}.example.com\n"
    many = "".join(one.format(allow("image-tls", f"r{i}"), f"e{i}") for i in range(2100))
    outcome = change(repository, {"Dockerfile": GOOD}, {"Dockerfile": f"FROM scratch\n{many}"})
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "kerp-policy: Dockerfile: holds too many waivers of image-tls\n"


def test_standard_input_is_not_judged_by_a_revision(repository):
    repository.commit({"Dockerfile": GOOD})
    outcome = kerp_policy("check", "--trust=main", "-", cwd=repository.folder)
    assert outcome.code == 2
    assert "leave out --staged, --changed-since and --trust" in outcome.err


def test_every_report_tells_what_did_not_count(repository):
    repository.commit({"Dockerfile": GOOD})
    repository.stage({"Dockerfile": waived()})
    formats = [f"--format={name}={name}.out" for name in ("markdown", "sarif", "github")]
    outcome = kerp_policy("check", "--trust=main", "--format=text", *formats,
                          cwd=repository.folder, COLUMNS="100", **TODAY)  # fmt: skip
    what = "a waiver of image-tls until 2027-03-01: it is fine"
    place = f"  Dockerfile:3: {what}\n"
    assert f"brought by this change and not counted (main is trusted):\n{place}" in outcome.out
    report = {name: (repository.folder / f"{name}.out").read_text() for name in
              ("markdown", "sarif", "github")}  # fmt: skip
    assert "1 brought by this change and not counted (main is trusted)" in report["markdown"]
    assert f"`Dockerfile:3`: {what}" in report["markdown"]
    assert f"::notice file=Dockerfile,line=3,title=brought and not counted::{what}\n" in report[
        "github"
    ]  # fmt: skip
    [invocation] = json.loads(report["sarif"])["runs"][0]["invocations"]
    [note] = [n for n in invocation["toolExecutionNotifications"] if what in n["message"]["text"]]
    assert note["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
