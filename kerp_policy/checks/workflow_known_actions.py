"""Checks of actions about which something is known: that they are retired, unsafe, not needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Step
from kerp_policy.artifacts.workflow.runners import is_hosted
from kerp_policy.findings import Remark, Verdict
from kerp_policy.parameters import TEXT, by_name, record, some, takes
from kerp_policy.regex import regex
from kerp_policy.views import View
from kerp_policy.wording import nearest

_VERSION = regex(r"v?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?")
_COMMIT = regex(r"[0-9a-f]{40}")
_COMMENT = regex(r"\s+#\s*(?:tag=|pin@)?(v?[0-9][0-9.]*)(?=\s|$)")
_NAME = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9._-]*(/[a-z0-9._-]+|/\*)?$"}
"""An account, a repository, or an action as `account/repository`; `account/*` is all of them."""
_NEWEST = 10**9
"""What stands for the part of a version that a tag leaves out: the newest there is."""


@takes(what=TEXT, actions=by_name(TEXT, _NAME, least=1))
def replaceable(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The action is none of those in whose place there is something better."""
    name = _name(view.subject)
    instead = params["actions"].get(name) or params["actions"].get(f"{name.partition('/')[0]}/*")
    if instead:
        yield Remark(("uses",), f"{name} {params['what']}; use {instead}", subject=name)


@takes(owners=by_name(some(_NAME), _NAME, least=1))
def misspelt(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The account that an action comes from is not one letter off the one that has it."""
    owner, _, action = _name(view.subject).partition("/")
    for known, actions in params["owners"].items():
        is_near = owner != known and abs(len(owner) - len(known)) < 2
        if action in actions and is_near and nearest(owner[:60], [known], 0.85):
            message = f"{owner} is another account than {known}; did you mean {known}/{action}?"
            yield Remark(("uses",), message, subject=f"{owner}/{action}")


_RANGE = record(
    "action", "below", "what",
    action=_NAME, since=TEXT, below=TEXT, what=TEXT,
)  # fmt: skip


@takes(
    versions=some(_RANGE),
    commits={**by_name(TEXT), "default": {}},
    hosted={"type": "boolean", "default": False},
)
def outdated(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The action is of no version, and of no commit, about which something is known.

    A tag such as `v4` stands for the newest of its versions; a commit for what its comment says.
    With `hosted` the versions are those that GitHub's own service refuses: on a runner that may
    belong to a server of somebody's own, nobody can tell.
    """
    step: Step = view.subject
    name, ref = _name(step), step.uses.partition("@")[2].lower()
    if what := params.get("commits", {}).get(ref):
        yield Remark(("uses",), f"{name} at {ref[:7]} {what}", subject=name)
    of_action = [each for each in params["versions"] if each["action"] == name]
    written = _written(step, ref) if of_action else ""
    for each in of_action:
        if _version(each.get("since", "0.0.0")) <= _version(written) < _version(each["below"]):
            own = params.get("hosted") and not (step.job and is_hosted(step.job))
            where = " on github.com, if that is where this runs" if own else ""
            message = f"{name} {written} {each['what']}{where}; expected {each['below']} or later"
            verdict = Verdict.UNVERIFIED if own else Verdict.FAIL
            yield Remark(("uses",), message, verdict, subject=name)


def _name(step: Step) -> str:
    """Account and repository, without the folder in it."""
    return "/".join(step.action.split("/", 2)[:2])


def _written(step: Step, ref: str) -> str:
    """The version that a ref, or the comment behind a commit, tells."""
    if not _COMMIT.fullmatch(ref):
        return ref
    node = step.file.document.node((*step.path, "uses"))
    if node is None:
        return ""
    found = _COMMENT.match(step.file.lines[node.span.end_line - 1], node.span.end_column - 1)
    return found[1] if found else ""


def _version(text: str) -> tuple[int, ...]:
    """A version in numbers; of what is none, the newest."""
    found = _VERSION.fullmatch(text)
    parts = found.groups() if found else (None, None, None)
    return tuple(_NEWEST if part is None else int(part) for part in parts)
