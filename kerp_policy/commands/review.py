"""What `kerp-policy review` does: two revisions to a filled-in checklist."""

from __future__ import annotations

import sys

from kerp_policy.changes import ends
from kerp_policy.commands.project import project_of
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import speaking_as
from kerp_policy.review.database import concerns_database
from kerp_policy.review.delta import Delta, delta_of
from kerp_policy.review.json import as_json
from kerp_policy.review.markdown import markdown
from kerp_policy.review.model import Revision
from kerp_policy.review.questions import review
from kerp_policy.visible import complaint

_FORMATS = {"markdown": markdown, "json": as_json}


def review_command(
    base: str, head: str | None, form: str, profile: str | None, *, staged: bool
) -> tuple[str, int]:
    """Review the change from one revision to another.

    Args:
        base: the revision before the change.
        head: the one with it; None for the folder, or for what is staged.
        form: `markdown` or `json`.
        profile: the standard, if not the configured one.
        staged: whether the change leads to what is staged.

    Returns:
        The report and the exit code: 0, or 2 where a check crashed.

    Raises:
        UsageError: git has no such revision, or the project is not valid.
    """
    if staged and head is not None:
        message = _("--head and --staged exclude each other: the change leads to one of them")
        raise UsageError(message)
    project = project_of()
    standard = project.standard(profile)
    exclude = project.config.exclude
    with ends(project.root, exclude, since=base, until=head, staged=staged) as change:
        delta = delta_of(change, standard, concerns_database)
        git = change.base.git
        older = Revision(base, git.commit(base) or "")
        commit = (git.commit(head) or "") if head else ""
        with speaking_as(form):
            name = head or (_("what is staged") if staged else _("the folder"))
            report = _FORMATS[form](review(delta, older, Revision(name, commit)))
    return report, _told_crashes(delta)


def _told_crashes(delta: Delta) -> int:
    for crash in delta.crashes:
        print(complaint(crash), file=sys.stderr)
    return 2 if delta.crashes else 0
