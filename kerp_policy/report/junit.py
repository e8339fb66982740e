"""The report for test viewers: JUnit's XML, as Jenkins and GitLab read it.

A suite is a policy. Each finding is a test case: a failure, or skipped where it is unverified,
waived or debt. Everything that a policy found nothing wrong with is one test case that passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from kerp_policy.findings import Finding, Verdict
from kerp_policy.i18n import gettext as _
from kerp_policy.outcome import Run
from kerp_policy.policy.model import fill
from kerp_policy.regex import regex
from kerp_policy.visible import inert_markup, one_line

_NO_XML = regex("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document can hold (Extensible Markup Language 1.0, section 2.2)."""


def junit(run: Run) -> str:
    """The run as one XML document; it holds no time, so that it is the same each time."""
    found = {
        policy: list(group)
        for policy, group in groupby(sorted(run.findings, key=_policy), key=_policy)
    }
    suites = [
        _suite(run, policy, found.get(policy, []))
        for policy in sorted({*found, *run.counts})
        if policy in found or run.counts[policy]["judged"]
    ]
    crashes = [_element("error", {"message": crash.english}) for crash in run.crashes]
    case = f"{_element('testcase', {'name': 'all checks ended'}, crashes)}\n" if crashes else ""
    ended = f'<testsuite name="kerp-policy" errors="{len(crashes)}">\n{case}</testsuite>\n'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kerp-policy">\n'
    return inert_markup(f"{head}{''.join(suites)}{ended if crashes else ''}</testsuites>\n")


def _policy(finding: Finding) -> str:
    return finding.policy


def _suite(run: Run, policy: str, findings: list[Finding]) -> str:
    counts = run.counts.get(policy, Counter())
    fine = counts["judged"] - counts["failed"] - counts["unverified"]
    cases = [_case(run, finding) for finding in findings]
    if fine > 0:
        name = _("{count} without a finding").format(count=fine)
        cases.append(_element("testcase", {"name": name, "classname": policy}))
    failures = sum(finding.is_open and finding.verdict is Verdict.FAIL for finding in findings)
    about = {
        "name": policy,
        "tests": str(len(cases)),
        "failures": str(failures),
        "skipped": str(len(findings) - failures),
    }
    return _element("testsuite", about, [*_title(run, policy), *cases]) + "\n"


def _title(run: Run, id: str) -> Iterator[str]:
    for policy in run.profile.policies:
        if policy.id == id:
            title = _element(
                "property", {"name": "title", "value": fill(policy.title, policy.params)}
            )
            yield _element("properties", {}, [title])


def _case(run: Run, finding: Finding) -> str:
    file, line = run.prefix + finding.file, finding.place.span.line
    about = {"name": f"{file}:{line} {finding.place.address}", "classname": finding.policy}
    about |= {"file": file, "line": str(line)}
    if finding.suppression:
        why = finding.suppression
        outcome = _element("skipped", {"message": f"{_(why.kind)}: {why.reason}"})
    elif finding.verdict is Verdict.UNVERIFIED:
        outcome = _element("skipped", {"message": f"{_('unverified')}: {finding.message}"})
    else:
        told = {"type": finding.severity, "message": finding.message}
        outcome = _element("failure", told, [escape(_detail(run, finding))])
    return _element("testcase", about, [outcome])


def _detail(run: Run, finding: Finding) -> str:
    lines = [f"{run.prefix}{finding.file}:{finding.place.span.line}: {finding.message}"]
    lines += [
        f"{_('see')} {run.prefix}{r.file}:{r.place.span.line}: {r.message}" for r in finding.related
    ]
    return "\n".join(map(_clean, [*lines, f"{_('help')}: {finding.help}"]))


def _element(name: str, attributes: dict[str, str], children: list[str] | None = None) -> str:
    told = "".join(f" {key}={quoteattr(_clean(value))}" for key, value in attributes.items())
    inner = "\n".join(children or ())
    return f"<{name}{told}>{inner}</{name}>" if inner else f"<{name}{told}/>"


def _clean(text: str) -> str:
    """On one line, with nothing that XML refuses or a terminal would obey."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", one_line(" ".join(text.split())))
