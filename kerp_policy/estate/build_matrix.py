"""The runs that the matrix of a job makes, as far as the workflow itself lists them.

Source: GitHub documentation, "Workflow syntax for GitHub Actions", `jobs.<job_id>.strategy.matrix`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from kerp_policy.artifacts.workflow import Job
from kerp_policy.views import lookup

MAX_RUNS = 50
"""Runs of a matrix that are looked at; GitHub makes 256 at most."""


def runs_of(job: Job) -> list[Mapping[str, str]]:
    """What the matrix sets in each run of a job, as `matrix.X`; one that sets nothing without any.

    A matrix that is computed, or that takes runs out or adds to some, is not followed.
    """
    matrix = lookup(job.data, ("strategy", "matrix"))
    found = list(islice(_runs(matrix), MAX_RUNS)) if isinstance(matrix, dict) else []
    return found or [{}]


def _runs(matrix: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    if "exclude" in matrix:
        return
    names = [name for name in matrix if name != "include"]
    included = matrix.get("include")
    if not names and isinstance(included, list):
        for entry in included:
            yield _flat("matrix", entry)
    if not included and all(isinstance(matrix[name], list) for name in names):
        for chosen in product(*(matrix[name] for name in names)):
            yield _flat("matrix", dict(zip(names, chosen, strict=True)))


def _flat(prefix: str, value: Any) -> dict[str, str]:
    """A value as texts by path: `matrix.service.name`; two levels, as such entries have."""
    if not isinstance(value, dict):
        return {} if value is None or isinstance(value, list) else {prefix: str(value)}
    found: dict[str, str] = {}
    for key, inner in value.items():
        if not isinstance(inner, dict) or prefix == "matrix":
            found |= _flat(f"{prefix}.{key}", inner)
    return found
