"""The questions of the checklist, in its order (guide, section 5.1)."""

from __future__ import annotations

from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.review.breaking import breaking
from kerp_policy.review.database import database
from kerp_policy.review.delta import Delta
from kerp_policy.review.environment import Settings, environment
from kerp_policy.review.hosts import hosts
from kerp_policy.review.model import Answer, Review, Revision, Section
from kerp_policy.review.rollback import rollback
from kerp_policy.review.running import running
from kerp_policy.review.standard import findings

_BY_CHECKS = noted("the checks of the commit show it, no file does")
_PEOPLE = {
    "tests": (noted("All tests pass"), _BY_CHECKS),
    "reviewed": (
        noted("The code was reviewed"),
        noted("the approvals of the pull request show it"),
    ),
    "scanned": (noted("The security scan passes"), _BY_CHECKS),
    "linted": (noted("The linter passes"), _BY_CHECKS),
    "announced": (noted("The deployment was announced"), noted("no file shows who was told")),
    "watched": (
        noted("Alerts and dashboards were looked at"),
        noted("no file shows who is on call and watches"),
    ),
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
            Section("code", _("Code"), code),
            Section("changes", _("What changes"), changes),
            Section("preparation", _("Preparation"), preparation),
        ),
    )


def _open(*ids: str) -> tuple[Answer, ...]:
    return tuple(Answer(id, _(_PEOPLE[id][0]), False, _(_PEOPLE[id][1])) for id in ids)
