"""Whatever a word of an artifact, and wherever it stands: in every report it is only a word."""

import json
import re
from xml.etree import ElementTree

import pytest
from outputs import COMMANDS, Output, outputs
from parsed import Page, rendered, strings
from planting import planted, repository

from cli import kerp_policy, write

WORDS = {
    "terminal": "evil\x1b[31mb\x1b]8;;http://evil.test\x07c\x9b1m\x7f\u202ed\u200e\u2066\u2028e",
    "log": "evil\n::error::b\n\n::set-x::y\r##[add-mask]c ##vso[task.x]\nFORGED",
    "markup": 'evil<img onerror=x></li>](//e.test)`c`@team #1"]--> n0|a,b=1%0A::error::c',
}
STEERS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
OUR_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
COMMAND = re.compile(r"^\s*::[^:\n]*::|##\w*\[", re.MULTILINE)
ANNOTATION = re.compile(r"::(error|warning|notice) (file|title)=[^\n]*::[^\n]*")
_MERMAID_TEXT = r'"[^"\[\]<>`;]*(?:#\d+;[^"\[\]<>`;]*)*"'
MERMAID = re.compile(
    rf"flowchart LR|  n\d+\[{_MERMAID_TEXT}\](?::::\w+)?|  n\d+ -- {_MERMAID_TEXT} --> n\d+"
    r"|  (?:linkStyle \d+|classDef \w+) [\w#:.,-]+"
)
SILENT = {"baseline update", "config", "config json"}
"""What shows no word of an artifact."""
STRUCTURED = tuple(
    name for name in COMMANDS if name.startswith(("html", "markdown", "junit", "review markdown"))
)
"""What is compared with the same report about harmless words."""


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> dict[str, str]:
    """Reports where a harmless word stands everywhere."""
    folder = tmp_path_factory.mktemp("plain") / "project"
    repository(folder, planted("simple"), planted("harmless"))
    return {name: output.out for name, output in outputs(folder, STRUCTURED).items()}


@pytest.fixture(scope="module", params=WORDS)
def printed(request, tmp_path_factory) -> dict[str, Output]:
    """Everything that is printed where a hostile word stands everywhere."""
    folder = tmp_path_factory.mktemp("planted") / "project"
    repository(folder, planted("simple"), planted(WORDS[request.param]))
    return outputs(folder)


def named(printed: dict[str, Output], part: str) -> dict[str, str]:
    """The outputs whose names have a part."""
    return {name: output.out for name, output in printed.items() if part in name}


def test_every_command_answers_and_shows_the_word(printed) -> None:
    for name, output in printed.items():
        assert output.code in (0, 1), (name, output.err)
        assert "evil" in output.out or name in SILENT, name


def test_nothing_steers_a_terminal_or_the_eye(printed) -> None:
    for name, output in printed.items():
        is_coloured = "--color" in COMMANDS.get(name, ())
        text = OUR_COLOURS.sub("", output.out) if is_coloured else output.out
        assert not STEERS.search(text), name
        assert not STEERS.search(output.err), name


def test_no_line_is_a_command_or_made_up(printed) -> None:
    for name, output in printed.items():
        for text in (output.out, output.err):
            assert name.startswith("github") or not COMMAND.search(text), name
            assert not re.search("^FORGED", text, re.MULTILINE), name


def test_a_standard_of_others_is_only_words(tmp_path) -> None:
    word = json.dumps(WORDS["terminal"] + WORDS["log"])
    head = f"title: {word}\n"
    policy = (
        f"{head}severity: error\ntopics: [x]\neach: container\nrequire: {{image: {{const: a}}}}\n"
        f"why: {word}\nhow: {word}\ncontrols: [own/1]\n"
        f"examples: [{{bad: {word}}}, {{good: {word}}}]\n"
    )
    source = json.dumps(f"https://{WORDS['terminal']}")
    controls = f"{head}version: {word}\nsource: {source}\ncontrols: {{'1': {{{head.strip()}}}}}\n"
    files = {
        ".kerp-policy.yaml": "policies: [standard]\nprofile: own\n",
        "standard/profiles/own.yaml": f"{head}extends: kerp\ninclude: {{topics: [x]}}\n",
        "standard/kubernetes/own-rule.yaml": policy,
        "standard/controls/own.yaml": controls,
    }
    write(tmp_path, files)
    for command in (
        ("list",), ("explain", "own-rule"), ("controls", "own"), ("test",), ("config", "-v"),
        ("controls", "own", "--format", "json"), ("config", "--format", "json"),
    ):  # fmt: skip
        outcome = kerp_policy(*command, cwd=tmp_path)
        assert outcome.code in (0, 1), (command, outcome.err)
        assert "evil" in outcome.out or command[0] == "config", command
        assert not STEERS.search(outcome.out), command
        assert not COMMAND.search(outcome.out), command


def test_annotations_are_one_line_each_and_no_other_command(printed) -> None:
    for name, text in named(printed, "github").items():
        assert text.startswith("::"), name
        for line in text.splitlines():
            assert ANNOTATION.fullmatch(line) or not COMMAND.search(line), (name, line)


def test_the_page_has_no_element_attribute_or_link_of_theirs(printed, plain) -> None:
    for name, text in named(printed, "html").items():
        page = Page(text)
        assert page.elements <= Page(plain[name]).elements, name
        assert all(link.startswith("#") for link in page.links), name


def test_markdown_has_no_markup_link_or_mention_of_theirs(printed, plain) -> None:
    for name, text in named(printed, "markdown").items():
        page = rendered(text)
        assert page.elements <= rendered(plain[name]).elements, name
        assert not page.links, name
        assert not re.search(r"[@#](?=\w)", page.loose), name


def test_xml_has_no_element_or_attribute_of_theirs(printed, plain) -> None:
    def shapes(text: str) -> set[tuple[str, ...]]:
        return {(each.tag, *sorted(each.attrib)) for each in ElementTree.fromstring(text).iter()}

    for name, text in named(printed, "junit").items():
        assert shapes(text) <= shapes(plain[name]), name


def test_a_flowchart_has_no_statement_of_theirs(printed) -> None:
    for line in printed["graph mermaid"].out.splitlines():
        assert MERMAID.fullmatch(line), line


@pytest.mark.parametrize("name", ["json", "review json", "baseline json", "baseline file"])
def test_programs_read_the_word_as_it_is_written(printed, request, name) -> None:
    word = WORDS[request.node.callspec.params["printed"]]
    assert any(word.replace("/", "_")[:60] in text for text in strings(printed[name].out))
