"""Follow the tutorials, and put into them what the program prints today."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "tutorial.md"
ADOPTING = ROOT / "docs" / "adopting.md"
HOME = "/home/you/shop"  # what the pages call the folder
TODAY = "1795392000"  # 2026-11-23, as waivers end
_BLOCK = re.compile(
    r"<!-- (?P<file>\S+) -->\n```(?:yaml|sh)\n(?P<text>.*?)```"
    r"|```console\n\$ kerp-policy (?P<command>[^\n]*)\n(?P<shown>.*?)```",
    re.DOTALL,
)


def blocks(page: str) -> Iterator[re.Match[str]]:
    """The files and commands of the page, in its order."""
    yield from _BLOCK.finditer(page)


def follow(block: re.Match[str], folder: Path) -> str:
    """Write the file of a block into a folder, or run its command there and return what it says."""
    if block["file"]:
        file = folder / block["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block["text"], "utf-8")
        return ""
    command = [sys.executable, "-m", "kerp_policy", *shlex.split(block["command"])]
    environment = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    environment |= {"PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": TODAY}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode().replace(str(folder), HOME)


def repository(folder: Path) -> Path:
    """An empty git repository, which is where the tutorial begins."""
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder.resolve()


def example(folder: Path) -> Path:
    """The project of the guide, as it ships, which is what the page on adopting begins with."""
    ours = shutil.ignore_patterns("expected.yaml")
    shutil.copytree(ROOT / "fixtures" / "kerp", folder, ignore=ours, dirs_exist_ok=True)
    return folder.resolve()


def main() -> None:
    for page, begun in ((PAGE, repository), (ADOPTING, example)):
        with tempfile.TemporaryDirectory() as name:
            page.write_text(_followed(page.read_text("utf-8"), begun(Path(name))), "utf-8")


def _followed(page: str, folder: Path) -> str:
    def put(block: re.Match[str]) -> str:
        printed = follow(block, folder)
        return block[0] if block["file"] else _shown(block["command"], printed)

    return _BLOCK.sub(put, page)


def _shown(command: str, printed: str) -> str:
    return f"```console\n$ kerp-policy {command}\n{printed}```"


if __name__ == "__main__":
    main()
