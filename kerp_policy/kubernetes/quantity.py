"""Quantities of CPU, memory and storage, exactly.

Source: the grammar of `Quantity` in the Kubernetes API reference ("Common definitions"):
a signed decimal number, then a binary suffix (Ki … Ei), a decimal one (n, u, m, none, k … E)
or a decimal exponent (e3, E-2).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from kerp_policy.regex import regex
from kerp_policy.wording import clipped

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_FACTORS = {suffix: Fraction(10) ** power for suffix, power in _DECIMAL.items()}
_FACTORS |= {f"{letter}i": Fraction(1024) ** (n + 1) for n, letter in enumerate("KMGTPE")}

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_QUANTITY = regex(
    rf"(?P<number>{_NUMBER})(?:[eE](?P<exponent>[+-]?[0-9]+)|(?P<suffix>[A-Za-z]{{0,2}}))"
)
_MISSPELT = regex(rf"(?P<number>{_NUMBER})\s*(?P<unit>[A-Za-z]+)")

# Nothing Kubernetes holds is larger than 2^63-1 or finer than a nano, so longer texts and
# larger exponents are refused before anyone computes with them.
_MAX_LENGTH = 64
_MAX_EXPONENT = 64


class QuantityError(ValueError):
    """A value that is no Kubernetes quantity; the message says why and what was likely meant."""


def parse_quantity(value: str | int | float) -> Fraction:
    """Read a quantity as an exact number of cores, bytes or pieces.

    Args:
        value: what the manifest holds; numbers are read as their decimal text.

    Raises:
        QuantityError: it is none.
    """
    return _amount(_text(value))


@lru_cache(maxsize=1024)  # a project writes the same few everywhere
def _amount(text: str) -> Fraction:
    found = _QUANTITY.fullmatch(text)
    if not found or (found["exponent"] is None and found["suffix"] not in _FACTORS):
        raise QuantityError(f"{text} is no quantity{_hint(text)}")
    if found["exponent"] is None:
        return Fraction(found["number"]) * _FACTORS[found["suffix"]]
    if abs(int(found["exponent"])) > _MAX_EXPONENT:
        raise QuantityError(f"{text} is beyond what a quantity holds (2^63-1)")
    return Fraction(found["number"]) * Fraction(10) ** int(found["exponent"])


def _text(value: object) -> str:
    text = value if isinstance(value, str) else _digits(value)
    if not text:
        raise QuantityError("an empty string is no quantity; write 0 or leave the field out")
    if len(text) > _MAX_LENGTH:
        raise QuantityError(f"{clipped(text, 20)} is no quantity: it has {len(text)} characters")
    return text


def _digits(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise QuantityError("no quantity; expected a number such as 0.5 or a string such as 512Mi")
    if isinstance(value, int) and value.bit_length() > 4 * _MAX_LENGTH:
        raise QuantityError("the number is beyond what a quantity holds (2^63-1)")
    return repr(value)


def _hint(text: str) -> str:
    if text != text.strip():
        return "; there is white space around it"
    found = _MISSPELT.fullmatch(text.replace(",", "."))
    meant = _meant(found["unit"]) if found else ()
    if found and meant:
        return "; did you mean " + " or ".join(found["number"] + suffix for suffix in meant) + "?"
    return "; expected a number with a suffix such as m, k, M, G, Ki, Mi or Gi"


def _meant(unit: str) -> tuple[str, ...]:
    """The suffixes that a misspelt unit may stand for: `mb` → M, Mi; `gib` → Gi; `b` → none."""
    if unit in _FACTORS:
        return (unit,)
    short = unit.lower().removesuffix("bytes").removesuffix("byte").removesuffix("b")
    letter = short.removesuffix("i")
    if short == "" or short in ("c", "cpu", "core", "cores"):
        return ("",)
    if len(letter) != 1 or letter not in "kmgtpe":
        return ()
    binary = letter.upper() + "i"
    if short.endswith("i"):
        return (binary,)
    return ("k" if letter == "k" else letter.upper(), binary)
