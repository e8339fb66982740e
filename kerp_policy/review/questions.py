"""The questions of the checklist, in its order (guide, section 5.1)."""

from __future__ import annotations

from kerp_policy.review.breaking import breaking
from kerp_policy.review.database import database
from kerp_policy.review.delta import Delta
from kerp_policy.review.environment import Settings, environment
from kerp_policy.review.hosts import hosts
from kerp_policy.review.model import Answer, Review, Revision, Section
from kerp_policy.review.rollback import rollback
from kerp_policy.review.running import running
from kerp_policy.review.standard import findings

_PEOPLE = {
    "tests": ("All tests pass", "the checks of the commit show it, no file does"),
    "reviewed": ("The code was reviewed", "the approvals of the pull request show it"),
    "scanned": ("The security scan passes", "the checks of the commit show it, no file does"),
    "linted": ("The linter passes", "the checks of the commit show it, no file does"),
    "announced": ("The deployment was announced", "no file shows who was told"),
    "watched": ("Alerts and dashboards were looked at", "no file shows who is on call and watches"),
}
"""What files cannot answer, and who can."""


def review(delta: Delta, base: Revision, head: Revision) -> Review:
    """Fill the checklist in.

    Args:
        delta: the change.
        base: what the older end is called.
        head: what the newer end is called.
    """
    settings = Settings(delta)
    told = f"`{base.name}`" + (f" ({base.commit[:12]})" if base.commit else "")
    code = (*_open("tests", "reviewed", "scanned", "linted"), findings(delta))
    changes = (
        database(delta),
        environment(delta, settings),
        hosts(delta, settings),
        breaking(delta, settings),
        running(delta),
    )
    (announced, watched) = _open("announced", "watched")
    preparation = (announced, rollback(delta, told), watched)
    return Review(
        base,
        head,
        (
            Section("code", "Code", code),
            Section("changes", "What changes", changes),
            Section("preparation", "Preparation", preparation),
        ),
    )


def _open(*ids: str) -> tuple[Answer, ...]:
    return tuple(Answer(id, _PEOPLE[id][0], False, _PEOPLE[id][1]) for id in ids)
