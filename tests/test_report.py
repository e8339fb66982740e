"""Reports: what they show, where, and that they are the same each time."""

import json
import re
from shutil import copytree

import pytest
from growth import grows_no_faster

from cli import kerp_policy, write
from harness import FIXTURES
from kerp_policy.findings import Verdict
from kerp_policy.policy.validate import schema
from kerp_policy.report import FORMATS
from kerp_policy.report.frame import frame, printable, width
from kerp_policy.report.options import Options
from kerp_policy.sources.source import Source, Span
from runs import DEBT, WAIVER, finding, run_of

KERP = FIXTURES / "kerp"
NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata:
  name: kerp-prod
  labels: {app: x}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: kerp-quota, namespace: kerp-prod}
spec:
  hard: {requests.cpu: 20, requests.memory: 40Gi, limits.cpu: 40, limits.memory: 80Gi, pods: 50}
"""


def test_the_json_report_fits_its_schema():
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is the oracle here")
    report = kerp_policy("check", "--format", "json", ".", cwd=KERP).report
    jsonschema.Draft202012Validator(schema("output")).validate(report)
    assert {finding["verdict"] for finding in report["findings"]} == {"fail", "unverified"}


def test_the_counts_of_the_json_report_add_up():
    report = kerp_policy("check", "--format", "json", ".", cwd=KERP).report
    counts = report["summary"]["policies"]
    uid = counts["run-as-uid"]
    assert uid == {"judged": 4, "failed": 3, "unverified": 0, "not_applicable": 0}
    assert counts["hpa-bounds"]["judged"] == 1
    quota = counts["quota-values"]
    assert (quota["judged"], quota["failed"]) == (1, 0)
    assert quota["not_applicable"] == counts["hpa-bounds"]["not_applicable"]


def test_a_report_is_the_same_whatever_the_order_of_paths():
    one = kerp_policy("check", "--format", "json", "web", "backend", "deployments", cwd=KERP)
    two = kerp_policy("check", "--format", "json", "deployments", "web", "backend", cwd=KERP)
    assert one.out == two.out
    assert len(one.findings) > 20


def test_a_path_filters_what_is_reported_not_what_is_known(tmp_path):
    workload = (FIXTURES / "kerp/deployments/k8s/production/api-deployment.yaml").read_text()
    budget = (FIXTURES / "kerp-compliant/deployments/k8s/production/api-pdb.yaml").read_text()
    write(tmp_path, {"a/api.yaml": workload, "b/pdb.yaml": budget, ".kerp-policy.yaml": ""})
    outcome = kerp_policy("check", "--format", "json", "a", cwd=tmp_path)
    assert "disruption-budget" not in {finding["policy"] for finding in outcome.findings}
    (tmp_path / "b/pdb.yaml").unlink()
    outcome = kerp_policy("check", "--format", "json", "a", cwd=tmp_path)
    assert "disruption-budget" in {finding["policy"] for finding in outcome.findings}


def test_fingerprints_are_distinct_and_survive_a_move_of_lines(tmp_path):
    cronjobs = (KERP / "deployments/k8s/cronjobs.yaml").read_text()
    write(tmp_path, {"cronjobs.yaml": cronjobs})
    before = kerp_policy("check", "--format", "json", ".", cwd=tmp_path).findings
    write(tmp_path, {"cronjobs.yaml": "# a comment\n\n" + cronjobs})
    after = kerp_policy("check", "--format", "json", ".", cwd=tmp_path).findings
    assert [f["fingerprint"] for f in before] == [f["fingerprint"] for f in after]
    assert [f["line"] + 2 for f in before] == [f["line"] for f in after]
    assert len({f["fingerprint"] for f in before}) == len(before)


def test_several_reports_in_one_run(tmp_path):
    write(tmp_path, {"a.yaml": NAMESPACE})
    outcome = kerp_policy("check", "--format", "json=out.json", "--format", "text", cwd=tmp_path)
    assert outcome.code == 1
    assert "namespace-labels" in outcome.out
    written = json.loads((tmp_path / "out.json").read_text())
    assert [finding["policy"] for finding in written["findings"]] == ["namespace-labels"]


def test_the_text_report_of_one_finding(tmp_path):
    write(tmp_path, {"a.yaml": NAMESPACE})
    outcome = kerp_policy("check", cwd=tmp_path, COLUMNS="80")
    assert outcome.out == (
        "a.yaml\n"
        "\n"
        "  5:3  error  namespace-labels  (clause 1.2-a)\n"
        "    the label env is missing in metadata.labels\n"
        "      5 |   labels: {app: x}\n"
        "        |   ^^^^^^^^^^^^^^^^\n"
        "    help: Set the labels app, env under metadata.labels.\n"
        "\n"
        "1 manifest looked at: 1 error, 0 warnings, 0 unverified\n"
    )


def test_no_line_is_wider_than_the_terminal():
    outcome = kerp_policy("check", "-v", ".", cwd=KERP, COLUMNS="80")
    assert [line for line in outcome.out.splitlines() if width(line) > 80] == []


def test_colour_only_where_it_is_wanted(tmp_path):
    write(tmp_path, {"a.yaml": NAMESPACE})
    plain = kerp_policy("check", cwd=tmp_path).out
    coloured = kerp_policy("check", "--color", cwd=tmp_path, NO_COLOR="1").out
    assert "\033[" not in plain
    assert "\033[1;31merror\033[0m" in coloured
    assert "\033[" not in kerp_policy("check", "--no-color", cwd=tmp_path).out


def test_unverified_is_one_block_and_in_full_on_demand(tmp_path):
    labelled = NAMESPACE.replace("labels: {app: x}", "labels: {app: x, env: production}")
    write(tmp_path, {"a.yaml": labelled, "b.yaml.j2": "{% if x %}\n" + NAMESPACE})
    brief = kerp_policy("check", cwd=tmp_path)
    assert brief.code == 0
    assert (
        "unverified: 1 (what files cannot show; -v lists each)\n     1  not-judged\n" in brief.out
    )
    full = kerp_policy("check", "-v", cwd=tmp_path)
    assert "1:1  unverified  not-judged" in full.out
    assert kerp_policy("check", "--strict", cwd=tmp_path).code == 1
    assert "not-judged" not in kerp_policy("check", "-q", cwd=tmp_path).out


@pytest.mark.parametrize(
    ("options", "code"),
    [([], 1), (["--fail-on", "warning"], 1), (["--ignore", "namespace-labels"], 0),
     (["--select", "1.2-a"], 1), (["--select", "replicas"], 0), (["--ignore", "1.2-a"], 0)],
)  # fmt: skip
def test_what_fails_is_a_matter_of_choice(tmp_path, options, code):
    write(tmp_path, {"a.yaml": NAMESPACE})
    assert kerp_policy("check", *options, cwd=tmp_path).code == code


def test_a_warning_fails_only_on_demand(tmp_path):
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: kerp-prod}\n"
        "spec:\n  ports:\n    - port: 80\n"
    )
    write(tmp_path, {"a.yaml": service})
    assert kerp_policy("check", "--select", "service-port-names", cwd=tmp_path).code == 0
    strict = ["--select", "service-port-names", "--fail-on", "warning"]
    assert kerp_policy("check", *strict, cwd=tmp_path).code == 1


def test_an_assumed_environment_applies_where_nothing_tells(tmp_path):
    quota = (
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: quota}\nspec:\n"
        "  hard: {requests.cpu: '1', requests.memory: 40Gi, limits.cpu: '40', limits.memory: 80Gi,"
        " pods: '50'}\n"
    )
    write(tmp_path, {"a.yaml": quota})
    options = ["--format", "json", "--select", "quota-values"]
    counts = kerp_policy("check", *options, cwd=tmp_path).report["summary"]["policies"]
    assert counts["quota-values"]["not_applicable"] == 1
    assumed = kerp_policy("check", *options, "--environment", "production", cwd=tmp_path)
    assert [(f["policy"], f["line"]) for f in assumed.findings] == [("quota-values", 5)]


def test_standard_input_by_name(tmp_path):
    rendered = (
        "---\n# Source: kerp/templates/namespace.yaml\n"
        + NAMESPACE
        + "---\n# Source: kerp/x.yaml\n"
    )
    outcome = kerp_policy(
        "check", "-", "--stdin-name", "kerp.yaml", "--format", "json",
        cwd=tmp_path, stdin=rendered.encode(),
    )  # fmt: skip
    [finding] = outcome.findings
    assert (finding["file"], finding["line"]) == ("kerp.yaml", 7)
    assert finding["related"] == [
        {
            "file": "kerp/templates/namespace.yaml",
            "line": 1,
            "column": 1,
            "address": "kerp/templates/namespace.yaml",
            "message": "rendered from this template",
        }
    ]


def test_standard_input_as_a_dockerfile(tmp_path):
    outcome = kerp_policy(
        "check", "-", "--stdin-name", "Dockerfile", "--format", "json", "--select", "2.1-h",
        cwd=tmp_path, stdin=b"FROM alpine\n",
    )  # fmt: skip
    assert [(f["policy"], f["line"], f["column"]) for f in outcome.findings] == [
        ("pinned-base-image", 1, 6)
    ]


def lines_of(text: str, span: Span, columns: int = 80) -> list[str]:
    return frame(Source("a", text.encode()), span, columns)


def test_wide_characters_do_not_shift_the_caret():
    line = 'name: "데이터베이스" # 설명'
    shown, carets = lines_of(line, Span(1, 7, 1, 15))
    assert shown == f"    1 | {line}"
    assert width(carets) == width(shown[: shown.index('"', shown.index('"') + 1) + 1])
    assert carets.endswith("^" * width('"데이터베이스"'))
    assert width(carets[: carets.index("^")]) == width("    1 | name: ")


def test_tabs_combining_marks_and_emoji_keep_the_caret_in_place():
    for before in ("\t\t", "e\u0301\u0301 ", "🚨🚨 "):
        shown, carets = lines_of(before + "X tail", Span(1, len(before) + 1, 1, len(before) + 2))
        assert width(carets[: carets.index("^")]) == width(shown[: shown.index("X")])


def test_a_long_line_is_cut_around_the_place():
    text = "a" * 300 + "TARGET" + "b" * 300
    shown, carets = lines_of(text, Span(1, 301, 1, 307), 60)
    assert "TARGET" in shown
    assert shown[carets.index("^") :].startswith("TARGET")
    assert width(shown) <= 60


@pytest.mark.parametrize("far", ["a", "한", "e\u0301", "\t"])
@pytest.mark.parametrize("columns", [30, 61, 80])
def test_what_lies_far_from_the_place_changes_nothing(far, columns):
    place, near = "<대상 place>", far * columns
    frames = [
        lines_of(f"{away}{near}{place}{near}{away}", Span(1, at, 1, at + len(place)), columns)
        for away in ("", far * 1000)
        for at in [len(away + near) + 1]
    ]
    assert frames[0] == frames[1]
    shown, carets = frames[0]
    assert place in shown
    assert width(shown) <= columns
    assert width(carets[: carets.index("^")]) == width(shown[: shown.index(place)])


@pytest.mark.parametrize("word", ["image: x ", "이미지 "])
def test_many_places_in_one_long_line_take_no_longer_each(word):
    def show(source: Source) -> None:
        for column in range(1, len(source.text), len(word)):
            frame(source, Span(1, column, 1, column + 4), 80)

    assert grows_no_faster(lambda size: Source("a", (word * size).encode()), show, 100)


def test_what_steers_a_terminal_is_shown_not_obeyed():
    assert printable("a\x1b[31mb\u202ec\r") == "a\ufffd[31mb\ufffdc\ufffd"


def test_a_secret_in_the_line_shown_is_blotted_out(tmp_path):
    word = "Zq8" + "vN2" + "xT7"
    write(tmp_path, {"Dockerfile": f"FROM alpine:3.19\nENV DB_PASSWORD={word} X=1\n"})
    outcome = kerp_policy("check", "-v", cwd=tmp_path)
    assert word not in outcome.out + outcome.err
    report = kerp_policy("check", "--format", "json", cwd=tmp_path)
    assert word not in report.out


SECRETS = ("image-secret", "configmap-secret", "env-secret", "secret-literal")
"""Fixtures with a secret, each a small project of its own once it lies elsewhere."""


@pytest.fixture(params=SECRETS)
def hiding(request, tmp_path):
    return copytree(FIXTURES / "policies" / request.param / "flagged", tmp_path / request.param)


def test_no_secret_of_a_fixture_shows_in_any_report(hiding, tmp_path):
    secret = re.compile(r"correct-?horse|Y29ycmVjdC1ob3JzZ|kerp-[0-9]+-[a-z]+")
    written = [secret.search(f.read_text()) for f in hiding.rglob("*") if f.is_file()]
    assert any(written), "there is something to hide"
    formats = [f"--format={name}={tmp_path / name}.out" for name in FORMATS]
    for options in ([], ["--select", "dockerfile-25"], ["-v"], formats):
        outcome = kerp_policy("check", *options, ".", cwd=hiding)
        assert not secret.search(outcome.out + outcome.err)
    for name in FORMATS:
        assert not secret.search((tmp_path / f"{name}.out").read_text()), name


def test_the_place_of_a_secret_tells_no_length(hiding):
    report = kerp_policy("check", "--format", "json", "--select", hiding.name, ".", cwd=hiding)
    assert report.findings
    for flagged in report.findings:
        lines = (hiding / flagged["file"]).read_text().splitlines()
        line = lines[flagged["line"] - 1]
        assert flagged["end_line"] == flagged["line"]
        assert flagged["end_column"] <= len(line), (line, flagged["end_column"])


def test_the_summary_counts_every_kind_in_words():
    last = " ".join(kerp_policy("check", ".", cwd=KERP).out.split("\n\n")[-1].split())
    kinds = "1 workflow, 2 Dockerfiles, 8 manifests, 1 Alertmanager configuration, 2 scripts"
    assert last.startswith(f"{kinds} looked at: ")


def test_what_is_settled_is_counted_and_not_shown():
    run = run_of(
        finding("open"),
        finding("waived", suppression=WAIVER),
        finding("debt", suppression=DEBT),
        finding("debt", suppression=DEBT, verdict=Verdict.UNVERIFIED),
    )
    for options in (Options(), Options(verbose=True), Options(strict=True)):
        report = FORMATS["text"](run, options)
        assert "    open\n" in report
        assert "    waived\n" not in report
        assert "    debt\n" not in report
        assert "nothing looked at: 1 error, 0 warnings, 0 unverified, 1 waived, 2 debt" in " ".join(
            report.split()
        )


def test_the_json_report_says_why_a_finding_is_not_open():
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is the oracle here")
    made = (finding(), finding(suppression=WAIVER), finding(suppression=DEBT))
    report = json.loads(FORMATS["json"](run_of(*made), Options()))
    jsonschema.Draft202012Validator(schema("output")).validate(report)
    assert [finding["status"] for finding in report["findings"]] == ["open", "waived", "baseline"]
    assert [finding["suppression"] for finding in report["findings"]] == [
        None,
        {
            "kind": "waiver",
            "reason": "vendor image, OPS-412",
            "owner": "web team",
            "until": "2027-03-31",
            "in_source": True,
        },
        {
            "kind": "baseline",
            "reason": "was there on 2026-11-02",
            "owner": "",
            "until": "",
            "in_source": False,
        },
    ]
