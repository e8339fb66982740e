"""The policies of a run as rules of SARIF (§3.49, reportingDescriptor)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.i18n import gettext as _
from kerp_policy.policy.model import Policy, Profile, fill
from kerp_policy.report.markup import block, code, prose

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_MAX_TEXT = 1024
_MAX_TAGS = 20


def rule(policy: Policy, profile: Profile) -> dict[str, Any]:
    """A policy with what GitHub shows of it, within the limits that GitHub sets.

    They are in https://docs.github.com/en/code-security/reference/code-scanning/sarif-files.
    """
    return {
        "id": policy.id,
        "name": "".join(part.capitalize() for part in policy.id.split("-")),
        "shortDescription": {"text": fill(policy.title, policy.params)[:_MAX_TEXT]},
        "fullDescription": {"text": fill(policy.why, policy.params)[:_MAX_TEXT]},
        "help": {"text": policy.help(), "markdown": "\n\n".join(_help(policy, profile))},
        "defaultConfiguration": {"level": LEVELS[policy.severity]},
        "properties": {"tags": _tags(policy)},
    }


def _tags(policy: Policy) -> list[str]:
    """What to filter by; GitHub shows the first ten and refuses a file with more than twenty."""
    clauses = [f"clause/{clause}" for clause in policy.clauses]
    return list(dict.fromkeys([*clauses, *policy.controls, *policy.topics]))[:_MAX_TAGS]


def _help(policy: Policy, profile: Profile) -> Iterator[str]:
    yield f"**{_('How')}.** {prose(policy.help())}"
    yield f"**{_('Why')}.** {prose(fill(policy.why, policy.params))}"
    for clause in policy.clauses:
        words = profile.clauses.get(clause, "")
        yield f"**{_('Clause')} {code(clause)}.** {prose(words)}".rstrip()
    for example in policy.examples:
        for name, text in example.items():
            yield from _example(name, text, policy.params)


def _example(
    name: str, example: str | Mapping[str, str], params: Mapping[str, Any]
) -> Iterator[str]:
    """An example is one text, or a text for each of several files."""
    parts = {"": example} if isinstance(example, str) else example
    for file, text in parts.items():
        where = _(", in {file}").format(file=code(file)) if file else ""
        yield f"**{_(name.capitalize())}**{where}:"
        yield block(fill(text, params))
