"""What GitHub does not accept of the events that start a workflow.

Source: GitHub documentation, "Workflow syntax", `on`, and "Events that trigger workflows". Which
keys an event has is in the schema; here is what one key asks of another, and what values mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerp_policy.artifacts.workflow.filters import filter_problems
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.views import lookup
from kerp_policy.wording import listed, meant

Found = Iterator[tuple[Path, str]]

ALONE = {"schedule": "a list of cron", "workflow_run": "the names of workflows"}
"""Events that start nothing by their name alone, and what they need."""
_MOST_INPUTS = 25
_LEAST = 5
"""Minutes between two runs of a schedule ("Events that trigger workflows", `schedule`)."""
_NUMBER = regex(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_WANTED = {"choice": "one of its options", "boolean": "true or false", "number": "a number"}


def settings_problems(on: dict[str, Any], known: dict[str, Any]) -> Found:
    """What is wrong with the settings of events, each at its path.

    Args:
        on: the events with their settings.
        known: the schema of each event.
    """
    for name, settings in on.items():
        yield from _filters(("on", name), settings)
        yield from filter_problems(name, settings)
        yield from _single_type(("on", name, "types"), lookup(settings, ("types",)), known)
    yield from _schedules(on.get("schedule"))
    for event in ("workflow_dispatch", "workflow_call"):
        inputs = lookup(on.get(event), ("inputs",))
        if event == "workflow_dispatch" and isinstance(inputs, dict) and len(inputs) > _MOST_INPUTS:
            message = f"there are {len(inputs)} inputs; expected at most {_MOST_INPUTS}"
            yield ("on", event, "inputs"), message
        for name, about in inputs.items() if isinstance(inputs, dict) else ():
            if isinstance(about, dict):
                yield from _input(("on", event, "inputs", name), about)


def _filters(path: Path, settings: Any) -> Found:
    """`branches` and `branches-ignore` of one event exclude each other, and so on."""
    for key in ("branches", "tags", "paths"):
        if isinstance(settings, dict) and key in settings and f"{key}-ignore" in settings:
            message = f"{key} and {key}-ignore cannot both be given for one event"
            yield (*path, f"{key}-ignore"), f"{message}; a pattern with ! excludes"


def _single_type(path: Path, value: Any, known: dict[str, Any]) -> Found:
    """`types` without a list; the schema holds the items of one."""
    kinds = lookup(known, (path[1], "properties", "types", "items", "enum"))
    if isinstance(value, str) and kinds and value not in kinds:
        hint = meant(value[:60], kinds) or f"; expected {listed(kinds, 'or')}"
        yield path, f"types is {value[:60]}{hint}"


def _schedules(listed: Any) -> Found:
    for i, schedule in enumerate(listed if isinstance(listed, list) else ()):
        path: Path = ("on", "schedule", i)
        cron, zone = lookup(schedule, ("cron",)), lookup(schedule, ("timezone",))
        if isinstance(cron, str) and (error := _cron_error(cron)):
            yield (*path, "cron"), f'the schedule "{cron[:60]}" {error}'
        if isinstance(zone, str) and (error := _zone_error(zone)):
            yield (*path, "timezone"), f"timezone {zone[:60]} {error}"


def _cron_error(text: str) -> str | None:
    """The schedules of Kubernetes without its words and its zones, five minutes apart."""
    from kerp_policy.kubernetes.schedule import least_minutes, schedule_error

    if text.startswith("@"):
        return "is a word that GitHub does not know; write five fields"
    if "TZ=" in text:
        return "names a time zone; expected it in timezone"
    if error := schedule_error(text):
        return error
    minutes = least_minutes(text)
    often = f"asks for runs {minutes} min apart; expected {_LEAST} min, GitHub's shortest, or more"
    return often if minutes < _LEAST else None


def _zone_error(text: str) -> str | None:
    from kerp_policy.kubernetes.schedule import time_zone_error

    return time_zone_error(text)


def _input(path: Path, about: dict[str, Any]) -> Found:
    """Whether the options and the default of an input go with its type."""
    kind, options, default = about.get("type"), about.get("options"), about.get("default")
    if kind == "choice" and not options and path[1] == "workflow_dispatch":
        yield path, f"the choice {path[-1]} has no options"
    elif kind != "choice" and options is not None and kind is not None:
        yield (*path, "options"), f"options are for a choice; {path[-1]} is of type {kind}"
    if default not in (None, "") and not _fits(kind, options, default):
        message = f"the default of {path[-1]} is {_plain(default)[:60]}"
        yield (*path, "default"), f"{message}; expected {_WANTED[str(kind)]}"


def _fits(kind: Any, options: Any, default: Any) -> bool:
    if kind == "choice" and isinstance(options, list) and options:
        return _plain(default) in map(_plain, options)
    if kind == "boolean":
        return _plain(default) in ("true", "false") or "${{" in _plain(default)
    return kind != "number" or bool(_NUMBER.fullmatch(_plain(default))) or "${{" in str(default)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
