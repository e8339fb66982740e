"""`kerp-policy graph`: what leads to what, and where it is broken."""

import re
from itertools import pairwise

import pytest

from cli import kerp_policy
from harness import FIXTURES
from kerp_policy.estate.graph.model import Graph, Node
from kerp_policy.findings import Finding, Place, Related, Verdict
from kerp_policy.report.graph import as_json, as_mermaid, as_tree
from kerp_policy.sources.source import START

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  selector: {{matchLabels: {{app: api}}}}
  template:
    metadata: {{labels: {{app: api}}}}
    spec: {{containers: [{{name: api, image: "{image}"}}]}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: api, namespace: {namespace}}}
spec: {{selector: {{app: api}}, ports: [{{port: 80}}]}}
"""


def _graph(folder, *options):
    return kerp_policy("graph", str(folder), *options, cwd=folder)


def _lines(text, part):
    return [line.lstrip("│├└─ ") for line in text.splitlines() if part in line]


def test_the_guides_own_tree():
    shown = _graph(FIXTURES / "kerp").out
    assert _lines(shown, "routes to") == [
        "routes to Service kerp-prod/kerp-api  deployments/k8s/production/api-service.yaml:5"
    ]
    assert "uses ServiceAccount kerp-prod/kerp-api  (not in the project)" in shown
    assert "is built from Dockerfile backend/Dockerfile" in shown
    assert "✗ deployed-image" in _lines(shown, "sets the image of")[0]
    assert "notifies receiver slack-notifications  (not in the project)" in shown


def test_alerts_lead_to_receivers():
    shown = _graph(FIXTURES / "kerp-compliant").out
    lines = shown.splitlines()
    at = next(i for i, line in enumerate(lines) if "3 alerts of level critical" in line)
    assert 'go to route severity="critical"' in lines[at + 1]
    assert "notifies receiver slack-critical (slack)" in lines[at + 2]


def test_the_same_name_in_another_namespace_is_another_thing(tmp_path):
    for name in ("shop", "bank"):
        manifest = DEPLOYMENT.format(name="api", namespace=name, image=f"{name}/api:1.0.0")
        (tmp_path / f"{name}.yaml").write_text(f"{manifest}---\n{SERVICE.format(namespace=name)}")
    lines = _graph(tmp_path).out.splitlines()
    for name in ("shop", "bank"):
        at = next(i for i, line in enumerate(lines) if line.startswith(f"Service {name}/api"))
        assert f"Deployment {name}/api" in lines[at + 1]
        assert f"runs container api ({name}/api:1.0.0)" in lines[at + 2]


def test_a_part_is_the_trees_that_touch_it(tmp_path):
    for name in ("shop", "bank"):
        (tmp_path / name).mkdir()
        manifest = DEPLOYMENT.format(name=name, namespace=name, image="api:1.0.0")
        (tmp_path / name / "api.yaml").write_text(manifest)
    (tmp_path / ".kerp-policy.yaml").write_text("profile: kerp\n")
    shown = _graph(tmp_path / "shop").out
    assert "Deployment shop/shop" in shown
    assert "bank" not in shown


def test_nothing_to_show_is_told(tmp_path):
    outcome = _graph(tmp_path)
    assert outcome.code == 2
    assert "nothing lies there" in outcome.err


@pytest.mark.parametrize("format_", ["text", "mermaid", "json"])
def test_no_name_means_anything(tmp_path, format_):
    image = 'x\\"] --> n0; click n0 \\"javascript:1\\"\\n::error::no\\u001b[31m</div>'
    manifest = DEPLOYMENT.format(name="api", namespace="shop", image=image)
    (tmp_path / "api.yaml").write_text(manifest)
    outcome = _graph(tmp_path, "--format", format_)
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    assert not re.search(r"^\s*::", outcome.out, re.MULTILINE)
    if format_ == "mermaid":
        assert all(_is_mermaid(line) for line in outcome.out.splitlines())


def _is_mermaid(line):
    return re.fullmatch(
        r'flowchart LR|  n\d+\["[^"\[\]<>`;]*(?:#\d+;[^"\[\]<>`;]*)*"\](?::::\w+)?'
        r'|  n\d+ -- "[^"\[\]<>`;]*(?:#\d+;[^"\[\]<>`;]*)*" --> n\d+'
        r"|  (?:linkStyle \d+|classDef \w+) [\w#:.,-]+",
        line,
    )


def test_no_secret_is_shown(tmp_path):
    token = "AKIA" + "Q3EGRI4NK7XLZPW2"
    manifest = DEPLOYMENT.format(name="api", namespace="shop", image=f"x/{token}:1.0.0")
    (tmp_path / "api.yaml").write_text(manifest)
    for format_ in ("text", "mermaid", "json"):
        assert token not in _graph(tmp_path, "--format", format_).out


def test_jobs_that_wait_for_each_other_are_all_shown(tmp_path):
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / ".github/workflows/a.yml").write_text(
        "on: push\njobs:\n"
        "  one: {needs: two, runs-on: x, steps: [{run: make}]}\n"
        "  two: {needs: one, runs-on: x, steps: [{run: make}]}\n"
    )
    shown = _graph(tmp_path).out
    assert "job one" in shown
    assert "job two" in shown


def _chain(length):
    graph = Graph()
    keys = [graph.add(Node(("x", str(i)), "thing", str(i), "a.yaml", 1)) for i in range(length)]
    for one, other in pairwise(keys):
        graph.link(one, other, "then")
    return graph


def test_a_long_chain_is_cut_and_not_followed_for_ever():
    graph = _chain(20_000)
    assert len(as_tree(graph).splitlines()) < 100
    assert as_mermaid(graph).count("-->") == 19_999
    assert '"19999"' in as_json(graph)


def test_a_finding_with_two_places_marks_what_is_between_them():
    graph = Graph()
    places = [Place(START, f"Service/x/{name}:metadata.name") for name in ("one", "two")]
    one, two = (
        graph.add(Node(("object", place.address), "Service", "x", "a.yaml", 1), place)
        for place in places
    )
    graph.link(one, two, "uses")
    related = Related("a.yaml", Place(START, "Service/x/two:spec.ports[http].port"), "there")
    graph.mark(_finding(Place(START, "Service/x/one:spec.selector"), (related,)))
    assert list(graph.marks) == list(graph.edges)
    graph.mark(_finding(Place(START, "Service/x/one:spec.selector"), ()))
    assert one in graph.marks


def test_what_no_node_holds_becomes_one():
    graph = Graph()
    graph.mark(_finding(Place(START, "Role.rbac/x/one:rules"), ()))
    assert [node.name for node in graph.nodes.values()] == ["x/one"]


def _finding(place, related):
    return Finding("a-policy", "error", Verdict.FAIL, "no", "", "a.yaml", place, related=related)
