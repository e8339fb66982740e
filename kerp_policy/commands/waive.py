"""What `kerp-policy waive` does: write a waiver where the finding is, bound to what is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerp_policy.commands.project import Project, project_of
from kerp_policy.errors import UsageError
from kerp_policy.files import write_whole
from kerp_policy.findings import Finding
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Profile
from kerp_policy.policy.profiles import known
from kerp_policy.run import run
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.discover import CONFIG
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.waivers.apply import refused
from kerp_policy.waivers.grammar import as_date, parse
from kerp_policy.waivers.model import Allowed
from kerp_policy.waivers.values import value_of
from kerp_policy.waivers.write import with_comment, with_entry


def waive_command(address: str, options: Mapping[str, Any]) -> str:
    """Waive what is found at an address.

    Args:
        address: as `check -v` and the JSON report show it.
        options: `policy` where several find something there, `reason`, `until`, `owner`.

    Returns:
        What was done, for the user.

    Raises:
        UsageError: nothing is found there, the waiver would not be valid, or it cannot be written.
    """
    project = project_of()
    standard = project.standard()
    result = run(WorkingTree(project.root, project.config.exclude), [project.root], standard)
    finding = _finding(result, address, options["policy"])
    said = _said(finding, value_of(finding, result.sources), options, standard)
    source = result.sources.get(finding.file)
    kind = _kind(result, finding)
    data = with_comment(source, kind, finding.place.span.line, said) if source else None
    if source and data and _covers(project, standard, finding, data, source.data):
        return _waived(finding.file, finding.policy, options["until"])
    return _configured(project, finding, value_of(finding, result.sources), options)


def _finding(result: Run, address: str, policy: str | None) -> Finding:
    at = [finding for finding in result.open if finding.place.address == address]
    if not at:
        addresses = {f.place.address for f in result.open}
        known(address, addresses, _("the command line"), noted("open finding"))
    found = [finding for finding in at if policy in (None, finding.policy)]
    policies = sorted({finding.policy for finding in at})
    if not found:
        known(policy or "", policies, "--policy", noted("finding there"))
    if len({finding.policy for finding in found}) > 1:
        message = _("several policies find something there; add --policy {policies}")
        raise UsageError(message.format(policies="|".join(policies)))
    return found[0]


def _waived(file: str, policy: str, until: str) -> str:
    done = _("{file}: {policy} is waived until {day}")
    return done.format(file=file, policy=policy, day=until)


def _said(finding: Finding, value: str, options: Mapping[str, Any], standard: Profile) -> str:
    """What the waiver says, once it is known to be accepted."""
    parts = [f"allow {finding.policy}", f"until={options['until']}"]
    parts.append(f"reason={_quoted(options['reason'])}")
    parts += [f"owner={_quoted(options['owner'])}"] if options["owner"] else []
    parts += [f"value={value}"] if value else []
    said = " ".join(parts)
    for one in parse(said, 1, 1):
        message = refused(one, standard) if isinstance(one, Allowed) else one.message
        if message:
            raise UsageError(_("{refusal}").format(refusal=message))
    until = as_date(options["until"])
    if until and until < standard.today:
        raise UsageError(_("--until {day} is over already").format(day=options["until"]))
    return said


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return json.dumps(line, ensure_ascii=False)


def _kind(result: Run, finding: Finding) -> str:
    kind = kind_by_name(finding.file) or ""
    return "kubernetes" if kind in ("yaml", "json") else kind


def _covers(
    project: Project, standard: Profile, finding: Finding, data: bytes, before: bytes
) -> bool:
    """Write the file, and take it back if the waiver turns out not to cover the finding."""
    file = project.root / finding.file
    _write(file, data)
    judged = run(WorkingTree(project.root, project.config.exclude), [project.root], standard)
    still = {f.fingerprint for f in judged.open}
    if finding.fingerprint in still or not any(
        f.fingerprint == finding.fingerprint for f in judged.findings
    ):
        _write(file, before)
        return False
    return True


def _configured(project: Project, finding: Finding, value: str, options: Mapping[str, Any]) -> str:
    """Where no comment can stand, the configuration holds the waiver."""
    told = {
        "policy": finding.policy,
        "file": finding.file,
        "address": finding.place.address,
        "reason": options["reason"],
        "owner": options["owner"],
        "until": options["until"],
        "value": value,
    }
    rows = (f"{key}: {json.dumps(v, ensure_ascii=False)}" for key, v in told.items() if v)
    entry = "\n".join(rows)
    file = project.root / CONFIG
    text = file.read_text("utf-8") if file.is_file() else ""
    changed = with_entry(text, entry)
    if changed is None or (not file.is_file() and (project.root / "pyproject.toml").is_file()):
        message = _("no comment can stand there; add this to the configuration:\n{entry}")
        raise UsageError(message.format(entry=entry))
    _write(file, changed.encode())
    done = _waived(CONFIG, finding.policy, options["until"])
    return _("{done}, since no comment can stand there").format(done=done)


def _write(file: Path, data: bytes) -> None:
    try:
        write_whole(file, data)
    except OSError as error:
        message = _("{file}: cannot be written: {why}")
        raise UsageError(message.format(file=file, why=error.strerror)) from None
