"""Markdown: read by GitHub's own parser, nothing that a file says is anything but text."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given

from harness import FIXTURES
from kerp_policy.findings import Place, Related, Verdict
from kerp_policy.report import markdown as module
from kerp_policy.report.markdown import markdown
from kerp_policy.report.markup import block, code, escape, one_line, prose
from kerp_policy.sources.source import Span
from runs import ANY_PATH, ANY_TEXT, DEBT, HOSTILE, WAIVER, finding, run_of

OURS = {"h3", "p", "details", "summary", "b", "ul", "li", "code", "strong"}
MENTION = re.compile(r"[@#](?=\w)")


class Page(HTMLParser):
    """The elements of a page, its text, and the text that no code element holds."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags, self.text, self.loose, self.depth = [], "", "", 0
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(attrs)))
        self.depth += tag == "code"

    def handle_endtag(self, tag):
        self.depth -= tag == "code"

    def handle_data(self, data):
        self.text += data
        self.loose += "" if self.depth else data

    @property
    def words(self) -> str:
        return " ".join(self.text.replace("\u200b", "").split())


def rendered(text: str) -> Page:
    cmarkgfm = pytest.importorskip("cmarkgfm", reason="cmarkgfm is the Markdown that GitHub reads")
    from cmarkgfm.cmark import Options

    return Page(cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE))


def words(text: str) -> str:
    return " ".join(one_line(text).replace("\u200b", "").split())


@given(ANY_TEXT)
def test_escaped_text_is_text(text):
    page = rendered(f"x {escape(text)} x")
    assert page.tags == [("p", ())]
    assert page.words == words(f"x {text} x")
    assert not MENTION.search(page.text)


@given(ANY_TEXT)
def test_code_is_code(text):
    page = rendered(f"x {code(text)} x")
    assert page.tags == [("p", ()), ("code", ())]
    assert page.words == words(f"x {text} x")


@given(ANY_TEXT)
def test_prose_is_text_and_code(text):
    page = rendered(f"x {prose(text)} x")
    assert {tag for tag, _ in page.tags} <= {"p", "code"}
    assert not MENTION.search(page.loose)


def test_prose_keeps_the_code_that_it_quotes():
    page = rendered(prose("Set `USER {uid}`, not `a<b>` or *c*."))
    assert [tag for tag, _ in page.tags] == ["p", "code", "code"]
    assert page.text.strip() == "Set USER {uid}, not a<b> or *c*."


@pytest.mark.parametrize("text", ["a\n```\n<b>", "````", "~~~\n", "  - x"])
def test_a_block_is_one_block(text):
    page = rendered(f"x\n\n{block(text)}\n\ny")
    assert [tag for tag, _ in page.tags] == ["p", "pre", "code", "p"]
    assert page.text.split("\n")[1:-3] == text.rstrip().split("\n")


@given(ANY_TEXT, ANY_PATH, ANY_TEXT)
def test_whatever_a_file_says_adds_nothing_to_the_page(message, path, help):
    related = (Related(path, Place(Span(1, 1, 1, 1), ""), message),)
    waiver = WAIVER._replace(reason=message, owner=help, until=path)
    run = run_of(
        finding(message, file=path, help=help, related=related),
        finding(message, file=path, verdict=Verdict.UNVERIFIED),
        finding(message, suppression=waiver),
        crashes=[message],
        not_judged=[(path, message)],
    )
    page = rendered(markdown(run))
    assert {tag for tag, _ in page.tags} <= OURS
    assert {attribute for _, attribute in page.tags} <= {(), (("open", ""),), (("open", None),)}
    assert sum(tag == "details" for tag, _ in page.tags) == 5
    assert sum(tag == "li" for tag, _ in page.tags) == 5
    assert not MENTION.search(page.loose)


def test_what_is_open_comes_first_and_the_rest_is_folded():
    report = markdown(
        run_of(
            finding("was there", suppression=DEBT),
            finding("not nice", severity="warning"),
            finding("allowed", suppression=WAIVER),
            finding("unclear", verdict=Verdict.UNVERIFIED),
            finding("bad", clauses=("2.1-b",)),
            not_judged=[("chart/a.yaml", "a template")],
        )
    )
    assert report == (
        "### kerp-policy: 1 error, 1 warning, 1 unverified, 1 waived, 1 debt\n\n"
        "nothing looked at.\n\n"
        "<details open><summary><b>error</b> image-user (clause 2.1-b):"
        " Images run as UID 1001 and GID 1001, 1 finding</summary>\n\n"
        "- `a.yaml:3`: bad\n\nHelp: Mend it.\n\n</details>\n\n"
        "<details><summary><b>warning</b> image-user:"
        " Images run as UID 1001 and GID 1001, 1 finding</summary>\n\n"
        "- `a.yaml:3`: not nice\n\nHelp: Mend it.\n\n</details>\n\n"
        "<details><summary>1 unverified: what files cannot show</summary>\n\n"
        "- `image-user` `a.yaml:3`: unclear\n\n</details>\n\n"
        "<details><summary>1 waived</summary>\n\n"
        "- `image-user` `a.yaml:3`: allowed; waiver by web team until 2027-03-31:"
        " vendor image, OPS-412\n\n</details>\n\n"
        "<details><summary>1 debt: what was there before</summary>\n\n"
        "- `image-user` `a.yaml:3`: was there; baseline: was there on 2026-11-02\n\n</details>\n\n"
        "<details><summary>1 not judged</summary>\n\n"
        "- `chart/a.yaml`: a template\n\n</details>\n"
    )


def test_findings_of_one_policy_share_its_advice():
    report = markdown(run_of(finding("one"), finding("two", file="b.yaml"), prefix="sub/"))
    assert "- `sub/a.yaml:3`: one\n- `sub/b.yaml:3`: two\n\nHelp: Mend it.\n\n</details>" in report


def test_a_report_that_is_too_long_drops_whole_entries_and_counts_them(monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 3000)
    made = [finding(f"{n} {text}", help=str(n % 5)) for n in range(20) for text in HOSTILE]
    crashes = ["a.yaml: the check of x crashed"]
    report = markdown(run_of(*made, crashes=crashes, not_judged=[("x.yaml", "a template")]))
    assert "- crashed: a.yaml: the check of x crashed\n" in report
    assert len(report.encode()) <= 3000
    shown = sum(line.startswith("- ") for line in report.splitlines())
    last = report.splitlines()[-1]
    assert last == (
        f"{len(made) + 2 - shown} entries are left out here for want of room;"
        " `--format json` has them all."
    )
    folds = report.count("<details")
    assert report.count("</details>") == rendered(report).tags.count(("ul", ())) == folds


@pytest.mark.parametrize("unit", [" ", "\n", " \n", "`", "`a", "[", "\\", "www."])
def test_length_costs_no_more_than_length(unit):
    text = unit * 100_000
    for write in (escape, code, prose, block):
        assert len(write(text)) < 20 * len(text)


def test_a_run_without_findings():
    assert markdown(run_of()) == (
        "### kerp-policy: 0 errors, 0 warnings, 0 unverified\n\nnothing looked at.\n"
    )


def test_a_real_project_renders(tmp_path):
    from cli import kerp_policy

    page = rendered(kerp_policy("check", "--format", "markdown", cwd=FIXTURES / "kerp").out)
    assert {tag for tag, _ in page.tags} <= OURS
    assert "cron-schedule (clause 8.1-a)" in page.words
