"""What a format of tokens is, and where a token begins and ends."""

from __future__ import annotations

import re

from msgspec import Struct

from kerp_policy.regex import regex
from kerp_policy.secrets.validators import Accepts, varied


class Format(Struct, frozen=True):
    """One format.

    Attributes:
        kind: its id.
        title: what it is, in words, with an article.
        keywords: texts, one of which every token holds; the search looks for them alone.
        pattern: matches from the keyword on. Group `secret` is the secret where that is not all
            of the match, `prefix` the public beginning.
        accepts: what a real token satisfies beyond that.
        head: what stands right before the keyword, if anything must; it may hold `secret` as well.
        reach: how many characters back the head may begin.
        head_is_public: whether the head may be shown.
    """

    kind: str
    title: str
    keywords: tuple[str, ...]
    pattern: re.Pattern[str]
    accepts: Accepts = varied
    head: re.Pattern[str] | None = None
    reach: int = 0
    head_is_public: bool = False


# A token is no part of a word: before it stands no letter and no digit, but that of an option
# (`-pTOKEN`). A hyphen or underscore there ends a name, as no format begins with one. Behind it
# stands nothing that its last characters may be. A hyphen there joins it with a name as well
# (`TOKEN-old`): where the format knows hyphens, its length is known, too.
BEGINS = r"(?:(?<![A-Za-z0-9])|(?<=[\s\"'=(\[,]-[A-Za-z])|(?<=\A-[A-Za-z]))"
BEGINNING = regex(rf"{BEGINS}\Z")
REACH = 3
UNBROKEN = r"(?![A-Za-z0-9_])"
UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


def letters(text: str) -> re.Pattern[str]:
    """A pattern that knows letters of ASCII alone: no token has others, but a text may."""
    return regex(text, re.ASCII)
