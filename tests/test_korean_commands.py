"""Every command speaks Korean: what it did, what it asks for next, and what is wrong."""

import pytest

from cli import kerp_policy, write
from harness import ROOT
from kerp_policy import i18n
from kerp_policy.i18n import told
from repository import Repository

TODAY = {"SOURCE_DATE_EPOCH": "1795392000"}  # 2026-11-23
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: tool
  namespace: kerp-prod
spec:
  containers:
    - name: one
      image: example.com/tool:latest
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: kerp-prod
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: example.com/api:1.0.0
          ports: [{containerPort: 8080, name: http}]
"""
ACCOUNT = "Pod/kerp-prod/tool:spec.serviceAccountName"
WAIVE = ("waive", ACCOUNT, "--reason", "업체 이미지")


def said(folder, *arguments, code=0):
    """The lines of a command in Korean, errors after results."""
    done = kerp_policy(*arguments, "--lang", "ko", cwd=folder, **TODAY)
    assert done.code == code, done.err
    return (done.out + done.err).splitlines()


@pytest.fixture
def project(tmp_path):
    return write(tmp_path, {".kerp-policy.yaml": "", "k8s/pod.yaml": POD})


def test_a_graph():
    lines = said(ROOT, "graph", "fixtures/kerp")
    service = "deployments/k8s/production/api-service.yaml:5"
    assert f"└─ 라우팅: Service kerp-prod/kerp-api  {service}" in lines
    assert "      ├─ 사용: ServiceAccount kerp-prod/kerp-api  (프로젝트에 없음)" in lines
    assert "├─ 알림 전송: 수신자 slack-notifications  (프로젝트에 없음)" in lines
    assert lines[-1].startswith("대상 ")


def test_a_graph_of_nothing(project):
    write(project, {"empty/readme.txt": ""})
    [line] = said(project, "graph", "empty", code=2)
    assert line == "kerp-policy: empty: 그래프로 보여 줄 것이 없습니다"


@pytest.mark.parametrize("command", [("graph", "fixtures/kerp"), ("config", "fixtures/kerp/web")])
def test_json_for_programs_is_the_same_in_every_language(command):
    korean, english = (
        kerp_policy(*command, "--format", "json", "--lang", language, cwd=ROOT).out
        for language in ("ko", "en")
    )
    assert korean == english


def test_a_review(tmp_path):
    repository = Repository(tmp_path / "r")
    repository.commit({"k8s/api.yaml": DEPLOYMENT})
    write(repository.folder, {"k8s/api.yaml": DEPLOYMENT.replace("8080", "8081")})
    lines = said(repository.folder, "review", "--base", "HEAD")
    assert lines[0].endswith("→ `폴더` 검토")
    assert "#### 배포 준비" in lines
    assert "- [ ] **배포 공지 완료**: 누구에게 알렸는지는 파일로 알 수 없습니다" in lines
    removed = "삭제: Deployment kerp-prod/api, 컨테이너 api의 `ports 8080` (`k8s/api.yaml:15`)"
    assert f"  - {removed}: 여기에 접속하면 거부됩니다" in lines
    report = kerp_policy(
        "review", "--base", "HEAD", "--format", "json", "--lang", "ko", cwd=repository.folder
    ).report
    assert report["head"]["name"] == "the folder"
    [port] = [a for a in report["answers"] if a["id"] == "breaking"]
    assert port["says"] == "1 thing others may rely on"
    [line] = said(repository.folder, "review", "--base", "v9", code=2)
    assert line == "kerp-policy: 이곳의 git에는 'v9' 커밋이 없습니다"


def test_a_waiver_and_its_list(project):
    assert said(project, "waivers") == ["예외가 없습니다"]
    [line] = said(project, *WAIVE, "--until", "2027-02-28", "--owner", "김철수")
    assert line == "k8s/pod.yaml: 2027-02-28까지 service-account 예외로 두었습니다"
    head, row, total = said(project, "waivers", "--expiring", "200d", code=1)
    assert head == "기한        남음  경과  정책             담당    위치            사유"
    assert row == "2027-02-28  97일  -     service-account  김철수  k8s/pod.yaml:6  업체 이미지"
    assert total == "예외 1개, 그중 1개는 2027-06-11까지 끝납니다"
    [line] = said(project, "waivers", "--expiring", "soon", code=2)
    assert line == "kerp-policy: --expiring: 'soon': 일수가 아닙니다. 30d처럼 쓰십시오"


def test_a_waiver_that_is_refused(project):
    [line] = said(project, *WAIVE, "--until", "2026-01-31", code=2)
    assert line == "kerp-policy: --until 2026-01-31: 이미 지난 날입니다"
    [line] = said(project, *WAIVE, "--until", "2030-01-31", code=2)
    # Why is a message of `waiver-valid`, which is English everywhere.
    assert line.startswith("kerp-policy: 예외로 둘 수 없습니다: the waiver of service-account")
    [line] = said(
        project, "waive", f"{ACCOUNT}s", "--reason", "x", "--until", "2027-01-31", code=2
    )  # fmt: skip
    unknown = f"명령줄: 열린 위반 '{ACCOUNT}s'은(는) 없습니다. {ACCOUNT}을(를) 뜻했습니까?"
    assert line == f"kerp-policy: {unknown}"


def test_a_baseline(project):
    file = ".kerp-policy-baseline.json"
    [line] = said(project, "baseline", "show", code=2)
    assert line.endswith(f"/{file}: 없습니다. kerp-policy baseline write로 만드십시오")
    [line] = said(project, "baseline", "write")
    count = kerp_policy("baseline", "show", "--format", "json", cwd=project).report["total"]
    assert line == f"{file}: 썼습니다. 파일 1개에서 위반 {count}개를 받아들였습니다"
    assert said(project, "baseline", "show")[-1] == f"파일 1개, 위반 {count}개"
    [line] = said(project, "baseline", "update")
    assert line == f"{file}: 뺄 것이 없습니다. {count}개가 남았습니다"
    write(project, {"k8s/pod.yaml": POD.replace(":latest", ":1.0.0")})
    [line] = said(project, "baseline", "update")
    assert line == f"{file}: 위반 1개를 뺐습니다. {count - 1}개가 남았습니다"


def test_what_is_in_effect(project):
    lines = said(project, "config", "k8s/pod.yaml")
    assert lines[:2] == [f"프로젝트  {project}", "설정  .kerp-policy.yaml"]
    assert "  fail-on               error  (기본)" in lines
    about = lines.index("k8s/pod.yaml: 매니페스트")
    assert lines[about + 1] == "  환경 production, 근거: 네임스페이스"
    assert [line for line in lines if line.endswith("(내장 kubernetes/run-as-uid.yaml:2)")]


def test_a_setting_that_is_wrong(project):
    write(project, {".kerp-policy.yaml": "policies: [nowhere]\n"})
    [line] = said(project, "list", code=2)
    assert line.endswith("/.kerp-policy.yaml:1:12: policies: nowhere 폴더가 없습니다")
    write(project, {".kerp-policy.yaml": "profile: kerpp\n"})
    [line] = said(project, "config", code=2)
    wrong = "명령줄 또는 설정: 프로파일 'kerpp'은(는) 없습니다. kerp을(를) 뜻했습니까?"
    assert line == f"kerp-policy: {wrong}"


def test_a_configuration_that_is_no_single_document(project):
    write(project, {".kerp-policy.yaml": "---\n{}\n---\n{}\n"})
    [line] = said(project, "list", code=2)
    assert line.endswith("/.kerp-policy.yaml:4:1: YAML 문서가 2개입니다. 하나여야 합니다")


LEAST = """\
title: At least {least} replicas
severity: warning
topics: [least]
each: workload
params: {least: 3}
require: {spec.replicas: {minimum: $least}}
why: One is none.
how: Set replicas.
"""


def test_a_parameter_of_another_type(project):
    profile = "title: Ours\nextends: kerp\npolicies: {least: {params: {least: [1]}}}\n"
    write(
        project,
        {
            "policies/kubernetes/least.yaml": LEAST,
            "policies/profiles/own.yaml": profile,
            ".kerp-policy.yaml": "policies: [policies]\nprofile: own\n",
        },
    )
    first, *_ = said(project, "list", code=2)
    wrong = "least: 값이 목록입니다. 숫자 형식으로 쓰십시오. 예: 3"
    assert first.endswith(f"/own.yaml:3:29: {wrong}")


def test_a_waiver_in_the_configuration_until_no_day(project):
    waiver = "{policy: run-as-uid, file: a.yaml, until: 2027-02-30, reason: 업체}"
    write(project, {".kerp-policy.yaml": f"waivers:\n  - {waiver}\n"})
    [line] = said(project, "check", code=2)
    wrong = "until이 2027-02-30인데 날짜가 아닙니다. YYYY-MM-DD로 쓰십시오"
    assert line.endswith(f"/.kerp-policy.yaml:2:40: {wrong}")


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        ("_a.b", "검사 '_a.b': module.function 형식의 이름이 아닙니다"),
        ("probes.nowhere", "검사 'probes.nowhere'은(는) 없습니다"),
    ],
)
def test_a_check_that_does_not_exist(project, check, wrong):
    policy = (
        "title: Pods are ours\nseverity: error\ntopics: [x]\neach: pod\n"
        f"check: {check}\nwhy: Because.\nhow: Do it.\n"
    )
    files = {"policies/kubernetes/ours.yaml": policy, ".kerp-policy.yaml": "policies: [policies]\n"}
    [line] = said(write(project, files), "list", code=2)
    assert f"/ours.yaml:5:1: {wrong}" in line


def test_a_version_that_is_not_known(project):
    [line] = said(project, "check", "--kubernetes-version", "1.99", code=2)
    assert line.startswith(
        "kerp-policy: --kubernetes-version: Kubernetes 1.99의 스키마가 없습니다. 1."
    )


CHART = {"web/Chart.yaml": "name: web\n", "web/templates/pod.yaml": "kind: {{ .Kind }}\n"}
RENDER = "차트 web의 템플릿: helm template의 출력을 판정하십시오"


@pytest.mark.parametrize("arguments", [(), ("-v",), ("--format", "html"), ("--format", "markdown")])
def test_why_a_file_is_not_judged(project, arguments):
    done = kerp_policy("check", *arguments, "--lang", "ko", cwd=write(project, CHART), **TODAY)
    assert (RENDER if arguments else "     1  차트 web의 템플릿\n") in done.out
    assert "a template of" not in done.out.replace("the file is a template of", "")


def test_why_a_file_is_not_judged_stays_english_for_programs_also_where_it_is_kept(project):
    write(project, CHART)
    for _run in range(2):
        done = kerp_policy("check", "--format", "json", "--lang", "ko", "--cache", cwd=project)
        [left_out] = done.report["summary"]["not_judged"]
        english = "a template of the chart web: judge what helm template prints"
        assert left_out == {"file": "web/templates/pod.yaml", "reason": english}
    assert f"  web/templates/pod.yaml: {RENDER}" in said(project, "check", "-v", "--cache", code=1)


def test_what_a_change_brings_and_is_not_counted(tmp_path):
    repository = Repository(tmp_path / "r")
    waivers = "waivers:\n  - {policy: image-tag, until: 2026-12-01, file: a.yaml, reason: 이전}\n"
    repository.commit({".kerp-policy.yaml": f"fail-on: error\n{waivers}", "k8s/pod.yaml": POD})
    write(repository.folder, {".kerp-policy.yaml": "fail-on: warning\n"})
    lines = said(repository.folder, "check", "--trust", "HEAD", code=1)
    entry = '{policy: "image-tag", until: "2026-12-01", file: "a.yaml", reason: "이전"}'
    assert "  .kerp-policy.yaml:1: fail-on: warning" in lines
    assert f"  .kerp-policy.yaml:1: waivers: {entry} 빠짐" in lines


def test_a_check_that_crashes():
    with i18n.speaking("ko"):
        crash = told(
            "{file}: the check of {policy} crashed: {error}", file="a", policy="b", error="c"
        )
        assert str(crash) == "a: b 검사가 중단되었습니다: c"
    assert str(crash) == crash.english == "a: the check of b crashed: c"


def test_a_first_configuration(tmp_path):
    write(tmp_path, {"k8s/prod/pod.yaml": POD.replace("kerp-prod", "shop-prod")})
    lines = said(tmp_path, "init", ".")
    assert lines[:2] == [
        "발견: 매니페스트 1개",
        "환경 production: 네임스페이스 shop-prod, 경로 **/prod/**",
    ]
    assert lines[lines.index("다음 할 일:") + 1] == (
        "  policies/profiles/own.yaml의 환경을 확인하십시오"
    )
    written = (tmp_path / ".kerp-policy.yaml").read_text("utf-8").splitlines()
    assert "# 발견: 매니페스트 1개" in written  # a comment is for people
    assert "fail-on: error" in written
    [line] = said(tmp_path, "init", ".", code=2)
    assert line.endswith(".kerp-policy.yaml: 이미 설정이 있습니다. 아무것도 쓰지 않았습니다")


def test_a_policy_and_a_profile_of_ones_own(project):
    lines = said(project, "new", "policy", "team-label")
    assert lines[0] == "파일 생성: policies/kubernetes/team-label.yaml"
    assert lines[-1] == "  실행: kerp-policy test"
    lines = said(project, "new", "profile", "strict")
    assert lines[0] == "파일 생성: policies/profiles/strict.yaml"
    [line] = said(project, "new", "policy", "Label", code=2)
    no_name = "정책 이름으로 쓸 수 없습니다. a-z, 0-9, 하이픈으로 쓰십시오"
    assert line == f"kerp-policy: 'Label': {no_name}"
    [line] = said(project, "new", "policy", "other", "--each", "containr", code=2)
    unknown = "--each: 적용 대상 'containr'은(는) 없습니다. container을(를) 뜻했습니까?"
    assert line == f"kerp-policy: {unknown}"


def test_tests_of_policies(project):
    [line] = said(project, "test", code=2)
    assert line == "kerp-policy: .: 시험할 것이 없습니다. 예제도 expected.yaml도 없습니다"
    said(project, "new", "policy", "team-label")
    [line] = said(project, "test", "policies")
    assert line == "픽스처 폴더 2개, 예제 2개: 모두 예상과 같습니다"
    expected = "findings:\n  - file: example.yaml\n    line: 1\n    policy: team-label\n"
    write(project, {"policies/fixtures/team-label/clean/expected.yaml": expected})
    lines = said(project, "test", "policies", code=1)
    assert "    예상했으나 발견되지 않음: team-label" in lines
    assert lines[-1].endswith("개가 예상과 다릅니다")


def test_no_catalogue_is_read_for_english(monkeypatch):
    monkeypatch.setattr(i18n, "_catalogue", lambda _name: pytest.fail("it was read"))
    with i18n.speaking("en"), i18n.speaking_as("json"), i18n.speaking_as("text"):
        assert i18n.gettext("not set") == "not set"


def test_english_is_spoken_in_between():
    with i18n.speaking("ko"):
        with i18n.speaking_as("json"):
            assert i18n.gettext("not set") == "not set"
        assert i18n.gettext("not set") == "설정되지 않음"
