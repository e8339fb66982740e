"""What a policy's `check:` names: `module.function` of this package, or of an installed one."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from kerp_policy.errors import UsageError
from kerp_policy.estate.estate import Estate
from kerp_policy.findings import Judged, Remark
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.installed import is_installed, own_modules
from kerp_policy.regex import regex
from kerp_policy.views import View
from kerp_policy.wording import suggested

Check = Callable[[View, Mapping[str, Any]], Iterable[Remark]]
"""From one view and the policy's parameters to what there is to say; nothing said is a pass."""

JointCheck = Callable[[Estate, Mapping[str, Any]], Iterable[Judged]]
"""From the estate and the policy's parameters to every thing looked at, with what there is to say
of it."""

ENTRY_POINTS = "kerp_policy.checks"
"""The group under which an installed package offers checks, each under the name that a policy
gives: `"acme.team_label" = "acme_checks.labels:team_label"`."""

_TAKEN = (("view", "params"), ("estate", "params"))
"""The parameters of a check: of one view, and of a joint."""
_NAME = regex(r"[a-z][a-z_]*\.[a-z][a-z_]*")


@cache
def find_check(name: str) -> Any:
    """The function that a policy names: a `Check`, or for `each: estate` a `JointCheck`.

    Only the checks defined in this package, and what somebody has installed for this very
    purpose, can be named, so that a policy from a repository under judgement cannot reach any
    other code.

    Raises:
        UsageError: there is no such check.
    """
    if not _NAME.fullmatch(name):
        message = _("the check {name!r} is not named like module.function")
        raise UsageError(message.format(name=name))
    module_name, function_name = name.split(".")
    if not is_installed(name):
        module = importlib.import_module(f"{__name__}.{module_name}")
        if _is_check(module, function_name):
            return getattr(module, function_name)
    return _installed(name)


def _functions(module: ModuleType) -> list[str]:
    """The checks that a module defines."""
    return [name for name in vars(module) if _is_check(module, name)]


def _is_check(module: ModuleType, name: str) -> bool:
    """Whether a name is a public function of the module that takes what a check is given.

    What the module imports does not count, nor what it has for other modules.
    """
    value = getattr(module, name, None)
    if name.startswith("_") or not isinstance(value, FunctionType):
        return False
    code = value.__code__
    takes = code.co_varnames[: code.co_argcount]
    return value.__module__ == module.__name__ and takes in _TAKEN


def _installed(name: str) -> Any:
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINTS, name=name):
        try:
            check = entry.load()
        except Exception as error:  # code of others may fail in any way
            raise _unloadable(name, error) from error
        if not callable(check):
            raise _unloadable(name, _("it is no function"))
        return check
    message = _("there is no check {name!r}{hint}")
    raise UsageError(message.format(name=name, hint=suggested(name, _offered())))


def _unloadable(name: str, why: object) -> UsageError:
    message = _("the installed check {name!r} cannot be loaded: {why}")
    return UsageError(message.format(name=name, why=why))


def _offered() -> list[str]:
    from importlib.metadata import entry_points

    own = [
        f"{module}.{function}"
        for module in sorted(own_modules())
        for function in _functions(importlib.import_module(f"{__name__}.{module}"))
    ]
    return own + [entry.name for entry in entry_points(group=ENTRY_POINTS)]
