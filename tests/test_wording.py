"""One voice: every message that a fixture meets keeps the rules of docs/architecture.md."""

import re

import pytest

from harness import FIXTURES
from kerp_policy.config import Config
from kerp_policy.fixtures import cases, judge
from kerp_policy.policy.load import load_library
from kerp_policy.wording import counted, differs, filled_in, listed, missing, shown

_LONGEST = 330
_EXPECTED = re.compile(r"(?:; |^)expected ")
# A message may begin with what it is about, as it is written: a field, a program, a kind.
_SENTENCE = re.compile(r"(?:The|A|An|There|No|This|It|Expected|Files|Whether) ")
_OTHERS = re.compile(r"(?<=expr is no PromQL): .*")
"""The words of a library."""


def faults(message: str) -> list[str]:
    """How a message breaks the mechanical part of the voice."""
    own = _OTHERS.sub("", message)
    found = {
        "empty": not message,
        "capital": _SENTENCE.match(own),
        "full stop": own.endswith(".") and not own.endswith("..."),
        "blanks": "  " in own or own != own.strip() or "\n" in own,
        "repr": re.search(r"\bNone\b|\bTrue\b|\bFalse\b|\['|: ''|<[\w.]+ object", _unquoted(own)),
        "backtick": "`" in own,
        "lacks": re.search(r"\black(?:s|ing)?\b", own),
        "passive": re.search(r"\b(?:is|are) expected\b", own),
        "twice": len(_EXPECTED.findall(own)) > 1,
        "repeated": _repeats(own),
        "open": re.search(r"\bis open\b|decided elsewhere|cannot be told", own),
        "too long": len(own) > _LONGEST,
    }
    return [name for name, is_so in found.items() if is_so]


def _unquoted(message: str) -> str:
    """Without what is to be copied: `write matchers: ['severity="critical"']`."""
    return message.partition("; write ")[0]


def _repeats(message: str) -> bool:
    """Whether it expects just what it says is missing."""
    said, _, wanted = message.partition("; expected ")
    names = re.match(r"(?:the \w+ )?(.*) (?:is|are) missing", said)
    return bool(names and wanted and names[1] == wanted)


@pytest.mark.parametrize("folder", cases(FIXTURES), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_messages_have_one_voice(folder):
    findings = judge(folder, Config()).run.findings
    told = [f.message for f in findings] + [r.message for f in findings for r in f.related]
    assert {message: found for message in told if (found := faults(message))} == {}


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("", "empty"),
        ("The image has no tag", "capital"),
        ("the image has no tag.", "full stop"),
        ("the image  has no tag", "blanks"),
        ("drop is ['NET_RAW']; expected ALL", "repr"),
        ("replicas is None; expected 3", "repr"),
        ("unknown instruction `RNU`", "backtick"),
        ("group_by lacks severity", "lacks"),
        ("for is soon; a duration is expected", "passive"),
        ("replicas is 1; expected 3; expected 3 or more", "twice"),
        ("the label app is missing; expected app", "repeated"),
        ("whether it has one is open", "open"),
        ("a" * 400, "too long"),
    ],
)
def test_the_voice_is_heard(message, fault):
    assert faults(message) == [fault]


@pytest.mark.parametrize("policy", load_library().policies.values(), ids=lambda p: p.id)
def test_policies_speak_in_sentences(policy):
    assert not policy.title.endswith("."), "a title is no sentence in a text"
    assert policy.why.strip().endswith(".")
    assert policy.how.strip().endswith((".", ":", "?"))
    assert not policy.how.startswith(("You ", "Please "))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (True, "true"),
        (None, "null"),
        ("true", '"true"'),
        ("Off", '"Off"'),
        ("1001", '"1001"'),
        ("0.5", '"0.5"'),
        ("1Gi", "1Gi"),
        ("25%", "25%"),
        ("", '""'),
        ("5 min", '"5 min"'),
        ('a "b" c', "'a \"b\" c'"),
        ('severity="critical"', 'severity="critical"'),
        ("[ALL]", '"[ALL]"'),
        ("${TAG}", "${TAG}"),
        ("{{.Values.tag}}", "{{.Values.tag}}"),
        ("{{ .Values.tag }}", '"{{ .Values.tag }}"'),
        ("a" * 70, "a" * 59 + "…"),
        ([], "empty"),
        ({}, "empty"),
        ([1], "a list"),
        ({"periodSeconds": 3}, "a mapping with periodSeconds"),
        (dict.fromkeys("abcde"), "a mapping with a, b, c and others"),
    ],
)
def test_values_are_shown_as_they_are_written(value, text):
    assert shown(value) == text


def test_sentences_are_made_in_one_place():
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert (counted("job", ["a"]), counted("job", ["a", "b"])) == ("job a", "jobs a and b")
    assert differs("port", "80", 80) == 'port is "80"; expected 80'
    assert filled_in("port", "${PORT}") == "port is ${PORT}, filled in elsewhere"
    assert filled_in("port", "$PORT", 0) == "port is $PORT, filled in elsewhere; expected 0"
    assert missing("label", ["app"], "metadata") == "the label app is missing in metadata"
    assert missing("label", ["a", "b"], "spec") == "the labels a and b are missing in spec"
