"""The examples of a policy: bad ones fail, unverified ones are left open, good ones are not found.

An example is a whole artifact, or the part of one that matters: what a container says, a step, an
instruction. The part is judged within the least artifact that can hold it. What takes several
files is a mapping from paths to texts.
"""

from __future__ import annotations

import re
import tempfile
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.findings import Finding, Verdict
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.policy.model import Policy, Profile, fill
from kerp_policy.run import run
from kerp_policy.sources.tree import WorkingTree


class _Frame(Struct, frozen=True):
    """What surrounds a part, so that it is an artifact."""

    file: str
    whole: str
    """A pattern that only a whole artifact matches."""
    text: str
    """The rest of the artifact, with `{part}` on a line of its own, indented as the part is."""


_MANIFEST = r"^apiVersion:"
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: example, namespace: example}
spec:
"""
_TEMPLATE = """\
  selector: {matchLabels: {app: example}}
  template:
    metadata: {labels: {app: example}}
    spec:
"""
_POD = f"{_DEPLOYMENT}{_TEMPLATE}"
_WORKFLOW = ".github/workflows/example.yml"
_JOB = "on: push\njobs:\n  example:\n"
_RUNNER = "    runs-on: ubuntu-24.04\n"
_CONTAINERS = "      containers:\n      - name: example\n"
_DOCKERFILE = _Frame("Dockerfile", r"(?i)^FROM\s", "FROM example.com/base:1.0.0\n{part}\n")
_SCRIPT = _Frame("example.sh", "^", "{part}\n")
_RULES = _Frame("rules.yaml", r"^groups:", "groups:\n  - name: example\n    rules:\n      {part}\n")
_ROUTE = "route:\n  receiver: example\n"
_RECEIVER = "receivers:\n  - name: example\n"
_FRAMES = {
    "workload": _Frame(
        "example.yaml", _MANIFEST, f"{_DEPLOYMENT}  {{part}}\n{_TEMPLATE}{_CONTAINERS}"
    ),
    "pod": _Frame("example.yaml", _MANIFEST, f"{_POD}      {{part}}\n{_CONTAINERS}"),
    "container": _Frame("example.yaml", _MANIFEST, f"{_POD}{_CONTAINERS}        {{part}}\n"),
    "kustomization": _Frame("kustomization.yaml", "^", "{part}\n"),
    "image": _DOCKERFILE,
    "stage": _DOCKERFILE,
    "instruction": _DOCKERFILE,
    "image-reference": _DOCKERFILE,
    "dockerignore": _Frame(".dockerignore", "^", "{part}\n"),
    "job": _Frame(_WORKFLOW, r"^jobs:", f"{_JOB}    {{part}}\n"),
    "step": _Frame(_WORKFLOW, r"^jobs:", f"{_JOB}{_RUNNER}    steps:\n      {{part}}\n"),
    "workflow": _Frame(_WORKFLOW, r"^on:", "on: push\n{part}\n"),
    "workflow-image": _Frame(_WORKFLOW, r"^jobs:", f"{_JOB}    {{part}}\n"),
    "action": _Frame("action.yml", r"^runs:", "runs:\n  using: composite\n{part}\n"),
    "alertmanager": _Frame("alertmanager.yml", r"^route:", f"{_ROUTE}{_RECEIVER}{{part}}\n"),
    "route": _Frame("alertmanager.yml", r"^route:", f"{_ROUTE}  {{part}}\n{_RECEIVER}"),
    "receiver": _Frame("alertmanager.yml", r"^route:", f"{_ROUTE}{_RECEIVER}    {{part}}\n"),
    "rules": _RULES,
    "rule": _RULES,
    "group": _Frame("rules.yaml", r"^groups:", "groups:\n  {part}\n"),
    "script": _SCRIPT,
    "command": _SCRIPT,
}
_AS_IT_IS = _Frame("example.yaml", "^", "{part}\n")


def files_of(policy: Policy, example: str | Mapping[str, str]) -> dict[str, str]:
    """The files that an example stands for, with the parameters in effect."""
    if not isinstance(example, str):
        return {file: fill(text, policy.params) + "\n" for file, text in example.items()}
    text, around = fill(example, policy.params), _FRAMES.get(policy.each, _AS_IT_IS)
    if re.search(around.whole, text, re.MULTILINE):
        return {around.file: text + "\n"}
    [indent] = re.findall(r"^( *)\{part\}", around.text, re.MULTILINE)
    return {around.file: around.text.replace(f"{indent}{{part}}", textwrap.indent(text, indent))}


_WANTED = {"bad": Verdict.FAIL, "unverified": Verdict.UNVERIFIED}
_HEADS = {
    "bad": noted("{policy}: nothing fails in the bad example"),
    "unverified": noted("{policy}: nothing is unverified in the unverified example"),
    "good": noted("{policy}: found in the good example:"),
}
"""What is told of an example that is not what it is called."""


def wrong_examples(policy: Policy, standard: Profile) -> Iterator[str]:
    """Each example that is not what it is called, in words.

    Args:
        policy: its examples are judged by it alone, and for whatever environment.
        standard: tells the environments and the versions that the examples mean.
    """
    for example in policy.examples:
        for name, text in example.items():
            files = files_of(policy, text)
            judged = _findings(_alone(policy, standard), files)
            found = [finding for finding in judged if finding.policy in (policy.id, *_NEVER)]
            if not _is_called_right(name, policy, found):
                told = [f"  {f.file}:{f.place.span.line}: {f.message}" for f in found]
                head = _(_HEADS[name]).format(policy=policy.id)
                yield "\n".join([head, *told, _indented(files)])


def _is_called_right(name: str, policy: Policy, found: Sequence[Finding]) -> bool:
    if name == "good":
        return not found
    return any(each.policy == policy.id and each.verdict is _WANTED[name] for each in found)


def _indented(files: Mapping[str, str]) -> str:
    parts = [f"# {file}\n{text}" for file, text in files.items()]
    return textwrap.indent("".join(parts).rstrip(), "    ")


def _findings(standard: Profile, files: Mapping[str, str]) -> list[Finding]:
    """What a standard says of files of their own."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for file, text in files.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text, "utf-8")
        return run(WorkingTree(root), [root], standard).findings


def _alone(policy: Policy, standard: Profile) -> Profile:
    """A standard of one policy for every environment, which also tells what a part must not be."""
    if policy.each == "file":  # about files as such, as about the waivers in them
        others = (other for other in standard.policies if other.id != policy.id)
        return replace(standard, policies=(*others, policy))
    always = (Policy(id, id, "error", "file", "", "", topics=(id,)) for id in _NEVER)
    return replace(standard, policies=(*always, replace(policy, environments=None)))


_NEVER = ("unreadable", "duplicate-key")
"""What no example may be: a text that nobody reads, a part that repeats a key of its frame."""
