"""What `kerp-policy test` does: examples and fixture folders, held to what they should find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kerp_policy.commands.project import Project, project_of
from kerp_policy.errors import UsageError
from kerp_policy.examples import wrong_examples
from kerp_policy.findings import Finding
from kerp_policy.fixtures import Case, Difference, Expectation, cases, judge, values
from kerp_policy.i18n import amount, noted
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.load import load_library, load_profile
from kerp_policy.policy.model import Policy
from kerp_policy.report.frame import frame
from kerp_policy.sources.source import Span
from kerp_policy.visible import printable

_COLUMNS = 100
_TOLD = ("verdict", "column", "severity", "message", "address", "related")


def test_command(folder: Path) -> tuple[str, bool]:
    """Run every example and fixture folder below a folder.

    Returns:
        What to print, and whether everything is as it should be.

    Raises:
        UsageError: there is nothing to run, or a policy, a profile or an expectation is not valid.
    """
    project = project_of([folder])
    policies = _policies_in(folder, project)
    judged = [judge(case, project.config) for case in cases(folder)]
    examples = sum(len(policy.examples) for policy in policies)
    if not judged and not examples:
        message = _("{folder}: there is nothing to test: no example, no expected.yaml")
        raise UsageError(message.format(folder=folder))
    standard = load_profile(project.config.profile, project.config.policies)
    blocks = [block for policy in policies for block in wrong_examples(policy, standard)]
    blocks += [_case(case) for case in judged if case.differences()]
    blocks += list(_untested(policies, judged))
    return "\n\n".join([*blocks, _summary(len(judged), examples, len(blocks))]) + "\n", not blocks


def _summary(judged: int, examples: int, wrong: int) -> str:
    counts = _("{folders} and {examples}").format(
        folders=amount(judged, "fixture folder", "fixture folders"),
        examples=amount(examples, "example", "examples"),
    )
    outcome = _("{count} not as expected").format(count=wrong) if wrong else _("all as expected")
    return f"{counts}: {outcome}"


def _policies_in(folder: Path, project: Project) -> list[Policy]:
    """The policies whose files lie in a folder."""
    library = load_library(project.config.policies, project.config.profile)
    home = folder.resolve()
    return [p for p in library.policies.values() if Path(p.file).resolve().is_relative_to(home)]


def _untested(policies: Sequence[Policy], judged: Sequence[Case]) -> Iterator[str]:
    """Policies that no fixture shows to speak, or to be silent, where there are fixtures."""
    lacking = {
        True: noted("there is no fixture folder in which it speaks, for: {policies}"),
        False: noted("there is no fixture folder in which it is silent, for: {policies}"),
    }
    for speaks, words in lacking.items():
        shown = {case.policy for case in judged if bool(case.expected) == speaks}
        names = [policy.id for policy in policies if policy.id not in shown]
        if names and judged:
            yield _(words).format(policies=", ".join(names))


def _case(case: Case) -> str:
    lines = [printable(str(case.folder))]
    for difference in case.differences():
        lines += _difference(case, difference)
    return "\n".join(lines)


def _difference(case: Case, difference: Difference) -> Iterator[str]:
    expected, found = difference
    file, line = difference.place
    yield f"  {printable(file)}:{line}"
    if expected and found:
        wanted, there = _("{key} expected: {value}"), _("{key} found:    {value}")
        for key, value in values(found, [key for key in _TOLD if key in expected]).items():
            if value != expected[key]:
                yield f"    {wanted.format(key=key, value=_shown(expected[key]))}"
                yield f"    {there.format(key=key, value=_shown(value))}"
    elif expected:
        yield f"    {_('expected, but not found')}: {_expectation(expected)}"
    elif found:
        yield f"    {_('found, but not expected')}: {_finding(found)}"
    yield from _frame(case, difference)


def _shown(value: object) -> str:
    return printable(str(value))


def _expectation(expected: Expectation) -> str:
    told = (expected[key] for key in ("policy", "verdict", "message") if key in expected)
    return printable(": ".join(told))


def _finding(found: Finding) -> str:
    return printable(f"{found.policy}: {found.verdict}: {found.message}")


def _frame(case: Case, difference: Difference) -> Iterator[str]:
    """The line that a difference is about, marked at what was found, else as a whole."""
    file, line = difference.place
    source, found = case.run.sources.get(file), difference.found
    if source is None or line > len(source.lines):
        return
    span = found.place.span if found else Span(line, 1, line, len(source.lines[line - 1]) + 1)
    secret_from = span.end_column if found and found.confidential else None
    yield from frame(source, span, _COLUMNS, secret_from)
