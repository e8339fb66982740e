"""Runs made by hand, for the tests of reports."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from kerp_policy.findings import Finding, Place, Suppression, Verdict
from kerp_policy.outcome import Run
from kerp_policy.policy.load import load_profile
from kerp_policy.sources.source import Span

PROFILE = load_profile("kerp")
WAIVER = Suppression("waiver", "vendor image, OPS-412", "web team", "2027-03-31", in_source=True)
DEBT = Suppression("baseline", "was there on 2026-11-02")
HOSTILE = (
    "a\n::error::b", "a\r\n::set-output name=x::y", "##[add-mask]x", "%0A::error::x", "::stop::",
    "<img src=x onerror=alert(1)>", "</details><script>x</script>", "[click](https://evil.test)",
    "![x](http://evil.test/x.png)", "@everyone and #1", "`` ` ``", "`a", "a\\`b`<b>`", "https://evil.test",
    "www.evil.test/x", "a@evil.test", "mailto:a@evil.test", "\x1b[31mred", "a\u202eb", "&lt;b&gt;",
    "| a | b |\n|---|---|", "\n\n# head\n\n- x", "```\n<b>", "$x$ and $y$", "~~a~~ **b** _c_",
    "a,line=9,title=b", "{0} ${{ github.ref }}", "한글 😀 é",
)  # fmt: skip
_PUNCTUATION = st.text(st.sampled_from("`\\<>&[]()!*_~|#@$:/.,=%-+\"' \t\n\r\0\x1b\u2028aw0:"))
ANY_TEXT = st.one_of(st.sampled_from(HOSTILE), _PUNCTUATION, st.text())
ANY_PATH = ANY_TEXT.map(lambda text: text.replace("\0", "").strip("/") or "a")


def finding(message: str = "the value is 1; expected 2", **changes: Any) -> Finding:
    """An error of the policy image-user on line 3 of a.yaml, with other values as given."""
    place = Place(Span(3, 5, 3, 9), "Pod/x:spec")
    made = Finding("image-user", "error", Verdict.FAIL, message, "Mend it.", "a.yaml", place)
    return replace(made, **changes)


def run_of(*findings: Finding, **changes: Any) -> Run:
    """A run by the K-ERP standard that brought these findings."""
    return Run(PROFILE, list(findings), **changes)
