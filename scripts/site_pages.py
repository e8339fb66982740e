"""The pages of the documentation site that are made from the policies, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from kerp_policy.commands.controls import Coverage, coverage
from kerp_policy.commands.explain import Part, examples
from kerp_policy.policy.catalogues import Catalogue, controls_of
from kerp_policy.policy.model import Policy, Profile, fill, in_words
from kerp_policy.report.markup import code

_LANGUAGES = {"dockerfile": "dockerfile", "script": "bash", ".sh": "bash", ".json": "json"}
_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|{}!#^]")
_QUOTED = re.compile(r"`([^`]+)`")
_POLICY = re.compile(r"^- `([\w-]+)` \(", re.MULTILINE)
_CLAUSE = re.compile(r"^### (\d\S*)$", re.MULTILINE)


def pages(profile: Profile, policies: Mapping[str, Policy], standard: str) -> dict[str, str]:
    """Every page that is made from the policies, by its path.

    Args:
        profile: the standard that the site tells of.
        policies: every policy that there is, by id.
        standard: the page of the standard's clauses, to which links are added.
    """
    chosen = {policy.id: policy for policy in profile.policies}
    return {
        "standard.md": _CLAUSE.sub(
            r"### \1 { #\1 }", _POLICY.sub(r"- [`\1`](policies/\1.md) (", standard)
        ),
        "policies/index.md": _index(profile),
        "topics.md": _topics(profile),
        "controls.md": _controls(profile, chosen, policies),
        **{f"policies/{id}.md": _policy(profile, policy) for id, policy in chosen.items()},
    }


def _index(profile: Profile) -> str:
    parts = ["# Policies", f"Those of the standard *{_plain(profile.title)}*."]
    by_kind: dict[str, list[Policy]] = {}
    for policy in profile.policies:
        by_kind.setdefault(_kind(policy), []).append(policy)
    for kind, policies in sorted(by_kind.items()):
        parts += [f"## {kind}", _list(policies, "")]
    return _joined(parts)


def _topics(profile: Profile) -> str:
    by_topic: dict[str, list[Policy]] = {}
    for policy in profile.policies:
        for topic in policy.topics:
            by_topic.setdefault(topic, []).append(policy)
    parts = ["# Topics", "What policies are about; `--select` and `--ignore` take these words."]
    for topic, policies in sorted(by_topic.items()):
        parts += [f"## {_plain(topic)} {{ #{topic} }}", _list(policies, "policies/")]
    return _joined(parts)


def _controls(
    profile: Profile, chosen: Mapping[str, Policy], policies: Mapping[str, Policy]
) -> str:
    head = (
        "Which controls of public catalogues the standard decides, as `kerp-policy controls` tells."
        " *Partly* is what leaves something over that files do not show or no policy asks yet."
    )
    parts = ["# Controls", head]
    for catalogue in profile.catalogues.values():
        parts += _catalogue(catalogue, coverage(catalogue, chosen, policies))
    return _joined(parts)


def _catalogue(catalogue: Catalogue, rows: list[Coverage]) -> Iterator[str]:
    yield f"## {_plain(catalogue.title)}, {_plain(catalogue.version)} {{ #{catalogue.id} }}"
    yield f"[Published by its authors]({catalogue.source})."
    yield "\n".join(_control(row) for row in rows)


def _control(row: Coverage) -> str:
    control = row.control
    number, title = control.id.partition("/")[2], _plain(control.title)
    korean = f" ({_plain(control.korean)})" if control.korean else ""
    told = [
        f"*{row.state}*",
        ", ".join(_link(id, "policies/") for id in row.policies),
        control.pending and f"not yet: {_plain(control.pending)}",
        control.undecidable and f"files do not show: {_plain(control.undecidable)}",
    ]
    words = "; ".join(filter(None, told))
    return f'- <a id="{control.id}"></a>**{_plain(number)}** {title}{korean}: {words}'


def _policy(profile: Profile, policy: Policy) -> str:
    parts = [
        f"# {policy.id}",
        f"**{_prose(fill(policy.title, policy.params))}** ({policy.severity})",
        "\n".join(_facts(profile, policy)),
        "## Why",
        _prose(fill(policy.why, policy.params)),
        "## How",
        _prose(policy.help()),
    ]
    for name, files in examples(policy):
        parts.append(f"## {name.capitalize()}")
        parts += (_example(policy, part) for part in files)
    return _joined([*parts, "[All policies](index.md)"])


def _facts(profile: Profile, policy: Policy) -> Iterator[str]:
    for clause in policy.clauses:
        text = _plain(profile.clauses.get(clause, ""))
        yield f"- clause [{clause}](../standard.md#{clause}): {text}"
    for name, value in policy.params.items():
        yield f"- parameter {code(name)}: {code(in_words(value))}"
    if policy.environments is not None:
        yield f"- only in: {', '.join(map(_plain, policy.environments))}"
    controls = controls_of(profile.catalogues)
    for id in policy.controls:
        yield f"- control [{_plain(id)}](../controls.md#{id}): {_plain(controls[id].title)}"
    if policy.topics:
        links = (f"[{_plain(topic)}](../topics.md#{topic})" for topic in policy.topics)
        yield f"- topics: {', '.join(links)}"
    yield f"- each: {code(policy.each)}"
    yield f"- written in: {code(f'policies/{_kind(policy)}/{policy.id}.yaml')}"


def _example(policy: Policy, part: Part) -> str:
    """A fenced block that no line of the example can end."""
    text = "\n".join(part.lines)
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    language = _LANGUAGES.get(PurePath(part.file).suffix) or _LANGUAGES.get(_kind(policy), "yaml")
    title = f' title="{part.file}"' if part.file else ""
    marks = " ".join(str(index + 1) for index in sorted(part.differing))
    marked = f' hl_lines="{marks}"' if marks else ""
    return f"{fence} {{ .{language}{title}{marked} }}\n{text}\n{fence}"


def _kind(policy: Policy) -> str:
    """The folder that the policy lies in: what it is about."""
    return PurePath(policy.file).parent.name


def _list(policies: list[Policy], folder: str) -> str:
    rows = ((_link(p.id, folder), p.severity, _prose(fill(p.title, p.params))) for p in policies)
    return "\n".join(f"- {link} ({severity}): {title}" for link, severity, title in rows)


def _link(id: str, folder: str) -> str:
    return f"[`{id}`]({folder}{id}.md)"


def _prose(text: str) -> str:
    """Words in which what stands between backticks is code, and nothing else is markup."""
    parts = _QUOTED.split(" ".join(text.split()))
    return "".join(code(part) if i % 2 else _escaped(part) for i, part in enumerate(parts))


def _plain(text: str) -> str:
    """Text on one line in which nothing is markup."""
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    """Every character standing for itself; Python-Markdown knows a backslash before few."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)


def _joined(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"
