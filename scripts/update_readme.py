"""Put into the README, and its Korean counterpart, what the program prints today."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _print(match: re.Match[str]) -> str:
    command = [sys.executable, "-m", "kerp_policy", *shlex.split(match[1])]
    environment = {**os.environ, "COLUMNS": "80", "KERP_POLICY_LANG": "en"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    return f"```console\n$ kerp-policy {match[1]}\n{done.stdout.decode()}```"


if __name__ == "__main__":
    pattern = r"```console\n\$ kerp-policy ([^\n]*)\n.*?```"
    for readme in (ROOT / "README.md", ROOT / "README.ko.md"):
        text = readme.read_text("utf-8")
        readme.write_text(re.sub(pattern, _print, text, flags=re.DOTALL), "utf-8")
