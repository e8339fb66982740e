"""What a policy says of itself: `list` and `explain`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from kerp_policy.policy.model import Policy, Profile, fill, in_words
from kerp_policy.policy.profiles import known


def listing(profile: Profile) -> str:
    """One line a policy: id, severity, clauses, title."""
    rows = [
        (p.id, p.severity, ", ".join(p.clauses) or "-", fill(p.title, p.params))
        for p in profile.policies
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]])
        for row in rows
    ]
    return "\n".join([profile.title, *lines]) + "\n"


def explanation(profile: Profile, id: str) -> str:
    """Everything about one policy.

    Raises:
        UsageError: the profile has no such policy.
    """
    policies = {policy.id: policy for policy in profile.policies}
    policy = policies[known(id, policies, f"the profile {profile.name}")]
    return "\n".join(_lines(profile, policy)) + "\n"


def _lines(profile: Profile, policy: Policy) -> Iterator[str]:
    yield f"{policy.id} ({policy.severity})"
    yield fill(policy.title, policy.params)
    for clause in policy.clauses:
        yield f"  clause {clause}: {profile.clauses.get(clause, '')}".rstrip(": ")
    for name, value in policy.params.items():
        yield f"  parameter {name}: {in_words(value)}"
    if policy.environments is not None:
        yield f"  only in: {', '.join(policy.environments)}"
    if policy.topics:
        yield f"  topics: {', '.join(policy.topics)}"
    if policy.controls:
        yield f"  controls: {', '.join(policy.controls)}"
    yield from ("", "Why", *_paragraph(fill(policy.why, policy.params)))
    yield from ("", "How", *_paragraph(policy.help()))
    for example in policy.examples:
        for name, text in example.items():
            yield from ("", name.capitalize(), *_example(policy, text))


def _example(policy: Policy, example: str | Mapping[str, str]) -> Iterator[str]:
    parts = {"": example} if isinstance(example, str) else example
    for file, text in parts.items():
        if file:
            yield f"  # {file}"
        yield textwrap.indent(fill(text, policy.params).rstrip(), "  ")


def _paragraph(text: str) -> list[str]:
    """Lines of a text, none of which breaks a word: a command or a path is to be copied."""
    wrapper = textwrap.TextWrapper(
        78,
        initial_indent="  ",
        subsequent_indent="  ",
        break_on_hyphens=False,
        break_long_words=False,
    )
    return wrapper.wrap(" ".join(text.split()))
