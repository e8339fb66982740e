"""The estate as a graph: what leads to what, and where a joint check has found something."""

from __future__ import annotations

from collections.abc import Iterable

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.graph import alerts, cluster, pipelines
from kerp_policy.estate.graph.model import Graph
from kerp_policy.findings import Finding


def graph_of(estate: Estate, findings: Iterable[Finding]) -> Graph:
    """The graph of an estate.

    Args:
        estate: what there is.
        findings: those of joint checks; the open ones are marked.
    """
    graph = Graph()
    for module in (cluster, pipelines, alerts):
        module.add_to(graph, estate)
    for finding in findings:
        if finding.is_open:
            graph.mark(finding)
    return graph
