"""Text of others, as it may be shown and written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.visible import dumped, inert, printable

_ODD = '#[:\t\n\x00\x1b\x7f\x9b\u061c\u200e\u2028\u202e\u2066\ufeff"\\/é한\U0001f600\ud800\udcff'
_TEXTS = st.text(st.one_of(st.characters(), st.sampled_from(_ODD)))
_NUMBERS = st.integers() | st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner),
    max_leaves=20,
)


@given(_VALUES, st.sampled_from([None, 2]))
def test_json_says_what_the_value_says(value: object, indent: int | None) -> None:
    assert json.loads(dumped(value, indent)) == value


@given(st.recursive(st.sampled_from(["", "é한", 'a\n"b"', "half\ud800", 7, None]), st.lists))
def test_json_is_laid_out_alike_whatever_encodes_it(value: object) -> None:
    for laid_out in (None, 2):
        assert dumped(value, laid_out) == json.dumps(value, ensure_ascii=False, indent=laid_out)


@given(_TEXTS)
def test_no_json_holds_what_steers_or_commands(text: str) -> None:
    written = dumped([text], 2)
    assert printable(written) == written
    assert inert(written) == written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("한글 é", "한글 é"),
        ("a\tb", "a    b"),
        ("a\nb", "a\nb"),
        ("\x1b[31m\x7f\u202e", "\ufffd[31m\ufffd\ufffd"),
        ("\u00a0\ue000\ud800", "\u00a0\ue000\ud800"),
    ],
)
def test_what_is_printable_stays_and_what_steers_is_seen(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("report", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("a\n  ::error::x", "a\n  : :error::x"),
        ("a ::b", "a ::b"),
        ("##[group]", "# #[group]"),
        ("a ##vso[task.complete]", "a # #vso[task.complete]"),
        ("a ## b", "a ## b"),
    ],
)
def test_a_report_commands_no_runner(report: str, shown: str) -> None:
    assert inert(report) == shown
