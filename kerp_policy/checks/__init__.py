"""What a policy's `check:` names: `module.function` of this package and nothing else."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from kerp_policy.errors import UsageError
from kerp_policy.estate.estate import Estate
from kerp_policy.findings import Judged, Remark
from kerp_policy.views import View

Check = Callable[[View, Mapping[str, Any]], Iterable[Remark]]
"""From one view and the policy's parameters to what there is to say; nothing said is a pass."""

JointCheck = Callable[[Estate, Mapping[str, Any]], Iterable[Judged]]
"""From the estate and the policy's parameters to every thing looked at, with what there is to say
of it."""

_NAME = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")


@cache
def find_check(name: str) -> Any:
    """The function that a policy names: a `Check`, or for `each: estate` a `JointCheck`.

    Only public functions defined in this package can be named, so that a policy from a repository
    under judgement cannot reach any other code.

    Raises:
        UsageError: there is no such check.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"the check {name!r} is not named like module.function")
    module_name, function_name = name.split(".")
    try:
        module = importlib.import_module(f"{__name__}.{module_name}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{module_name}":
            raise
        raise UsageError(f"there is no check {name!r}") from None
    function = getattr(module, function_name, None)
    if not callable(function) or getattr(function, "__module__", "") != module.__name__:
        raise UsageError(f"there is no check {name!r}")
    return function
