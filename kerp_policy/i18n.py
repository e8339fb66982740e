"""Words in the reader's language: English as it is written here, or Korean from a catalogue.

The catalogue is `locale/ko/LC_MESSAGES/kerp_policy.po`, as gettext has them; what policies and
profiles say of themselves stands in their own files (`ko`). Nothing is loaded for English.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gettext import GNUTranslations

ENGLISH, KOREAN = "en", "ko"
LANGUAGES = (ENGLISH, KOREAN)
VARIABLE = "KERP_POLICY_LANG"
DOMAIN = "kerp_policy"
FOLDER = Path(__file__).parent / "locale"


class _State:
    language = ENGLISH
    catalogue: GNUTranslations | None = None


def language() -> str:
    """The language that words are in now, one of `LANGUAGES`."""
    return _State.language


def gettext(message: str) -> str:
    """A message in the language that is spoken now; what the catalogue lacks stays English."""
    # Nothing is what a catalogue files its own head under.
    return _State.catalogue.gettext(message) if message and _State.catalogue else message


def ngettext(one: str, many: str, count: int) -> str:
    """Likewise, in the form for a number; Korean has one form for all."""
    if _State.catalogue:
        return _State.catalogue.ngettext(one, many, count)
    return one if count == 1 else many


def noted(message: str) -> str:
    """A message for a table, translated where it is shown; it is extracted from the call."""
    return message


def forms(one: str, many: str) -> tuple[str, str]:
    """Both forms of a noun, for a table whose words are translated where they are shown."""
    return one, many


def amount(count: int, one: str, many: str) -> str:
    """A number with the noun in its form; messages are extracted from calls."""
    return gettext("{count} {things}").format(count=count, things=ngettext(one, many, count))


class Told(NamedTuple):
    """A message that is put into words where it is shown: for people in their language.

    Attributes:
        text: the message, with the names of its values in braces.
        values: what stands there, by name.
    """

    text: str
    values: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return gettext(self.text).format(**dict(self.values))

    @property
    def english(self) -> str:
        """The message for programs, and for what is compared and searched for."""
        return self.text.format(**dict(self.values))


def told(text: str, /, **values: object) -> Told:
    """A message for later; it is extracted from the call."""
    return Told(text, tuple((name, str(value)) for name, value in values.items()))


def preferred(environment: Mapping[str, str]) -> str:
    """The language that an environment asks for, English where it is none of ours.

    Source: "Locale Environment Variables" and "The LANGUAGE variable" of the GNU gettext manual.

    Args:
        environment: as `os.environ`.
    """
    if asked := environment.get(VARIABLE):
        return asked if asked in LANGUAGES else ENGLISH
    locale = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "C")
    if _plain(locale) in ("C", "POSIX"):
        return ENGLISH
    wanted = map(_plain, (environment.get("LANGUAGE") or locale).split(":"))
    return next((name for name in wanted if name in LANGUAGES), ENGLISH)


def _plain(locale: str) -> str:
    """The language of a locale: `ko` of `ko_KR.UTF-8@hangul`."""
    return locale.partition("@")[0].partition(".")[0].partition("_")[0]


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Say everything in a language until the end of the block, click's own words included.

    Args:
        name: one of `LANGUAGES`.
    """
    if name == _State.language:
        yield
        return
    before = (_State.language, _State.catalogue)
    _State.language, _State.catalogue = name, None if name == ENGLISH else _catalogue(name)
    try:
        with _spoken_by_click(name):
            yield
    finally:
        _State.language, _State.catalogue = before


def speaking_as(form: str) -> AbstractContextManager[None]:
    """Speak English while JSON is made, which programs compare; else what is spoken already.

    Args:
        form: of what is printed; `json` is for programs.
    """
    return speaking(ENGLISH if form == "json" else language())


def _catalogue(name: str) -> GNUTranslations:
    from gettext import GNUTranslations

    with (FOLDER / name / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as stream:
        return GNUTranslations(stream)


@contextmanager
def _spoken_by_click(name: str) -> Iterator[None]:
    """The domain and language that click, as every user of `gettext.gettext`, takes by default."""
    import gettext as standard

    domain, asked = standard.textdomain(), os.environ.get("LANGUAGE")
    standard.bindtextdomain(DOMAIN, str(FOLDER))
    standard.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = name
    try:
        yield
    finally:
        standard.textdomain(domain)
        os.environ.pop("LANGUAGE")
        os.environ |= {"LANGUAGE": asked} if asked is not None else {}
