"""Build the documentation site: `python scripts/build_site.py [FOLDER]` (site).

A page for every policy and an index of them by clause, topic and control, beside the pages of docs/
and what the README tells. Nothing of it is kept: the policies are its source.
"""

from __future__ import annotations

import logging
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from mkdocs.commands.build import build
from mkdocs.config import load_config
from pymdownx.slugs import slugify

from build_docs import page as standard_page
from kerp_policy.policy.load import load_library, load_profile
from site_pages import pages

ROOT = Path(__file__).parent.parent
_DOCS = ROOT / "docs"
_NAMES = {
    "index.md": "What it does",
    "korean.md": "한국어",
    "getting-started.md": "Getting started",
    "tutorial.md": "Tutorial",
    "adopting.md": "Adopting it",
    "ci.md": "In CI",
    "standard.md": "The standard",
    "policy-changelog.md": "What releases change",
    "policies/index.md": "Policies",
    "topics.md": "Topics",
    "controls.md": "Controls",
    "architecture.md": "Architecture",
    "security.md": "Security",
    "changelog.md": "Changelog",
}
"""The pages in their order; what else lies in docs/ comes before the last three."""
_HOMES = {
    "README.md": "getting-started.md",
    "README.ko.md": "korean.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}
_CONFIGURATION = {
    "site_name": "kerp-policy",
    "use_directory_urls": False,  # so that it can be read without a server
    "strict": True,
    "theme": {
        "name": "material",
        "font": False,  # nothing is fetched from elsewhere
        "features": ["content.code.copy", "navigation.top", "navigation.footer", "toc.follow"],
        "palette": [
            {"media": "(prefers-color-scheme: light)", "scheme": "default"},
            {"media": "(prefers-color-scheme: dark)", "scheme": "slate"},
        ],
    },
    "plugins": ["search"],
    "markdown_extensions": [
        "attr_list",
        "tables",
        {"toc": {"slugify": slugify(case="lower"), "permalink": True, "toc_depth": 3}},
        "pymdownx.highlight",
        "pymdownx.superfences",
    ],
    "not_in_nav": "/policies/*\n!/policies/index.md\n",
    "validation": {
        "nav": {"omitted_files": "warn", "not_found": "warn"},
        "links": {"anchors": "warn", "not_found": "warn", "unrecognized_links": "warn"},
    },
}


def build_site(target: Path) -> None:
    """Build the site into a folder, which is replaced.

    Raises:
        mkdocs.exceptions.Abort: a link of it leads nowhere.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "mkdocs.yml").touch()
        source = folder / "docs"
        for path, text in _texts().items():
            file = source / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        _copy_pictures(source)
        where = {"docs_dir": str(source), "site_dir": str(target.resolve())}
        build(load_config(str(folder / "mkdocs.yml"), **_CONFIGURATION, **where, nav=_nav(source)))


def _texts() -> dict[str, str]:
    """Every page as Markdown, by its path."""
    profile, library = load_profile("thorough"), load_library()
    first, rest = (ROOT / "README.md").read_text("utf-8").split("## Run it\n", 1)
    written = {
        "index.md": first,
        "getting-started.md": f"# Getting started\n\n## Run it\n{rest}",
        "changelog.md": (ROOT / "CHANGELOG.md").read_text("utf-8"),
        "security.md": (ROOT / "SECURITY.md").read_text("utf-8"),
        "korean.md": (ROOT / "README.ko.md").read_text("utf-8"),
        **{file.name: file.read_text("utf-8") for file in sorted(_DOCS.glob("*.md"))},
    }
    made = pages(profile, library.policies, standard_page(load_profile("kerp")))
    return {**{path: _with_links(text) for path, text in written.items()}, **made}


def _with_links(text: str) -> str:
    """The text with its links into the repository led to the pages of the site."""

    def led(match: re.Match[str]) -> str:
        path = match[1].removeprefix("../").removeprefix("docs/")
        return f"]({_HOMES.get(path, path)}"

    return re.sub(r"\]\((?!\w+:|#)([^)#\s]+)", led, text)


def _copy_pictures(source: Path) -> None:
    for file in _DOCS.rglob("*"):
        if file.is_file() and file.suffix != ".md":
            target = source / file.relative_to(_DOCS)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _nav(source: Path) -> list[dict[str, str] | str]:
    others = [file.name for file in sorted(source.glob("*.md")) if file.name not in _NAMES]
    return [*_entries(list(_NAMES)[:-3]), *others, *_entries(list(_NAMES)[-3:])]


def _entries(paths: list[str]) -> Iterator[dict[str, str]]:
    return ({_NAMES[path]: path} for path in paths)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s")  # mkdocs tells mistakes so
    build_site(Path(*sys.argv[1:2] or ["site"]))
