"""What `kerp-policy check --trust REF` does: a change is judged by what a revision holds."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from kerp_policy.baseline.file import load_baseline
from kerp_policy.changes import Ends, ends, judge_change
from kerp_policy.commands.asked import is_change, profile_of
from kerp_policy.commands.project import Judged, Project
from kerp_policy.results import Trust
from kerp_policy.trust.revision import Trusted, trusted
from kerp_policy.trust.standard import Standard, standard_brought
from kerp_policy.trust.waivers import Distrust, waivers_brought
from kerp_policy.visible import complaint


def judge_trusting(paths: Sequence[str], options: Mapping[str, Any]) -> Judged:
    """Judge the paths by the standard that a revision holds, with the waivers that it has.

    What the change would rather be judged by is told in the run. If that is not valid, it is told
    on standard error, too, and the exit code is not 0, since everything after it would fail.

    Raises:
        UsageError: the options or the standard of the revision are wrong, or there is no git.
    """
    files = [Path(path) for path in paths]
    with trusted(files, options["trust"]) as base:
        project = Project(base.root, base.config)
        profile = replace(profile_of(project, options), baseline=load_baseline(base.folder))
        distrust = Distrust(base.tree, profile, options["environment"])
        with _change(base, options) as change:
            if is_change(options):
                result = judge_change(
                    change, files, profile, assumed=options["environment"], distrust=distrust
                )
            else:
                result = distrust.judged(change.head, files)
            whole = replace(change.head, exclude=())
            standard = standard_brought(base, whole, result.profile.baseline)
        result.trust = Trust(base.ref, (*standard.brought, *waivers_brought(result)))
        return Judged(project, result, _code(standard))


def _change(base: Trusted, options: Mapping[str, Any]) -> AbstractContextManager[Ends]:
    since, staged = options["changed_since"], options["staged"]
    return ends(base.root, base.config.exclude, since=since, staged=staged)


def _code(standard: Standard) -> int:
    if not standard.mistake:
        return 0
    print(complaint(standard.mistake), file=sys.stderr)
    return 2
