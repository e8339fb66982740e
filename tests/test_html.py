"""The HTML report: what it says, that nothing in it is markup, and how it works in a browser."""

from __future__ import annotations

import re
import shutil
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from accessible import violations
from cli import kerp_policy, write
from harness import FIXTURES
from kerp_policy.findings import Place, Related, Suppression, Verdict
from kerp_policy.i18n import told
from kerp_policy.report.frame import printable
from kerp_policy.report.html import html
from kerp_policy.report.html.tables import environments, owners, sections
from kerp_policy.report.html.verdicts import Tally, verdict
from kerp_policy.results import Brought, Trust
from kerp_policy.sources.source import Source, Span
from runs import ANY_PATH, ANY_TEXT, DEBT, WAIVER, finding, run_of

VOID = {"meta", "input"}
BLOCKS = {"p", "li", "td", "h4"}


class Page(HTMLParser):
    """What a parser makes of a page: its tags in order, its attributes and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.values: dict[str, list[str]] = {}
        self.texts: list[str] = []
        self.blocks: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, tuple(name for name, _ in attributes)))
        for name, value in attributes:
            self.values.setdefault(name, []).append(value or "")
        if tag in BLOCKS:
            self.texts.append(" ")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] in ("style", "script"):
            self.blocks[self._open[-1]] = data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def test_every_kind_of_verdict_is_told_apart():
    doubt = finding("nobody knows", verdict=Verdict.UNVERIFIED)
    made = [finding("broken"), doubt, finding("kept", suppression=WAIVER)]
    text = html(run_of(*made, finding("old", suppression=DEBT)))
    told = re.findall(r'<article class="finding" data-verdict="(\w+)"', text)
    assert told == ["fail", "unverified", "waived", "debt"]
    page = Page(text)
    assert "waived until 2027-03-31 by web team: vendor image, OPS-412" in page.text
    assert "debt: was there on 2026-11-02" in page.text


def test_a_clause_has_the_verdict_that_needs_attention_most():
    run = run_of(finding("one", clauses=("2.1-b",)), finding("two", suppression=WAIVER))
    run.counts["image-user"] = Counter(judged=5, failed=2, not_applicable=3)
    row = next(row for part in sections(run) for row in part.rows if row.key == "2.1-b")
    assert (row.verdict, row.name) == ("fail", "2.1-b")
    assert row.tally == Tally({"fail": 1, "waived": 1, "pass": 3, "not_applicable": 3})


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"judged": 2}, "pass"),
        ({"judged": 2, "failed": 1}, "fail"),  # told with its cause
        ({"judged": 2, "unverified": 1}, "unverified"),
        ({"not_applicable": 1}, "not_applicable"),
        ({}, "not_judged"),
    ],
)
def test_the_verdict_of_what_has_no_finding_of_its_own(counts, expected):
    run = run_of()
    run.counts["image-healthcheck"] = Counter(counts)
    row = next(row for part in sections(run) for row in part.rows if row.key == "2.1-c")
    assert row.verdict == expected


def test_what_passes_only_in_part_says_so_and_what_is_left():
    run = run_of()
    run.profile = replace(run.profile, pending={"2.1-c": "That it is quick."})
    run.counts["image-healthcheck"] = Counter(judged=2)
    text = Page(html(run)).text
    assert "Not yet decided by a policy: That it is quick. pass in part" in text


def test_a_section_has_its_title_where_the_standard_has_one():
    run = run_of()
    clauses = {"2.1-a": "Small.", "2.2-a": "Quick.", "whole": "Right."}
    run.profile = replace(run.profile, clauses=clauses, sections={"2.1": "<Images>"})
    titles = [(part.name, part.title) for part in sections(run) if part.name]
    assert titles == [("2.1", "<Images>"), ("2.2", ""), ("whole", "")]
    page = html(run)
    assert re.findall(r"<h3>(Section .*?)</h3>", page) == [
        "Section 2.1: &lt;Images&gt;",
        "Section 2.2",
        "Section whole",
    ]
    assert re.findall(r'<th role="rowheader" scope="row">(\d.*?)</th>', page) == [
        "2.1 &lt;Images&gt;",
        "2.2",
    ]


def test_debt_is_no_pass():
    assert verdict(Tally({"pass": 9, "debt": 1})) == "debt"
    assert verdict(Tally({"pass": 9, "waived": 1})) == "waived"


def test_findings_count_for_their_environment():
    run = run_of(finding(environment="production"), finding("b"))
    run.environments["production"] = Counter(judged=4, failed=1)
    rows = {row.name: row for row in environments(run)}
    assert rows["production"].tally == Tally({"fail": 1, "pass": 3})
    assert rows["staging"].verdict == "not_judged"
    assert rows[""].tally == Tally({"fail": 1})


def test_an_environment_is_that_of_the_thing(tmp_path):
    files = {f"{name}.yaml": NAMESPACE % f"kerp-{name}" for name in ("prod", "staging")}
    target = write(tmp_path, files) / "r.html"
    kerp_policy("check", f"--format=html={target}", cwd=tmp_path)
    text = target.read_text()
    for name in ("production", "staging"):
        assert f'data-policy="namespace-labels" data-environment="{name}"' in text


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n"


def test_files_count_for_each_of_their_owners():
    run = run_of(finding(file="a.yaml"), codeowners=Source("CODEOWNERS", b"*.yaml @a @b\n"))
    run.sources = {name: Source(name, b"x") for name in ("a.yaml", "b.yaml", "c", "far.yaml")}
    run.beside = {"far.yaml"}
    assert [(one.name, one.files, one.clean) for one in owners(run)] == [
        ("@a", 2, 1),
        ("@b", 2, 1),
        ("", 1, 1),
    ]
    assert 'data-owner="@a @b"' in html(run)


def test_what_is_missing_from_the_page_is_told():
    run = run_of(crashes=["a.yaml: the check of x crashed"], older=7, fixed=2)
    run.not_judged = [("chart/x.yaml", "a Helm template")]
    run.trust = Trust("main", (Brought(".kerp-policy.yaml", Span(2, 1, 2, 3), "a waiver"),))
    text = Page(html(run)).text
    assert "incomplete: a.yaml: the check of x crashed" in text
    assert "7 older failures are not" in text
    assert "2 entries of the baseline are no longer needed" in text
    assert "chart/x.yaml: a Helm template" in text
    assert "since main is trusted: .kerp-policy.yaml:2 a waiver" in text


def test_a_secret_is_not_shown():
    secret = "hunter2" * 3
    source = Source("a.yaml", f"a:\nb:\n  x: {secret}\n".encode())
    run = run_of(finding(place=Place(Span(3, 6, 3, 6), "a"), confidential=True))
    run.sources["a.yaml"] = source
    page = html(run)
    assert "x: ***" in Page(page).text
    assert secret not in page


def test_the_page_is_the_same_each_time(tmp_path):
    pages = [
        kerp_policy("check", "--format=html", cwd=FIXTURES / "kerp", SOURCE_DATE_EPOCH=day).out
        for day in ("1700000000", "1800000000")
    ]
    assert pages[0] == pages[1]


def test_nothing_runs_but_what_the_policy_of_the_page_names():
    text = html(run_of(finding()))
    page = Page(text)
    policy = next(value for value in page.values["content"] if "default-src" in value)
    assert policy.startswith("default-src 'none'; ")
    for block in ("style", "script"):
        digest = b64encode(sha256(page.blocks[block].encode()).digest()).decode()
        assert f"{block}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert {"style", "src", "srcset"}.isdisjoint(page.values)
    assert all(link.startswith("#") for link in page.values["href"])
    assert not [name for name in page.values if name.startswith("on")]


def hostile_run(text: str, path: str):
    """A run in which every text that a file may decide about is the same."""
    place = Place(Span(1, 1, 1, 2), text)
    also = (Related(path, place, text),)
    waived = Suppression("waiver", text, text, text)
    made = finding(text, file=path, place=place, related=also, suppression=waived)
    doubt = finding(text, verdict=Verdict.UNVERIFIED, help=text.replace("`", "'"), environment=text)
    said = told("{text}", text=text)
    run = run_of(made, doubt, crashes=[said], not_judged=[(path, said)], prefix="x/")
    run.trust = Trust(text, (Brought(path, place.span, said),))
    run.sources[path] = Source(path, f"{text} ".encode("utf-8", "replace"))
    run.profile = replace(run.profile, policies=(), clauses={}, catalogues={})  # no more to parse
    return run


@settings(max_examples=60)
@given(ANY_TEXT, ANY_PATH)
def test_what_files_say_is_text(text, path):
    text = f"{text}a"
    plain, hostile = Page(html(hostile_run("plain", "p"))), Page(html(hostile_run(text, path)))
    assert hostile.tags == plain.tags
    assert " ".join(printable(text).split()) in " ".join("".join(hostile.texts).split())


# In a browser


@pytest.fixture(scope="module", name="browser")
def _browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module", name="report")
def _report(tmp_path_factory):
    """The report of the guide's own project, as a file."""
    target = tmp_path_factory.mktemp("html") / "report.html"
    kerp_policy("check", f"--format=html={target}", cwd=FIXTURES / "kerp")
    return target


@pytest.fixture(name="opened")
def _opened(browser):
    """Opens a page; in the end it must have asked for nothing and complained of nothing."""
    contexts, said, asked = [], [], []

    def opened(file: Path, **options):
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        assert asked == [file.as_uri()]
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []
    assert len(asked) == len(contexts)


def shown(page, selector=".finding"):
    return page.locator(f"{selector}:visible")


def count(page) -> list[int]:
    """How many findings are said to be shown, of how many."""
    return [int(number) for number in re.findall(r"\d+", page.locator("#count").inner_text())]


def test_the_search_shows_what_has_every_word(opened, report):
    page = opened(report)
    all_of_them = count(page)[1]
    page.get_by_label("Search").fill("PINNED-action deploy.yml")
    page.get_by_role("status").filter(has_not_text=f"{all_of_them} of {all_of_them}").wait_for()
    assert 0 < count(page)[0] < all_of_them
    assert set(shown(page).evaluate_all("all => all.map(one => one.dataset.policy)")) == {
        "pinned-action"
    }
    assert shown(page, ".file").count() == 1
    page.keyboard.press("Escape")
    assert count(page) == [all_of_them, all_of_them]


def test_a_search_for_nothing_that_is_there_says_so(opened, report):
    page = opened(report)
    page.get_by_label("Search").fill("<b>nowhere</b>")
    page.get_by_text("No finding matches.").wait_for()
    assert count(page)[0] == 0
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("No finding matches.").wait_for(state="hidden")
    assert count(page)[0] == count(page)[1]


def test_filters_narrow_together(opened, report):
    page = opened(report)
    for name, value in (("Verdict", "fail"), ("Severity", "error"), ("Environment", "production")):
        page.get_by_role("combobox", name=name, exact=True).select_option(value)
    page.wait_for_timeout(300)
    data = shown(page).evaluate_all(
        "all => all.map(({dataset: d}) => [d.verdict, d.severity, d.environment].join())"
    )
    assert set(data) == {"fail,error,production"}
    assert len(data) == count(page)[0]


def test_a_number_leads_to_what_it_counts(opened, report):
    page = opened(report)
    link = page.get_by_role("link", name=re.compile("^[0-9]+ fail, 3.4-a$"))
    wanted = int(link.inner_text())
    link.click()
    assert count(page)[0] == wanted == shown(page).count()
    assert page.get_by_role("combobox", name="Clause", exact=True).input_value() == "3.4-a"
    assert page.evaluate("document.activeElement.id") == "findings"


def test_every_control_is_reached_and_worked_by_the_keyboard(opened, report):
    page = opened(report)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    reached = set()
    page.evaluate("document.getElementById('theme').focus()")
    for _ in range(30):
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.name"))
        page.keyboard.press("Tab")
    assert {"theme", "text", "verdict", "severity", "environment", "open", "close"} <= reached
    first = page.locator(".file > summary").first
    first.focus()
    page.keyboard.press("Enter")
    assert not page.locator(".file").first.evaluate("one => one.open")


def paper(page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("name", ["Findings", "Clauses", "Controls", "Estate"])
def test_the_contents_lead_to_their_headings(opened, report, name):
    page = opened(report)
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    page.wait_for_timeout(1_000)  # to scroll, should that take time
    heading = page.get_by_role("heading", name=name, exact=True)
    assert 0 <= heading.bounding_box()["y"] < 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system_until_it_is_told(opened, report, scheme):
    page = opened(report, color_scheme=scheme)
    before, button = paper(page), page.get_by_role("button", name="Dark")
    assert before == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[scheme]
    assert button.get_attribute("aria-pressed") == str(scheme == "dark").lower()
    button.click()
    assert paper(page) != before
    button.click()
    assert paper(page) == before


def test_a_phone_shows_all_of_it_without_scrolling_sideways(opened, report):
    page = opened(report, viewport={"width": 390, "height": 844}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    row = page.get_by_role("row").filter(has_text="3.4-a").first
    assert row.get_by_role("cell").first.is_visible()


def test_without_scripts_everything_is_there(opened, report):
    page = opened(report, java_script_enabled=False)
    assert page.get_by_role("search").count() == 0
    assert page.get_by_role("button", name="Dark").count() == 0
    assert page.get_by_role("heading", name="Clauses", exact=True).is_visible()
    assert shown(page).first.is_visible()


def test_on_paper_everything_is_open_and_no_control_is_left(opened, report):
    page = opened(report)
    page.get_by_role("button", name="Close all").click()
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert not page.locator("#text").is_visible()
    assert paper(page) == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".file[open]").count() == 0


A4 = {"width": 688, "height": 1000}
"""The room between the margins, in the pixels of CSS."""


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_nothing_asks_to_be_clicked_and_nothing_is_cut(opened, report, scripts):
    page = opened(report, viewport=A4, java_script_enabled=scripts)
    page.emulate_media(media="print", color_scheme="dark")
    assert shown(page, ":is(button, select, input, nav, .skip)").count() == 0
    assert shown(page, "#controls ~ .part table").count() == 5
    assert set(styles(page, "a", "textDecorationLine")) == {"none"}
    assert set(styles(page, "h4, .message, td, th, .tree b", "color")) <= LIGHT
    assert set(styles(page, ".finding, pre, tr, .tree", "breakInside")) == {"avoid"}
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]
    for selector, least in (("td.asks", 120), ("th .id", 15), ("pre", 600)):
        widths = page.locator(selector).evaluate_all("all => all.map(one => one.offsetWidth)")
        assert min(widths) > least


LIGHT = {f"rgb({color})" for color in ("27, 33, 40", "82, 92, 103")}
"""Dark on white: ink and what is quiet."""


def styles(page, selector: str, name: str) -> list[str]:
    return page.locator(selector).evaluate_all(
        "(all, name) => all.map(one => getComputedStyle(one)[name])", name
    )


def test_paper_tells_that_it_holds_a_part_only(opened, report):
    page = opened(report)
    page.get_by_label("Search").fill("pinned-action")
    page.get_by_role("status").filter(has_not_text=re.compile(r"(\d+) of \1 ")).wait_for()
    page.emulate_media(media="print")
    said = page.locator("#count")
    assert said.is_visible()
    assert re.fullmatch(r"8 of \d+ findings shown", said.inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_accessible(browser, report, scheme, width):
    assert violations(browser, report, scheme=scheme, width=width) == []


def test_hostile_texts_stay_texts_in_the_browser(opened, tmp_path):
    text = "<img src=x onerror=alert(1)></script><script>alert(2)</script>{{ 7 * 7 }}"
    file = tmp_path / "hostile.html"
    file.write_bytes(html(hostile_run(text, f"{text}.yaml")).encode())
    page = opened(file)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert text in page.locator("select[name=environment]").inner_text()
    page.get_by_label("Search").fill("onerror=alert(1)")
    page.wait_for_timeout(200)
    assert count(page) == [2, 2]


def test_ten_thousand_findings_can_be_searched(opened, tmp_path):
    made = [finding(f"value {i} is wrong", file=f"f{i % 500:03}.yaml") for i in range(10_000)]
    run = run_of(*sorted(made, key=lambda one: one.file))
    run.sources = {f"f{i:03}.yaml": Source(f"f{i:03}.yaml", b"a\nb\n  c: d\n") for i in range(500)}
    file = tmp_path / "many.html"
    file.write_text(html(run))
    page = opened(file)
    assert page.locator(".file[open]").count() == 0
    assert count(page) == [10_000, 10_000]
    page.get_by_label("Search").fill("value 4321 is")
    page.get_by_role("status").filter(has_text="1 of 10000 findings").wait_for()
    shown(page).get_by_text("value 4321 is wrong").wait_for()
    assert shown(page, ".file").count() == 1
