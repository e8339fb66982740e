"""Which controls of public catalogues the standard decides: `controls`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from kerp_policy.cells import padded, width, wrapped
from kerp_policy.commands.project import Project
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.policy.catalogues import Catalogue, Control
from kerp_policy.policy.load import load_library
from kerp_policy.policy.model import Policy
from kerp_policy.visible import dumped, printable
from kerp_policy.wording import suggested

STATES = (noted("decided"), noted("partly"), noted("undecidable"), noted("open"))


class Coverage(Struct, frozen=True):
    """What the standard says of one control.

    Attributes:
        control: which.
        policies: those of the standard that support it.
        left_out: those that would, but do not belong to the standard.
    """

    control: Control
    policies: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def state(self) -> str:
        """One of `STATES`: `partly` where files or policies leave something open."""
        if not self.policies:
            return "undecidable" if self.control.undecidable else "open"
        return "partly" if self.control.undecidable or self.control.pending else "decided"


def coverage(
    catalogue: Catalogue, chosen: Mapping[str, Policy], policies: Mapping[str, Policy]
) -> list[Coverage]:
    """What a standard says of a catalogue's controls.

    Args:
        catalogue: which.
        chosen: the policies of the standard, by id.
        policies: every policy that there is, by id.
    """
    found = []
    for id, control in catalogue.controls.items():
        supporting = [policy.id for policy in policies.values() if id in policy.controls]
        inside = tuple(sorted(id for id in supporting if id in chosen))
        found.append(Coverage(control, inside, tuple(sorted(set(supporting) - set(inside)))))
    return found


def controls_command(project: Project, name: str | None, profile: str | None, form: str) -> str:
    """Tell the coverage of one catalogue, or of each.

    Args:
        project: whose standard and catalogues count.
        name: the catalogue; all where there is none.
        profile: another standard than the configured one.
        form: `text` or `json`.

    Raises:
        UsageError: there is no such catalogue or profile.
    """
    standard = project.standard(profile)
    catalogues = standard.catalogues
    if name:
        catalogues = {name: _named(name, catalogues)}
    chosen = {policy.id: policy for policy in standard.policies}
    policies = load_library(project.config.policies, standard.name).policies
    found = {one.id: coverage(one, chosen, policies) for one in catalogues.values()}
    if form == "json":
        data = {id: _data(catalogues[id], rows) for id, rows in found.items()}
        whole = {"format": 1, "profile": standard.name, "catalogues": data}
        return dumped(whole, indent=2) + "\n"
    return "\n".join("\n".join(_lines(catalogues[id], rows)) + "\n" for id, rows in found.items())


def _named(name: str, catalogues: Mapping[str, Catalogue]) -> Catalogue:
    if name not in catalogues:
        there = _("; there are {names}").format(names=", ".join(catalogues))
        message = _("there is no catalogue of controls {name!r}{hint}")
        raise UsageError(message.format(name=name, hint=suggested(name, catalogues) or there))
    return catalogues[name]


def _lines(catalogue: Catalogue, rows: list[Coverage]) -> Iterator[str]:
    yield printable(f"{catalogue.id}: {catalogue.words}, {catalogue.version}")
    yield printable(f"  {catalogue.source}")
    ids = max(len(_short(row.control)) for row in rows)
    states = max(width(_(state)) for state in STATES)
    for row in rows:
        start = f"  {_short(row.control).ljust(ids)}  {padded(_(row.state), states)}  "
        yield printable(start + row.control.words)
        for text in _details(row):
            yield from wrapped(printable(text), 100, " " * width(start), break_long_words=False)
    counts = Counter(row.state for row in rows)
    yield "  " + ", ".join(f"{counts[state]} {_(state)}" for state in STATES if counts[state])


def _details(row: Coverage) -> Iterator[str]:
    if row.policies:
        yield ", ".join(row.policies)
    if row.left_out:
        yield f"{_('not in this standard')}: {', '.join(row.left_out)}"
    if row.control.pending:
        yield f"{_('not yet')}: {row.control.pending}"
    if row.control.undecidable:
        yield f"{_('files do not show')}: {row.control.undecidable}"


def _short(control: Control) -> str:
    """The id without the catalogue, under whose name it is shown."""
    return control.id.partition("/")[2]


def _data(catalogue: Catalogue, rows: list[Coverage]) -> dict[str, Any]:
    return {
        "title": catalogue.title,
        "korean": catalogue.korean,
        "version": catalogue.version,
        "source": catalogue.source,
        "controls": {_short(row.control): _control(row) for row in rows},
    }


def _control(row: Coverage) -> dict[str, Any]:
    return {
        "title": row.control.title,
        "korean": row.control.korean,
        "state": row.state,
        "policies": list(row.policies),
        "left_out": list(row.left_out),
        "pending": row.control.pending,
        "undecidable": row.control.undecidable,
    }
