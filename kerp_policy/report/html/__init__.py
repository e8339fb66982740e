"""The report as one page for a browser: self-contained, without network, usable without scripts."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from kerp_policy import __version__
from kerp_policy.i18n import Told
from kerp_policy.report.html.entries import entries
from kerp_policy.report.html.estate import trees
from kerp_policy.report.html.tables import catalogues, environments, owners, sections
from kerp_policy.report.html.verdicts import VERDICTS, totals
from kerp_policy.report.html.words import words
from kerp_policy.report.text import looked_at, tally
from kerp_policy.run import Run
from kerp_policy.visible import inert_markup, one_line

if TYPE_CHECKING:
    from jinja2 import Template

FOLD_ABOVE = 300
"""Findings; where there are more, the files come folded, so that the page stays quick."""


def html(run: Run) -> str:
    """The run as one HTML page.

    What artifacts say is text in it, never markup: every value is escaped by the template engine,
    and the page's policy lets no script or style run but its own.
    """
    page = _template().render(
        w=SimpleNamespace(**words()),
        version=__version__,
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
    return inert_markup(page)


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("kerp_policy", "report/html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    for name in ("style.css", "script.js"):
        text = files(__package__).joinpath(name).read_text("utf-8")
        kind = name.partition(".")[0]
        environment.globals[kind] = Markup(text)  # noqa: S704 - our own file
        environment.globals[f"{kind}_hash"] = b64encode(sha256(text.encode()).digest()).decode()
    return environment.get_template("page.html")


def _finalized(value: Any) -> Any:
    """A value as the page shows it: what would hide or turn text around is made visible."""
    return one_line(str(value)) if type(value) in (str, Told) else value
