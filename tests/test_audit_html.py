"""An audit as a page: what it tells, that nothing in it is markup, and in a browser."""

from __future__ import annotations

import re
import shutil

import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from test_html import Page

from accessible import violations
from cli import kerp_policy, write
from kerp_policy.audit.html import html
from kerp_policy.audit.model import Audit, First, Standard, Summary, Tally
from kerp_policy.i18n import speaking
from kerp_policy.report.frame import printable
from runs import ANY_TEXT

KERP = Standard("kerp", "The guide", (("1-a", "Small."), ("1-b", "Quick.")))
FILES = (("kubernetes", 3),)


def tally(policy, failed=1, severity="error", **more):
    first = First("a.yaml", 3, 1, "x is 1; expected 2") if failed else None
    return Tally(policy, f"{policy}, in words", severity, ("1-a",), failed, first=first, **more)


SETTLED = (tally("wide", 0, debt=4), tally("near", 0, waived=2))
LAX = Summary("lax", KERP, FILES, SETTLED, verdicts=("debt", "pass"))
BAD = Summary(
    "bad", KERP, FILES, (tally("wide", 5), tally("near", 2, "warning", unverified=3)), 7, True,
    verdicts=("fail", "unverified"),
)  # fmt: skip
WORSE = Summary("worse", KERP, FILES, (tally("wide", 9),), 0, True, verdicts=("fail", "pass"))
FINE = Summary("fine", KERP, FILES, verdicts=("pass", "not_applicable"))
BARE = Summary("bare", KERP, verdicts=("not_judged", "not_judged"))
GONE = Summary("gone", problems=("there is no such folder",))
CRASHED = ("a.yaml: the check of x crashed",)
HURT = Summary("hurt", KERP, FILES, problems=CRASHED, verdicts=("pass", "pass"))
AUDIT = Audit((BAD, BARE, FINE, GONE, HURT, LAX, WORSE))


def rows(page: str, section: str) -> list[list[str]]:
    """The cells of the first table of a section, as text."""
    part = page.partition(f'<section aria-labelledby="{section}">')[2].partition("</table>")[0]
    found = re.findall(r"<tr role=\"row\"><th role=\"rowheader\".*?</tr>", part, re.DOTALL)
    cells = (re.findall(r"<t[hd] .*?</t[hd]>", row, re.DOTALL) for row in found)
    return [[Page(cell).text for cell in row] for row in cells]


def test_repositories_come_worst_first_with_all_that_there_is():
    assert rows(html(AUDIT), "repositories") == [
        ["gone", "not judged", *"00000000"],
        ["hurt", "not judged", *"00000001"],
        ["worse", "fail", *"90000000"],
        ["bad", "fail", *"52030070"],
        ["bare", "nothing to check", *"00000000"],
        ["fine", "pass", *"00000000"],
        ["lax", "does not fail", *"00004200"],
    ]


def test_totals_count_repositories_and_findings():
    cards = re.findall(r"<b>(\d+)</b> ([a-z ]+)</span>", html(AUDIT))
    assert cards == [
        ("2", "fail"), ("1", "does not fail"), ("1", "pass"), ("1", "nothing to check"),
        ("2", "not judged"), ("16", "fail"), ("3", "unverified"), ("4", "debt"), ("2", "waived"),
    ]  # fmt: skip


def test_clauses_count_the_repositories_of_each_verdict():
    found = rows(html(AUDIT), "clauses")
    assert found == [["1-a", "Small.", *"2010201"], ["1-b", "Quick.", *"0100311"]]


def test_a_clause_that_means_two_things_says_so():
    other = Summary(
        "other", Standard("ours", "Ours", (("1-a", "Large."),)), FILES, verdicts=("pass",)
    )
    found = rows(html(Audit((FINE, other))), "clauses")
    assert found[0][:2] == [
        "1-a",
        "Standards of this audit ask for different things by this number.",
    ]
    assert "The guide (kerp): 1" in Page(html(Audit((FINE, other)))).text


def test_policies_name_the_repositories_that_break_them():
    wide, near = rows(html(AUDIT), "policies")
    who = "Who breaks it, with the number of findings"
    assert wide == ["wide", f"wide, in words {who} worse (9) bad (5)", "1-a", "2", "14"]
    assert near[1].endswith("bad (2)")


def test_what_was_not_judged_is_told_with_the_reason():
    text = Page(html(AUDIT)).text
    assert "2 of 7 repositories were not judged, or not by every check." in text
    assert "gone: there is no such folder hurt: a.yaml: the check of x crashed" in text
    assert "Every repository was judged by every check." in Page(html(Audit((FINE,)))).text


def test_each_repository_has_its_policies_with_the_first_place():
    text = Page(html(AUDIT)).text
    assert "held to The guide (kerp)" in text
    assert "near, in words a.yaml:3 x is 1; expected 2 warning 2 3 0 0" in text


def test_every_link_leads_somewhere():
    page = Page(html(AUDIT))
    assert {link.removeprefix("#") for link in page.values["href"]} <= {*page.values["id"]}
    assert len(page.values["id"]) == len({*page.values["id"]})


@pytest.mark.parametrize("summaries", [(), (BARE,), (GONE,)])
def test_an_audit_in_which_nothing_was_found(summaries):
    text = Page(html(Audit(summaries))).text
    assert "Nothing was found." in text


def test_the_page_speaks_korean(tmp_path):
    with speaking("ko"):
        page = html(AUDIT)
    assert '<html lang="ko">' in page
    english = re.findall(r">([A-Z][a-z]+(?: [a-z]+)+[.:]?)<", page)
    assert english == []


@settings(max_examples=60)
@given(ANY_TEXT)
def test_what_repositories_say_is_text(text):
    text = f"{text}a"
    plain, hostile = Page(html(hostile_audit("plain"))), Page(html(hostile_audit(text)))
    assert hostile.tags == plain.tags
    assert " ".join(printable(text).split()) in " ".join("".join(hostile.texts).split())


def hostile_audit(text):
    """An audit in which every text that a repository may decide about is the same."""
    one = Tally(text, text.replace("`", "'"), "error", (text,), 1, first=First(text, 1, 1, text))
    standard = Standard(text, text, ((text, text.replace("`", "'")),))
    return Audit((Summary(text, standard, ((text, 1),), (one,), 1, True, (text,), ("fail",)),))


def test_the_command_makes_it_the_same_whoever_judges(tmp_path):
    write(tmp_path, {f"{name}/Dockerfile": "FROM nginx\nRUN curl -k x\n" for name in ("a", "<b>")})
    made = {
        kerp_policy("audit", "a", "<b>", "--format=html", "--processes", n, cwd=tmp_path).out
        for n in "12"
    }
    assert len(made) == 1
    assert "&lt;b&gt;" in made.pop()


def test_in_a_browser_it_is_accessible_and_each_link_opens_its_repository(tmp_path):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("chromium is not installed")
    text = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    many = (replace(WORSE, repository=f"{text}{i}") for i in range(30))
    file = tmp_path / "audit.html"
    file.write_text(html(Audit((*AUDIT.summaries, *many))))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _works_without_scripts(browser, file)
        for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)):
            assert violations(browser, file, scheme=scheme, width=width) == []
        browser.close()


def _works_without_scripts(browser, file):
    page = browser.new_page(java_script_enabled=False)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert page.locator("img").count() == 0
    entry = page.locator("#repository-33")
    assert not entry.is_visible()
    page.get_by_role("table", name="Repositories").get_by_role("link", name="worse").click()
    entry.wait_for()
    assert entry.get_by_text("a.yaml:3").is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("#repository-9").is_visible()
    page.close()
