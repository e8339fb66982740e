"""Write docs/policy-changelog.md: what each release of the standard asks other than the one before.

`scripts/build_docs.py` does so. The words are for who has to decide whether to upgrade, so
changes are sorted by what they do to a project: what may fail now, what fails no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from kerp_policy.findings import SEVERITIES
from kerp_policy.policy.folder import builtin_folder
from kerp_policy.policy.load import load_profile
from kerp_policy.policy.model import Policy, Profile, fill, in_words
from kerp_policy.policy.releases import MARK, releases

PROFILE = "kerp"
TARGET = Path(__file__).parent.parent / "docs" / "policy-changelog.md"
_KINDS = {
    "Added": "New policies: what they find was not found before.",
    "Stricter": "Policies that find more, or count for more.",
    "Changed": "Policies that ask for something else.",
    "Milder": "Policies that find less, or count for less.",
    "Removed": "Policies that find nothing any more.",
}
_HEAD = """\
# What releases change

`--profile kerp@1.0`, `profile: kerp@1.0` in the configuration and `extends: kerp@1.0` in a profile
of your own judge by the policies, severities and parameters of that release, whatever version of
the program runs; `kerp` goes with the newest. Here is what each release asks other than the one
before. Mended mistakes of checks are not listed: they count in every release, and the changelog of
the program tells them.

This page is written by `python scripts/build_docs.py`; a test fails when it is out of date.
"""


class Change(NamedTuple):
    """One line of the page: a key of `_KINDS`, and what to say."""

    kind: str
    text: str


def page(folder: Path) -> str:
    """The page as text.

    Args:
        folder: what ships.
    """
    names = [name for name in releases(folder) if name.partition(MARK)[0] == PROFILE]
    standards = [load_profile(name) for name in (*names, PROFILE)]
    headings = [*names[1:], "Unreleased"]
    later = [
        _section(heading, before, after)
        for heading, (before, after) in zip(headings, pairwise(standards), strict=True)
    ]
    first = (
        f"## {names[0]}\n\nThe first release: {len(standards[0].policies)} policies, which "
        f"`kerp-policy list --profile {names[0]}` lists.\n"
    )
    return "\n".join([_HEAD, *later[::-1], first])


def _section(heading: str, before: Profile, after: Profile) -> str:
    found = list(changes(before, after))
    lines = [f"## {heading}\n"]
    for kind, words in _KINDS.items():
        if texts := sorted(change.text for change in found if change.kind == kind):
            lines.append(
                f"### {kind}\n\n{words}\n\n" + "\n".join(f"- {text}" for text in texts) + "\n"
            )
    return "\n".join(lines if found else [*lines, f"Nothing differs from {before.name}.\n"])


def changes(before: Profile, after: Profile) -> Iterator[Change]:
    """What one standard asks other than the one before."""
    old, new = ({policy.id: policy for policy in p.policies} for p in (before, after))
    for id in new.keys() - old.keys():
        title = fill(new[id].title, new[id].params)
        yield Change("Added", f"`{id}` ({new[id].severity}): {title}")
    for id in old.keys() - new.keys():
        yield Change("Removed", f"`{id}`: {fill(old[id].title, old[id].params)}")
    for id in old.keys() & new.keys():
        own = {*new[id].params} - {*(new[new[id].params_of].params if new[id].params_of else ())}
        for change in _of_policy(old[id], new[id], own):
            yield change._replace(text=f"`{id}`: {change.text}")
    yield from _of_standard(before, after)


def _of_policy(old: Policy, new: Policy, own: set[str]) -> Iterator[Change]:
    """What a policy asks otherwise; `own` are its parameters that are not those of another."""
    if old.severity != new.severity:
        is_more = SEVERITIES.index(new.severity) < SEVERITIES.index(old.severity)
        text = f"severity {old.severity} → {new.severity}"
        yield Change("Stricter" if is_more else "Milder", text)
    if old.waivable != new.waivable:
        text = "can be waived" if new.waivable else "cannot be waived any more"
        yield Change("Milder" if new.waivable else "Stricter", text)
    yield from _of_environments(old.environments, new.environments)
    for name, was, now in _differing(old.params, new.params):
        if name in own:
            yield Change("Changed", f"parameter `{name}` {_shown(was)} → {_shown(now)}")
    yield from (_of_fact(*found) for found in _differing(old.when, new.when))
    yield from (_of_requirement(*found) for found in _differing(old.require, new.require))
    if old.each != new.each:
        yield Change("Changed", f"asked about {old.each} → {new.each}")
    if old.check != new.check:
        yield Change("Changed", "another check decides")


def _of_fact(name: str, was: Any, now: Any) -> Change:
    if was is None:
        return Change("Milder", f"asked only where `{name}` is {_shown(now)}")
    if now is None:
        return Change("Stricter", f"asked also where `{name}` is not {_shown(was)}")
    return Change("Changed", f"asked where `{name}` is {_shown(was)} → {_shown(now)}")


def _of_requirement(path: str, was: Any, now: Any) -> Change:
    if was is None:
        return Change("Stricter", f"asks of `{path}` {_shown(now)}")
    if now is None:
        return Change("Milder", f"asks nothing of `{path}` any more, before {_shown(was)}")
    return Change("Changed", f"asks of `{path}` {_shown(was)} → {_shown(now)}")


def _of_environments(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> Iterator[Change]:
    """None stands for all."""
    if old == new:
        return
    is_more = new is None or (old is not None and {*new} > {*old})
    is_less = old is None or (new is not None and {*new} < {*old})
    kind = "Stricter" if is_more else "Milder" if is_less else "Changed"
    was, now = ("all" if names is None else in_words(names) for names in (old, new))
    yield Change(kind, f"environments {was} → {now}")


def _of_standard(before: Profile, after: Profile) -> Iterator[Change]:
    for program, was, now in _differing(before.versions, after.versions):
        yield Change("Changed", f"the version of {program}: {_shown(was)} → {_shown(now)}")
    old, new = ({e.name: e for e in profile.environments} for profile in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            what = (
                "goes" if name not in new else "is new" if name not in old else "is told otherwise"
            )
            yield Change("Changed", f"the environment {name} {what}")


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def main() -> None:
    TARGET.write_text(page(builtin_folder()), "utf-8")


if __name__ == "__main__":
    main()
