"""What hatchling does besides when it builds a wheel: the manual page."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MAN_PAGE = "share/man/man1/kerp-policy.1"


class ManPage(BuildHookInterface[Any]):
    """Puts the manual page where `man` looks for the pages of an environment."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the page and have it packed. Hatchling gives the arguments their meaning."""
        # The page is made of this checkout's commands, not of any that are installed.
        sys.path[:0] = [self.root, str(Path(self.root, "scripts"))]
        from build_man import page

        from kerp_policy import __version__
        from kerp_policy.cli import main

        self._folder = TemporaryDirectory()
        file = Path(self._folder.name, "kerp-policy.1")
        file.write_text(page(main, "kerp-policy", __version__), "utf-8")
        build_data["shared_data"][str(file)] = MAN_PAGE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the page once it is packed."""
        self._folder.cleanup()
