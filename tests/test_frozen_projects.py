"""Projects that are pinned to a release: by the command line, the configuration, or a profile."""

import json
import re
import shutil

import pytest

from cli import kerp_policy, write
from frozen import change, shipping
from harness import FIXTURES, ROOT, judge
from kerp_policy.config import load_config
from kerp_policy.errors import UsageError
from kerp_policy.findings import Verdict
from kerp_policy.policy.load import load_library, load_profile
from kerp_policy.run import run
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.standard import standard_of
from repository import Repository

RELEASE = "kerp@1.0"
OURS = (
    "title: Workloads are named\nseverity: error\ntopics: [ours]\neach: workload\n"
    "require: {metadata.name: {const: ours}}\nwhy: Because.\nhow: Do it.\n"
)
PROFILE = f"title: Ours\nextends: {RELEASE}\npolicies:\n  run-as-uid: {{params: {{uid: 10001}}}}\n"
TEAM = {
    ".kerp-policy.yaml": "profile: ours\npolicies: [rules]\n",
    "rules/profiles/ours.yaml": PROFILE,
    "rules/kubernetes/our-names.yaml": OURS,
}
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b:1}]}\n"
)


@pytest.fixture
def next_version(tmp_path):
    with shipping(tmp_path) as folder:
        change(folder)
        yield folder


def standard(folder, profile=None):
    return standard_of(load_config(folder), profile)


def policies(profile):
    return {policy.id: policy for policy in profile.policies}


# What a profile of one's own makes of it.


@pytest.mark.parametrize("release", [RELEASE, "thorough@1.0"])
def test_a_profile_that_extends_a_release_is_frozen_with_it(next_version, tmp_path, release):
    files = TEAM | {"rules/profiles/ours.yaml": PROFILE.replace(RELEASE, release)}
    folder = write(tmp_path / "project", files)
    ours, newest = policies(standard(folder)), policies(standard(folder, "kerp"))
    assert "our-names" in ours
    assert ("priority-class" in ours) == (release != RELEASE)
    assert "added-later" in newest and "added-later" not in ours
    assert "drop-capabilities" in ours and "drop-capabilities" not in newest
    assert (ours["run-as-uid"].params, newest["run-as-uid"].params) == (
        {"uid": 10001},
        {"uid": 2002},
    )
    assert ours["fs-group"].severity == "error"
    assert standard(folder).versions["kubernetes"] == "1.37"


def test_a_policy_of_ones_own_may_have_the_name_of_a_later_one(next_version, tmp_path):
    folder = write(tmp_path / "project", TEAM | {"rules/kubernetes/added-later.yaml": OURS})
    found = policies(standard(folder))["added-later"]
    assert found.title == "Workloads are named"
    assert policies(standard(folder, RELEASE))["added-later"].title == "Workloads are named"
    with pytest.raises(UsageError, match="the policy added-later exists already"):
        standard(folder, "kerp")


def test_it_takes_no_policy_that_came_later(next_version, tmp_path):
    later = PROFILE + "  added-later: {severity: info}\n"
    folder = write(tmp_path / "project", TEAM | {"rules/profiles/ours.yaml": later})
    with pytest.raises(UsageError, match=r"names the policy .?added-later.?, which does not exist"):
        standard(folder)


def test_a_waiver_of_a_later_policy_names_one_that_exists(next_version, tmp_path):
    waiver = '# kerp-policy: allow added-later until=2026-12-31 reason="not yet"\n'
    folder = write(tmp_path / "project", {"pod.yaml": waiver + POD})
    found = run(WorkingTree(folder, []), [folder], standard(folder, RELEASE)).findings
    told = [f.message for f in found if f.policy == "waiver-valid"]
    assert not any("there is no policy" in message for message in told)


@pytest.mark.parametrize("name", ["kerp@9.9", "kerp@1", "kerp@", "@1.0", "kerp@1.0.json", "kerp@*"])
def test_a_release_that_does_not_exist_is_told(name, tmp_path):
    with pytest.raises(UsageError, match=re.escape(name)) as told:
        load_profile(name)
    assert "does not exist" in str(told.value)
    assert name == "kerp@*" or "did you mean kerp" in str(told.value)
    extending = PROFILE.replace(RELEASE, json.dumps(name))
    folder = write(tmp_path, TEAM | {"rules/profiles/ours.yaml": extending})
    with pytest.raises(UsageError, match=r"rules/profiles/ours\.yaml:2:1: .*does not exist"):
        standard(folder)


def test_no_name_leads_out_of_the_folder_of_releases(next_version):
    (next_version.parent / "kerp@1.json").write_text("{}", "utf-8")
    for name in ("../../kerp@1", "kerp@1.0/../../../kerp@1", "/kerp@1", "kerp@1.0\0"):
        with pytest.raises(UsageError, match="does not exist"):
            load_profile(name)


def test_a_project_can_make_no_release(tmp_path):
    files = {**TEAM, "rules/profiles/kerp@1.0.yaml": "title: Lax\ninclude: {policies: []}\n"}
    with pytest.raises(UsageError, match=r"kerp@1\.0\.yaml: @ in a profile's name"):
        standard(write(tmp_path, files), RELEASE)


def test_the_newest_standard_reads_no_release(next_version):
    for file in (next_version / "releases").iterdir():
        file.write_text("damaged", "utf-8")
    load_library.cache_clear()
    assert load_profile("kerp").name == "kerp"
    assert any(f.verdict is Verdict.FAIL for f in judge(FIXTURES / "kerp"))


# What names it.


def test_reports_name_the_release(tmp_path):
    folder = write(tmp_path, {"pod.yaml": POD, ".kerp-policy.yaml": f"profile: {RELEASE}\n"})
    reports = [f"--format={name}={name}" for name in ("json", "sarif", "html", "text", "markdown")]
    assert kerp_policy("check", *reports, cwd=folder).code == 1
    assert json.loads((folder / "json").read_text())["profile"] == RELEASE
    [log] = json.loads((folder / "sarif").read_text())["runs"]
    assert log["properties"] == {"profile": RELEASE}
    assert f"guide, 1.0 ({RELEASE})</title>" in (folder / "html").read_text()
    for name in ("text", "markdown"):
        assert f"1 manifest looked at by {RELEASE}" in (folder / name).read_text(), name
    korean = kerp_policy("check", "--lang", "ko", cwd=folder).out.splitlines()
    assert f"매니페스트 1개 확인 ({RELEASE} 기준): " in korean[-1]


def test_commands_name_the_release(tmp_path):
    folder = write(tmp_path, {".kerp-policy.yaml": f"profile: {RELEASE}\n"})
    listed = kerp_policy("list", cwd=folder).out.splitlines()
    assert listed[0] == f"K-ERP deployment and operations guide, 1.0 ({RELEASE})"
    korean = kerp_policy("list", "--lang", "ko", cwd=folder).out.splitlines()
    assert korean[0] == f"K-ERP 배포 및 운영 가이드, 1.0 ({RELEASE})"
    controls = kerp_policy("controls", "pss", "--format", "json", cwd=folder)
    assert controls.report["profile"] == RELEASE
    left_out = kerp_policy("explain", "seccomp-profile", cwd=folder)
    assert (left_out.code, f"the profile {RELEASE} leaves out" in left_out.err) == (2, True)
    assert "parameter uid: 1001" in kerp_policy("explain", "run-as-uid", cwd=folder).out


def test_every_value_in_effect_is_found_in_the_release(tmp_path):
    folder = write(tmp_path, TEAM)
    told = kerp_policy("config", "--format", "json", cwd=folder).report
    assert told["settings"]["extends"] == {"value": RELEASE, "origin": "rules/profiles/ours.yaml:2"}
    uid = told["policies"]["run-as-uid"]["params"]["uid"]
    assert uid == {"value": 10001, "origin": "rules/profiles/ours.yaml:4"}
    lines = (ROOT / "policies" / "releases" / f"{RELEASE}.json").read_text("utf-8").splitlines()
    shipped = {id: one for id, one in told["policies"].items() if id != "our-names"}
    for id, one in shipped.items():
        where, number = one["severity"]["origin"].rsplit(":", 1)
        assert where == f"built-in releases/{RELEASE}.json", id
        assert json.dumps(one["severity"]["value"]) in lines[int(number) - 1], id


def test_a_baseline_knows_the_release(tmp_path):
    folder = write(tmp_path, {"pod.yaml": POD, ".kerp-policy.yaml": f"profile: {RELEASE}\n"})
    assert kerp_policy("baseline", "write", cwd=folder).code == 0
    assert json.loads((folder / ".kerp-policy-baseline.json").read_text())["profile"] == RELEASE
    assert kerp_policy("check", cwd=folder).code == 0
    write(folder, {"pod.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    assert kerp_policy("check", "--format", "json", cwd=folder).report["summary"]["fixed"] > 0
    newest = kerp_policy("check", "--format", "json", "--profile", "kerp", cwd=folder).report
    assert newest["summary"]["fixed"] == 0, "another standard shows nothing of this debt"


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_a_change_cannot_unpin_the_project_that_judges_it(tmp_path):
    repository = Repository(tmp_path)
    repository.commit({".kerp-policy.yaml": f"profile: {RELEASE}\n", "pod.yaml": POD})
    write(tmp_path, {".kerp-policy.yaml": "profile: kerp\n"})
    found = kerp_policy("check", "--trust", "HEAD", "--format", "json", cwd=tmp_path).report
    assert found["profile"] == RELEASE
    assert [brought["what"] for brought in found["trust"]["brought"]] == ["profile: kerp"]
