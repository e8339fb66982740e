"""Write docs/standard.md: every clause of the standard, its policies, and what is not enforced.

And, with scripts/policy_changelog.py, what of it has changed.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from kerp_policy.policy.load import load_profile
from kerp_policy.policy.model import Policy, Profile, fill, section_of

TARGET = Path(__file__).parent.parent / "docs" / "standard.md"
_HEAD = """\
# {title}

What each clause asks for, and which policies hold files to it. This page is written by
`python scripts/build_docs.py`; a test fails when it is out of date. `kerp-policy explain POLICY`
tells more about each.
"""
_MORE = """\
## Only with `--profile thorough`

Hardening and hygiene that the guide does not ask for. `policies: {NAME: {enabled: true}}`
in a profile of your own takes single ones.
"""


def page(profile: Profile) -> str:
    """The page as text."""
    by_clause: dict[str, list[Policy]] = {clause: [] for clause in profile.clauses}
    for policy in profile.policies:
        for clause in policy.clauses:
            by_clause[clause].append(policy)
    parts = [_HEAD.format(title=profile.title)]
    for section, clauses in groupby(profile.clauses, section_of):
        parts.append(f"## {section} {profile.sections.get(section, '')}".rstrip() + "\n")
        for clause in clauses:
            parts.append(f"### {clause}\n\n{profile.clauses[clause]}\n")
            told = [_policies(by_clause[clause]), _pending(profile, by_clause, clause)]
            parts += filter(None, told)
    parts.append("## Beyond the standard\n\nWhat the field asks for besides.\n")
    parts.append(_policies([policy for policy in profile.policies if not policy.clauses]))
    parts.append(_MORE)
    left_out = {p.id for p in load_profile("thorough").policies} - {p.id for p in profile.policies}
    parts.append(_policies([p for p in load_profile("thorough").policies if p.id in left_out]))
    return "\n".join(parts)


def _pending(profile: Profile, by_clause: dict[str, list[Policy]], clause: str) -> str:
    if not by_clause[clause]:
        return "Not yet enforced.\n"
    pending = profile.pending.get(clause)
    return f"Not yet enforced: {pending[0].lower()}{pending[1:]}\n" if pending else ""


def _policies(policies: list[Policy]) -> str:
    rows = [f"- `{p.id}` ({p.severity}): {fill(p.title, p.params)}" for p in policies]
    return "\n".join([*rows, ""]) if rows else ""


if __name__ == "__main__":
    import policy_changelog

    TARGET.write_text(page(load_profile("kerp")), "utf-8")
    policy_changelog.main()
