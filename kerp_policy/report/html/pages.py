"""What makes every page: the template engine, a style and a script that lie in the page."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from kerp_policy import __version__
from kerp_policy.i18n import Told
from kerp_policy.visible import inert_markup, one_line

if TYPE_CHECKING:
    from jinja2 import Environment, Template


def page(name: str, words: dict[str, str], **values: Any) -> str:
    """A page made of a template and values.

    What artifacts say is text in it, never markup: every value is escaped by the template engine,
    and the page's policy lets no script or style run but its own.

    Args:
        name: of the template; a style of the same name adds to the one of all pages.
        words: what the page itself says, by name.
        values: what the template shows.
    """
    made = _template(name).render(w=SimpleNamespace(**words), version=__version__, **values)
    return inert_markup(made)


@cache
def _template(name: str) -> Template:
    style, script = _text("style.css") + _text(f"{name}.css"), _text("script.js")
    own = {"style": style, "script": script}
    return _environment().get_template(f"{name}.html", globals=_trusted(own))


def _text(name: str) -> str:
    file = files(__package__).joinpath(name)
    return file.read_text("utf-8") if file.is_file() else ""


def _trusted(own: dict[str, str]) -> dict[str, str]:
    """Texts of ours as they are, each with the hash by which the page's policy lets it run."""
    from markupsafe import Markup

    hashes = {f"{name}_hash": _hash(text) for name, text in own.items()}
    return {**hashes, **{name: Markup(text) for name, text in own.items()}}  # noqa: S704


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("kerp_policy", "report/html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )


def _finalized(value: Any) -> Any:
    """A value as the page shows it: what would hide or turn text around is made visible."""
    return one_line(str(value)) if type(value) in (str, Told) else value
