"""Joint checks of calls: what a workflow or an action of the project asks for, and is given.

Source: GitHub documentation, "Reuse workflows", "Reusing workflow configurations" (limits and
permissions) and "Metadata syntax reference".
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.estate.call_chains import MOST_LEVELS, Chains, Wanted, exceeds, level_of
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import file_of
from kerp_policy.estate.interfaces import (
    Access,
    ActionUse,
    Given,
    Interface,
    Parameter,
    Read,
    WorkflowCall,
)
from kerp_policy.estate.pipelines import Workflow
from kerp_policy.estate.project import has_file, nearest_path
from kerp_policy.findings import Judged, Related, Remark
from kerp_policy.wording import comparable, counted, listed, meant, shown

_METADATA = ("action.yml", "action.yaml", "Dockerfile")
"""The files of which one makes a folder an action."""
_SHOWN = 5
_WANTED = {"boolean": "true or false", "number": "a number"}


def folder_of(interface: Interface) -> str:
    """The folder that an action is used by; one function for all, for the estate's index."""
    return interface.folder


def workflows(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A job gives the workflow that it calls what that asks for, and reads what that gives.

    GitHub refuses the caller else, but for an output, which is empty.
    """
    interfaces = estate.by(Interface, file_of)
    for call in estate.all(WorkflowCall):
        found = interfaces.get(call.called)
        remarks = _held(call, found[0]) if found else _uncallable(estate, call)
        yield Judged(call, (*remarks, *_endless(estate, call)))


def _uncallable(estate: Estate, call: WorkflowCall) -> Iterator[Remark]:
    if call.called in estate.by(Workflow, file_of):
        message = f"{call.called} cannot be called; expected workflow_call in its on"
        yield Remark(call.place, message, subject=call.called)
    elif estate.files and not has_file(estate, call.called):
        near = nearest_path(estate, call.called)
        hint = f"; did you mean {near}?" if near.endswith((".yml", ".yaml")) else ""
        message = f"there is no workflow {call.called} in this project{hint}"
        yield Remark(call.place, message, subject=call.called)


def _held(call: WorkflowCall, asked: Interface) -> Iterator[Remark]:
    yield from _parameters("input", call, call.inputs, asked.inputs, asked)
    if call.secrets is not None:
        yield from _parameters("secret", call, call.secrets, asked.secrets, asked)
    yield from _typed(call.inputs, asked)
    yield from _unknown_outputs(call.read, asked.outputs, asked)
    if asked.group and asked.group in call.groups:
        message = f"{asked.file} waits for the concurrency group {shown(asked.group)}"
        said = f"{message}, which this call is in, so GitHub cancels it"
        yield Remark(call.place, said, subject="concurrency", related=(_declared(asked),))


def _endless(estate: Estate, call: WorkflowCall) -> Iterator[Remark]:
    chains = estate.made(Chains)
    loop = (*chains.loop, *chains.loop[:1])
    if loop[:2] == (call.file, call.called):
        shown = " → ".join(loop if len(loop) <= _SHOWN else (*loop[:_SHOWN], "…"))
        yield Remark(call.place, f"these workflows call each other: {shown}", subject="loop")
    elif chains.levels.get(call.file, 0) == MOST_LEVELS + 1 == chains.levels[call.called] + 1:
        message = f"this call makes {MOST_LEVELS + 1} levels of workflows"
        yield Remark(call.place, f"{message}; expected at most {MOST_LEVELS}", subject="levels")


def _parameters(
    kind: str,
    call: WorkflowCall | ActionUse,
    given: Sequence[Given],
    asked: Sequence[Parameter] | None,
    interface: Interface,
) -> Iterator[Remark]:
    """What is asked for and not given, and the other way round; names in any letters."""
    if asked is None:
        return
    have = {each.name.lower() for each in given}
    missing = [each.name for each in asked if each.is_required and each.name.lower() not in have]
    if missing:
        verb = "are" if missing[1:] else "is"
        names = missing if len(missing) <= _SHOWN else [*missing[:_SHOWN], "others"]
        message = f"the {counted(kind, names)} of {interface.file} {verb} required and not given"
        yield Remark(call.place, message, subject=f"{kind}s", related=(_declared(interface),))
    known = [each.name for each in asked]
    lower = {name.lower() for name in known}
    unknown = [each for each in given if each.name.lower() not in lower]
    near = comparable([each.name for each in unknown], known)
    for each in unknown:
        message = f'{interface.file} has no {kind} "{each.name[:60]}"{meant(each.name[:60], near)}'
        related = (_declared(interface),)
        yield Remark(each.place, message, subject=each.name, related=related)


def _declared(interface: Interface) -> Related:
    return Related(interface.file, interface.place, "what it takes is declared here")


def _typed(given: Sequence[Given], interface: Interface) -> Iterator[Remark]:
    types = {each.name.lower(): each.type for each in interface.inputs or ()}
    for each in given:
        wanted = _WANTED.get(types.get(each.name.lower(), ""))
        if wanted and each.kind not in ("", wanted):
            message = f"{each.name} of {interface.file} is given {each.kind}"
            yield Remark(each.place, f"{message}; expected {wanted}", subject=each.name)


def actions(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A step gives an action of the project what its metadata asks for, and reads what that gives.

    The runner starts an action whatever it is given: what is missing is empty.
    """
    interfaces = estate.by(Interface, folder_of)
    for use in estate.all(ActionUse):
        found = interfaces.get(use.folder, ())
        remarks = [each for asked in found[-1:] for each in _of_action(use, asked)]
        yield Judged(use, (*remarks, *_absent(estate, use)))


def _of_action(use: ActionUse, asked: Interface) -> Iterator[Remark]:
    yield from _parameters("input", use, use.inputs, asked.inputs, asked)
    yield from _unknown_outputs(use.read, asked.outputs, asked)


def _absent(estate: Estate, use: ActionUse) -> Iterator[Remark]:
    files = [posixpath.normpath(f"{use.folder}/{name}") for name in _METADATA]
    if not use.is_fetched:
        message = "nothing before this step checks out the project, so the action is not there"
        yield Remark(use.place, message, subject=use.folder)
    elif estate.files and use.is_here and not any(has_file(estate, file) for file in files):
        near = nearest_path(estate, use.folder)
        hint = f"; did you mean ./{near}?" if near else ""
        message = f"there is no action.yml in {use.folder} of this project{hint}"
        yield Remark(use.place, message, subject=use.folder)


def _unknown_outputs(
    read: Sequence[Read], known: Collection[str] | None, interface: Interface
) -> Iterator[Remark]:
    unknown = [each for each in read if known is not None and each.name not in known]
    near = comparable([each.name for each in unknown], known or ())
    for each in unknown:
        message = f'{interface.file} has no output "{each.name[:60]}", so this is empty'
        yield Remark(each.place, f"{message}{meant(each.name[:60], near)}", subject=each.name)


def permissions(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """No workflow that is called asks for more than the job that calls it may do.

    GitHub refuses the caller else. What no file states is the repository's setting, of which
    nothing is said.
    """
    chains = estate.made(Chains)
    for call in estate.all(WorkflowCall):
        if call.granted is not None:
            yield Judged(call, tuple(_beyond(call, call.granted, chains.wanted(call.called))))


def _beyond(call: WorkflowCall, granted: Access, wanted: Mapping[str, Wanted]) -> Iterator[Remark]:
    beyond = {
        scope: each
        for scope, each in wanted.items()
        if exceeds(each.level, level_of(granted, scope))
    }
    if not beyond:
        return
    asked = listed([_shown(scope, each.level) for scope, each in beyond.items()])
    has = listed([_shown(scope, level_of(granted, scope)) for scope in beyond])
    places = {(each.file, each.demand.job): each for each in beyond.values()}
    related = (
        Related(each.file, each.demand.place, f"{_whose(each)} asks for it here")
        for each in list(places.values())[:_SHOWN]
    )
    message = f"{call.called} asks for {asked}, and job {call.id} grants {has}"
    yield Remark(call.granted_at, message, subject="permissions", related=tuple(related))


def _whose(wanted: Wanted) -> str:
    return f"job {wanted.demand.job}" if wanted.demand.job else "the workflow"


def _shown(scope: str, level: str) -> str:
    return f"{scope}: {level}" if scope != "*" else "nothing" if level == "none" else f"{level}-all"
