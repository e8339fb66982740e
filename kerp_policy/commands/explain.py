"""What a policy says of itself: `list` and `explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import chain, repeat
from typing import Any

from msgspec import Struct

from kerp_policy.cells import padded, width, wrapped
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.policy.catalogues import controls_of
from kerp_policy.policy.model import Policy, Profile, fill, in_words, section_of
from kerp_policy.policy.profiles import had

_Texts = dict[str, list[str]]
_MARKS = {"bad": "-", "unverified": "-", "good": "+"}
_HEADS = {"bad": noted("Bad"), "unverified": noted("Unverified"), "good": noted("Good")}
_SHORT = 6
"""So many lines of an example are compared at a glance."""
_HUGE = 200
"""So many are not compared: the time for it grows with their square."""


def listing(profile: Profile) -> str:
    """One line a policy: id, severity, clauses, title."""
    rows = [
        (p.id, _(p.severity), ", ".join(p.clauses) or "-", fill(p.title, p.params))
        for p in profile.policies
    ]
    widths = [max(width(row[i]) for row in rows) for i in range(3)]
    lines = [
        "  ".join([*(padded(cell, w) for cell, w in zip(row, widths, strict=False)), row[3]])
        for row in rows
    ]
    return "\n".join([profile.title, *lines]) + "\n"


def explanation(profile: Profile, id: str) -> str:
    """Everything about one policy.

    Raises:
        UsageError: the profile has no such policy.
    """
    policies = {policy.id: policy for policy in profile.policies}
    policy = policies[had(id, policies, profile, "explain")]
    return "\n".join(_lines(profile, policy)) + "\n"


def _lines(profile: Profile, policy: Policy) -> Iterator[str]:
    yield f"{policy.id} ({_(policy.severity)})"
    yield fill(policy.title, policy.params)
    for clause in policy.clauses:
        title = profile.sections.get(section_of(clause))
        section = f", {title}" if title else ""
        yield f"  {_('clause')} {clause}{section}: {profile.clauses.get(clause, '')}".rstrip(": ")
    for name, value in policy.params.items():
        yield from _parameter(name, value)
    if policy.environments is not None:
        yield f"  {_('only in')}: {', '.join(policy.environments)}"
    if policy.topics:
        yield f"  {_('topics')}: {', '.join(policy.topics)}"
    controls = controls_of(profile.catalogues)
    yield from (f"  {_('control')} {id}: {controls[id].words}" for id in policy.controls)
    yield from ("", _("Why"), *_paragraph(fill(policy.why, policy.params)))
    yield from ("", _("How"), *_paragraph(policy.help()))
    for name, parts in examples(policy):
        yield from ("", _(_HEADS[name]))
        for part in parts:
            yield from _shown(part, _MARKS[name])


def _parameter(name: str, value: Any) -> Iterator[str]:
    """A parameter on a line, or records as a profile writes them."""
    head = f"  {_('parameter')} {name}:"
    parts = value if isinstance(value, list) else [value]
    if not any(isinstance(part, dict) for part in parts):
        yield f"{head} {in_words(value)}"
        return
    import yaml  # for which few policies have a use

    yield head
    text = yaml.safe_dump(value, default_flow_style=None, sort_keys=False, allow_unicode=True)
    yield from (f"    {line}" for line in text.splitlines())


class Part(Struct, frozen=True):
    """One file of an example.

    Attributes:
        file: its name, where the example has several files or its name counts.
        lines: its text, with the parameters in effect.
        differing: the indices of the lines that its counterpart lacks, where it helps to mark them.
    """

    file: str
    lines: list[str]
    differing: set[int]


def examples(policy: Policy) -> Iterator[tuple[str, list[Part]]]:
    """The examples of a policy, each as `bad`, `unverified` or `good` with its files."""
    shown: dict[str, list[_Texts]] = {name: [] for name in _HEADS}
    for example in policy.examples:
        for name, text in example.items():
            shown[name].append(_texts(policy, text))
    found = [*shown["bad"], *shown["unverified"]]
    for name, own in shown.items():
        counterparts = chain(found if name == "good" else shown["good"], repeat(_Texts()))
        for texts, counterpart in zip(own, counterparts, strict=False):
            lacking = {file: _differing(texts[file], counterpart.get(file, [])) for file in texts}
            yield name, [Part(file, lines, lacking[file]) for file, lines in texts.items()]


def _texts(policy: Policy, example: str | Mapping[str, str]) -> _Texts:
    """The lines of an example, by file; one that is only one file has no name."""
    parts = {"": example} if isinstance(example, str) else example
    return {file: fill(text, policy.params).rstrip().splitlines() for file, text in parts.items()}


def _shown(part: Part, mark: str) -> Iterator[str]:
    if part.file:
        yield f"  # {part.file}"
    for index, line in enumerate(part.lines):
        yield f"{mark if index in part.differing else ' '} {line}".rstrip()


def _differing(lines: list[str], others: list[str]) -> set[int]:
    """The lines that the others lack, where marking them helps: among many that are alike."""
    if not all(_SHORT < len(one) < _HUGE for one in (lines, others)):
        return set()
    matcher = SequenceMatcher(None, lines, others, autojunk=False)
    alike = {b.a + step for b in matcher.get_matching_blocks() for step in range(b.size)}
    differing = set(range(len(lines))) - alike
    return differing if 2 * len(differing) <= len(lines) else set()


def _paragraph(text: str) -> Iterable[str]:
    """Lines of a text, none of which breaks a word: a command or a path is to be copied."""
    return wrapped(text, 78, "  ", break_long_words=False)
