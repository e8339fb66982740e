"""Lines of reports: as many words as there is room for, like textwrap makes them."""

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.cells import wrapped

WORDS = st.lists(st.text("ab-_.(é", min_size=1, max_size=14), max_size=12)


@given(WORDS, st.integers(1, 20), st.sampled_from(["", "    "]), st.booleans())
def test_lines_are_those_of_textwrap(words, room, indent, breaks):
    lines = textwrap.wrap(
        " ".join(words),
        room + len(indent),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=breaks,
    )
    found = wrapped("\n".join(words), room + len(indent), indent, break_long_words=breaks)
    assert list(found) == lines


def test_a_line_has_a_word_however_little_room_there_is():
    assert wrapped("ab c", 2, "    ", break_long_words=False) == ("    ab", "    c")
    assert wrapped("ab", 2, "    ") == ("    a", "    b")
    assert wrapped(" ", 2, "    ") == ()
