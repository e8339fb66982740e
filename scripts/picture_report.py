"""Take docs/report.png: the top of the HTML report of fixtures/kerp, in Debian's chromium."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "report.png"


def main() -> None:
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = Path(folder, "report.html")
        command = [sys.executable, "-m", "kerp_policy", "check", f"--format=html={report}"]
        subprocess.run(command, cwd=ROOT / "fixtures" / "kerp", check=False)
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 780})
        page.goto(report.as_uri())
        page.screenshot(path=TARGET)
        browser.close()


if __name__ == "__main__":
    main()
