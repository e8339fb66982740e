"""What axe-core finds wrong with a page in a browser, for those who cannot use it as others do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

_OPEN = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
_THIN = """
() => {
  const marked = one => [...one.classList].sort().join('.');
  const kind = one => `${one.tagName}.${marked(one)}.${one.getAttribute('role')}`;
  for (const parent of document.querySelectorAll('body, body *')) {
    const seen = new Set();
    for (const child of [...parent.children]) {
      const parts = new Set([child, ...child.querySelectorAll('*')].map(kind));
      const whole = [...parts].sort().join();
      if (seen.has(whole) && child.tagName !== 'TD') child.remove();
      seen.add(whole);
    }
  }
}
"""
"""Leaves one of what is made of the same kinds of elements: a hundredth has the same colours."""
_RUN = "options => axe.run(document, options).then(done => done.violations)"
_WANTED = {"resultTypes": ["violations"]}
_COLOURS = "color-contrast"
"""A rule that takes six times as long as all others together."""


def violations(browser: Any, file: Path, *, scheme: str, width: int) -> list[tuple[str, list[str]]]:
    """The rules that a page breaks with all of it open, each with the elements that do.

    Args:
        browser: of playwright.
        file: the page.
        scheme: `light` or `dark`.
        width: of the window, in pixels; the page must not be wider.
    """
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    viewport = {"width": width, "height": 900}
    page = browser.new_page(color_scheme=scheme, viewport=viewport, bypass_csp=True)
    page.goto(file.as_uri())
    page.evaluate(_OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.evaluate(Path(package.__file__).with_name("axe.min.js").read_text())
    found = []
    if scheme == "light":  # all but the colours is the same in both
        found += page.evaluate(_RUN, {**_WANTED, "rules": {_COLOURS: {"enabled": False}}})
    page.evaluate(_THIN)
    found += page.evaluate(_RUN, {**_WANTED, "runOnly": [_COLOURS]})
    page.close()
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
