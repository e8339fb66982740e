from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.kubernetes.durations import parse_duration
from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity

SUFFIXES = {
    **{"n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000), "": Fraction(1)},
    **{"k": Fraction(10**3), "M": Fraction(10**6), "G": Fraction(10**9), "T": Fraction(10**12)},
    **{"P": Fraction(10**15), "E": Fraction(10**18), "Ki": Fraction(2**10), "Mi": Fraction(2**20)},
    **{"Gi": Fraction(2**30), "Ti": Fraction(2**40), "Pi": Fraction(2**50), "Ei": Fraction(2**60)},
}


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6
    ),
    st.sampled_from(sorted(SUFFIXES)),
)
def test_number_and_suffix_multiply_exactly(number, suffix):
    assert parse_quantity(f"{number:f}{suffix}") == Fraction(number) * SUFFIXES[suffix]


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("500m", Fraction(1, 2)),
        (0.1, Fraction(1, 10)),
        (1e22, Fraction(10**22)),
        (2, 2),
        ("1.", 1),
        (".5", Fraction(1, 2)),
        ("+1", 1),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("12E-1", Fraction(6, 5)),
        ("0", 0),
    ],
)
def test_other_spellings(value, amount):
    assert parse_quantity(value) == amount


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("512mb", "512mb is no quantity; did you mean 512M or 512Mi"),
        ("1gi", "1gi is no quantity; did you mean 1Gi"),
        ("64K", "64K is no quantity; did you mean 64k or 64Ki"),
        ("1 Gi", "1 Gi is no quantity; did you mean 1Gi"),
        ("1,5G", "1,5G is no quantity; did you mean 1.5G"),
        ("2 cores", "2 cores is no quantity; did you mean 2"),
        (" 1", " 1 is no quantity; there is white space around it"),
        ("1.2.3", "a number with a suffix"),
        ("1e", "1e is no quantity; did you mean 1E or 1Ei"),
        ("", "an empty string is no quantity"),
        ("1e999999999", "beyond what a quantity holds"),
        ("1E-999999999", "beyond what a quantity holds"),
        (10**400, "beyond what a quantity holds"),
        ("9" * 10**6, "it has 1000000 characters"),
        (float("nan"), "nan is no quantity"),
        (float("inf"), "inf is no quantity"),
        (True, "a number such as 0.5"),
        (None, "a number such as 0.5"),
        ("１", "is no quantity"),
    ],
)
def test_what_is_no_quantity_says_why(value, words):
    with pytest.raises(QuantityError) as caught:
        parse_quantity(value)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 200


@given(st.text(max_size=80) | st.floats() | st.integers())
def test_anything_is_a_quantity_or_an_error_of_ours(value):
    try:
        assert isinstance(parse_quantity(value), Fraction)
    except QuantityError as error:
        assert str(error)


def test_comparison_across_suffixes():
    assert parse_quantity("1025Mi") > parse_quantity("1Gi")
    assert parse_quantity("1024Mi") == parse_quantity("1Gi")
    assert parse_quantity("1000m") == parse_quantity(1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("-250ms", Fraction(-1, 4)),
        ("0", 0),
        ("3µs", Fraction(3, 10**6)),
        ("1m1", None),
        ("5", None),
        ("1d", None),
        ("1h 1m", None),
        ("", None),
        ("1h" * 100, None),
    ],
)
def test_durations(text, seconds):
    assert parse_duration(text) == seconds
