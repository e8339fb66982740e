"""Markdown: read by GitHub's own parser, nothing that a file says is anything but text."""

import re
from html.parser import HTMLParser
from itertools import count

import pytest
from hypothesis import given
from msgspec.structs import replace

from harness import FIXTURES
from kerp_policy.findings import Finding, Place, Related, Verdict
from kerp_policy.outcome import Run
from kerp_policy.report import markdown as module
from kerp_policy.report.markdown import markdown
from kerp_policy.report.markup import block, code, escape, one_line, prose
from kerp_policy.sources.source import Span
from runs import ANY_PATH, ANY_TEXT, DEBT, HOSTILE, PROFILE, WAIVER, finding, run_of

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
    waiver = replace(WAIVER, reason=message, owner=help, until=path)
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
        "<details><summary>1 not judged</summary>\n\n"
        "- `chart/a.yaml`: a template\n\n</details>\n\n"
        "<details><summary>1 waived</summary>\n\n"
        "- `image-user` `a.yaml:3`: allowed; waiver by web team until 2027-03-31:"
        " vendor image, OPS-412\n\n</details>\n\n"
        "<details><summary>1 debt: what was there before</summary>\n\n"
        "- `image-user` `a.yaml:3`: was there; baseline: was there on 2026-11-02\n\n</details>\n"
    )


def test_findings_of_one_policy_share_its_advice():
    report = markdown(run_of(finding("one"), finding("two", file="b.yaml"), prefix="sub/"))
    assert "- `sub/a.yaml:3`: one\n- `sub/b.yaml:3`: two\n\nHelp: Mend it.\n\n</details>" in report


def test_advice_of_its_own_stands_beside_a_finding():
    report = markdown(run_of(finding("one"), finding("two", help="Wait."), finding("three")))
    assert "- `a.yaml:3`: one\n- `a.yaml:3`: two; help: Wait.\n" in report
    assert report.count("Help: Mend it.") == report.count("<details") == 1


def test_places_beyond_five_are_counted():
    related = tuple(Related("b", Place(Span(n, 1, n, 1), ""), "here") for n in range(1, 9))
    report = markdown(run_of(finding("one", related=related)))
    assert report.count("see `b:") == 5
    assert "see `b:5`: here; and 3 more places\n" in report


def policies_of(number: int):
    return sorted(policy.id for policy in PROFILE.policies)[:number]


def too_long(message: str) -> Run:
    """Some thousand findings of every kind, each with a number of its own."""
    numbers = count(1)

    def some(number: int, policy: str, **changes) -> list[Finding]:
        texts = (f"n{next(numbers)}n {message}" for _ in range(number))
        return [finding(text, policy=policy, **changes) for text in texts]

    kinds = (
        {},
        {"severity": "warning"},
        {"verdict": Verdict.UNVERIFIED},
        {"suppression": WAIVER},
        {"suppression": DEBT},
    )
    made = [one for kind in kinds for id in policies_of(12) for one in some(60, id, **kind)]
    many = some(900, "image-user")
    return run_of(*made, *many, crashes=["the check of x crashed"], not_judged=[("x", message)])


@pytest.mark.parametrize(
    "message",
    ["it is 1; expected 2", "😀" * 9_000, "@a$b`" * 2_000, *(text * 40 for text in HOSTILE)],
)
def test_any_report_fits_a_comment_and_is_whole(message):
    run = too_long(message)
    report = markdown(run)
    assert len(report.encode("utf-16-le")) // 2 <= module.MAX_CHARACTERS
    page = rendered(report)
    assert {tag for tag, _ in page.tags} <= OURS
    folds = report.count("<details")
    assert folds == report.count("</details>") == page.tags.count(("ul", ()))
    more = [int(number) for number in re.findall(r"… (\d+) more\b", page.text)]
    entries = page.tags.count(("li", ())) - len(more)
    all_of_them = len(run.findings) + 2
    assert sum(more) == all_of_them - entries
    assert page.words.endswith(
        f"{sum(more)} entries are left out here for want of room;"
        f" kerp-policy check --format html=report.html shows all {all_of_them}."
    )


def test_the_worst_comes_first_and_no_policy_hides_another():
    report = markdown(too_long("it is 1; expected 2"))
    titles = re.findall(r"<summary>(?:<b>)?([\w ]+?)(?:</b>|:|</summary>)", report)
    kinds = [re.sub(r"^\d+ ", "", title) for title in titles]
    assert kinds == [
        "not all checks ended",
        *["error"] * 13,
        *["warning"] * 12,
        "unverified",
        "not judged",
        "waived",
        "debt",
    ]
    folds = report.split("</details>")[:-1]
    assert all("\n- `" in fold or "\n- crashed" in fold for fold in folds)
    assert folds[1].count("\n- ") > folds[-1].count("\n- ")


def test_a_title_is_there_where_its_entries_have_no_room(monkeypatch):
    monkeypatch.setattr(module, "MAX_CHARACTERS", 1_000)
    long = finding("x" * 800, related=(Related("b", Place(Span(1, 1, 1, 1), ""), "y" * 800),))
    report = markdown(run_of(long, not_judged=[("x.yaml", "a template")]))
    assert "1 finding</summary>\n\n- … 1 more\n" in report
    assert "- `x.yaml`: a template\n" in report
    assert report.endswith("shows all 2.\n")
    assert len(report) <= 1_000


def test_what_has_no_room_at_all_is_counted(monkeypatch):
    monkeypatch.setattr(module, "MAX_CHARACTERS", 600)
    report = markdown(run_of(*(finding(policy=id) for id in policies_of(9))))
    shown = report.count("\n- `")
    assert 0 < shown < 9
    assert f"\n\n{9 - shown} entries are left out here" in report
    assert len(report) <= 600


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
