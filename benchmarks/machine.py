"""The machine that was measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil


def machine() -> dict[str, str]:
    """What a reader needs to judge the times, by what it is called."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": str(len(psutil.Process().cpu_affinity() or [])),
        "processor": _processor(),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "load when it began": f"{os.getloadavg()[0]:.1f}",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or "unknown"
