"""The report as one page for a browser: self-contained, without network, usable without scripts."""

from __future__ import annotations

from kerp_policy.outcome import Run
from kerp_policy.report.html.entries import entries
from kerp_policy.report.html.estate import trees
from kerp_policy.report.html.pages import page
from kerp_policy.report.html.tables import catalogues, environments, owners, sections
from kerp_policy.report.html.verdicts import VERDICTS, totals
from kerp_policy.report.html.words import words
from kerp_policy.report.text import looked_at, tally

FOLD_ABOVE = 300
"""Findings; where there are more, the files come folded, so that the page stays quick."""


def html(run: Run) -> str:
    """The run as one HTML page."""
    return page(
        "run",
        words(),
        about=run.profile.title,
        run=run,
        summary=tally(run),
        looked_at=looked_at(run),
        verdicts=VERDICTS,
        totals=totals(run),
        files=entries(run),
        fold=len(run.findings) > FOLD_ABOVE,
        sections=sections(run),
        catalogues=catalogues(run),
        environments=environments(run),
        owners=owners(run),
        trees=trees(run),
    )
