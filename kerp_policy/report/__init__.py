"""Reports: one function each, from a run to text."""

from __future__ import annotations

from collections.abc import Callable

from kerp_policy.outcome import Run
from kerp_policy.report.options import Options


def _text(run: Run, options: Options) -> str:
    from kerp_policy.report.text import text

    return text(run, options)


def _json(run: Run, options: Options) -> str:
    from kerp_policy.report.json import as_json

    return as_json(run)


def _sarif(run: Run, options: Options) -> str:
    from kerp_policy.report.sarif import sarif

    return sarif(run)


def _github(run: Run, options: Options) -> str:
    from kerp_policy.report.github import github

    return github(run)


def _markdown(run: Run, options: Options) -> str:
    from kerp_policy.report.markdown import markdown

    return markdown(run)


def _gitlab(run: Run, options: Options) -> str:
    from kerp_policy.report.gitlab import gitlab

    return gitlab(run)


def _junit(run: Run, options: Options) -> str:
    from kerp_policy.report.junit import junit

    return junit(run)


def _html(run: Run, options: Options) -> str:
    from kerp_policy.report.html import html

    return html(run)


FORMATS: dict[str, Callable[[Run, Options], str]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
    "markdown": _markdown,
    "gitlab": _gitlab,
    "junit": _junit,
    "html": _html,
}
