"""The documentation site: it is built, and every link in it leads somewhere."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

from harness import ROOT
from kerp_policy.policy.load import load_library, load_profile

pytest.importorskip("material", reason="mkdocs-material is not installed")

PROFILE = load_profile("kerp")


class Page(HTMLParser):
    """The anchors and links of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors, self.links, self.loaded, self.words = set(), set(), set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("id"):
            self.anchors.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
        source = given.get("href") if tag == "link" else given.get("src")
        if source:
            self.loaded.add(source)

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages of the site, by path."""
    folder = tmp_path_factory.mktemp("documentation") / "site"
    command = [sys.executable, "scripts/build_site.py", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        path.relative_to(folder).as_posix(): Page(path.read_text("utf-8"))
        for path in folder.rglob("*.html")
    } | {
        path.relative_to(folder).as_posix(): None
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".html"
    }


def pages(site):
    # 404.html is served for any address, so its links begin at the top of the server.
    return {path: page for path, page in site.items() if page and path != "404.html"}


def target(path: str, link: str) -> tuple[str, str]:
    address, fragment = urldefrag(link)
    parts = [*Path(path).parts[:-1], *unquote(address).split("/")] if address else [path]
    resolved: list[str] = []
    for part in parts:
        if part == "..":
            resolved.pop()
        elif part != ".":
            resolved.append(part)
    return "/".join(resolved) or "index.html", unquote(fragment)


def test_every_link_leads_to_a_page_and_its_anchor(site):
    followed = 0
    for path, page in pages(site).items():
        for link in page.links | page.loaded:
            if urlsplit(link).scheme:
                assert re.fullmatch(r"https?://[\w.-]+(:\d+)?(/\S*)?|(mailto|data):\S+", link), (
                    path,
                    link,
                )
                continue
            file, fragment = target(path, link)
            assert file in site, (path, link)
            known = {"", *site[file].anchors} if site[file] else {""}
            assert fragment in known, (path, link)
            followed += 1
    assert followed > len(PROFILE.policies)


def test_nothing_is_fetched_from_elsewhere(site):
    assert not {
        (path, source)
        for path, page in pages(site).items()
        for source in page.loaded
        if urlsplit(source).scheme not in ("", "data")
    }


@pytest.mark.parametrize("policy", PROFILE.policies, ids=lambda policy: policy.id)
def test_a_policy_has_a_page_that_all_indexes_lead_to(site, policy):
    page = site[f"policies/{policy.id}.html"]
    shown = {name.capitalize() for example in policy.examples for name in example}
    for word in ("Why", "How", *shown, policy.severity):
        assert word in page.text
    assert f"{policy.id}.html" in site["policies/index.html"].links
    ways = {"topics.html": policy.topics, "standard.html": policy.clauses}
    for index in (*(name for name, ids in ways.items() if ids), "controls.html"):
        if index != "controls.html" or policy.controls:
            assert f"policies/{policy.id}.html" in site[index].links, index
    assert {f"../standard.html#{clause}" for clause in policy.clauses} <= page.links
    assert {f"../topics.html#{topic}" for topic in policy.topics} <= page.links
    assert {f"../controls.html#{control}" for control in policy.controls} <= page.links


def test_every_control_is_told_of(site):
    page = site["controls.html"]
    for catalogue in load_library().catalogues.values():
        assert {catalogue.id, *catalogue.controls} <= page.anchors


def test_pages_of_docs_are_there(site):
    for file in (ROOT / "docs").glob("*.md"):
        page = site[f"{file.stem}.html"]
        title = re.search(r"^# (.*)$", file.read_text("utf-8"), re.MULTILINE)[1]
        assert title.replace("`", "") in page.text
    assert {"run-it", "install-it", "commands", "configuration"} <= site[
        "getting-started.html"
    ].anchors


def test_words_of_policies_are_text_and_not_markup(site):
    text = site["policies/unverified-download.html"].text
    assert "ADD --checksum=sha256:" in text
    assert "&#" not in text
    for policy in PROFILE.policies:
        assert "<script" not in site[f"policies/{policy.id}.html"].text
