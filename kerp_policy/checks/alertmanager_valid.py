"""What Alertmanager's loader refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.findings import Remark
from kerp_policy.scopes.alertmanager import Alertmanager
from kerp_policy.views import View


def loads(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Alertmanager of the standard's version loads the configuration."""
    found: Alertmanager = view.subject
    for fault in found.configuration.faults:
        yield Remark(fault.path, fault.message, help=fault.help)
