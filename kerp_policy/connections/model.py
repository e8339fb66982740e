"""What the judgement of a connection says."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct


class Level(IntEnum):
    """How bad it is."""

    UNVERIFIED = 1
    PLAIN_INSIDE = 2
    """Plain HTTP inside the cluster, which the standard tolerates."""
    PLAIN = 3


class Judgement(Struct, frozen=True):
    """What there is to say about `text[start:end]`; user, password and parameters stay unsaid.

    Attributes:
        level: how bad it is.
        message: what is found, and what is expected.
        start: the index of the first character it is about.
        end: the index after the last one.
    """

    level: Level
    message: str
    start: int
    end: int
