"""Loading a configuration: its data, and everything that Alertmanager would refuse."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.alertmanager.decode import Decoder, Fault
from kerp_policy.artifacts.alertmanager.matchers import readable
from kerp_policy.artifacts.alertmanager.table import Version, structs
from kerp_policy.artifacts.yaml_nodes import Document
from kerp_policy.artifacts.yaml_nodes import Mapping as MappingNode
from kerp_policy.paths import Path

FALLBACKS: dict[str, tuple[str, ...]] = {
    "slack": (
        "api_url api_url_file app_token app_token_file"
        " global.slack_api_url global.slack_api_url_file"
        " global.slack_app_token global.slack_app_token_file",
    ),
    "opsgenie": ("api_key api_key_file global.opsgenie_api_key global.opsgenie_api_key_file",),
    "victorops": ("api_key api_key_file global.victorops_api_key global.victorops_api_key_file",),
    "wechat": (
        "api_secret api_secret_file global.wechat_api_secret global.wechat_api_secret_file",
        "corp_id global.wechat_api_corp_id",
    ),
    "telegram": (
        "bot_token bot_token_file global.telegram_bot_token global.telegram_bot_token_file",
    ),
    "rocketchat": (
        "token_id token_id_file global.rocketchat_token_id global.rocketchat_token_id_file",
        "token token_file global.rocketchat_token global.rocketchat_token_file",
    ),
    "mattermost": (
        "webhook_url webhook_url_file"
        " global.mattermost_webhook_url global.mattermost_webhook_url_file",
    ),
    "jira": ("api_url global.jira_api_url",),
    "email": ("smarthost global.smtp_smarthost", "from global.smtp_from"),
}
"""By integration, what must be set in it or in `global`; of several in one text, one."""


_URLS = {
    "pagerduty": ("url", "pagerduty_url"),
    "opsgenie": ("api_url", "opsgenie_api_url"),
    "wechat": ("api_url", "wechat_api_url"),
    "victorops": ("api_url", "victorops_api_url"),
    "webex": ("api_url", "webex_api_url"),
}
"""By integration, its URL and that in `global`, whose default an empty field there takes away."""

_HELP = {"receiver": "Define the receiver under receivers, or name one that is defined there."}


class Configuration(Struct, frozen=True):
    """A configuration as Alertmanager's loader reads it.

    Attributes:
        data: the fields, in the types of the table; what is wrong is None.
        faults: everything that the loader refuses.
        version: Alertmanager's.
        document: the tree.
        lines: the lines of the text that the tree was read from.
    """

    data: dict[str, Any]
    faults: tuple[Fault, ...]
    version: Version
    document: Document
    lines: list[str]

    @property
    def receivers(self) -> list[dict[str, Any]]:
        """The receivers that are mappings."""
        return [one for one in self.data.get("receivers") or [] if one]


def is_configuration(document: Document) -> bool:
    """Whether a document is a configuration of Alertmanager: a mapping with route and receivers."""
    root = document.root
    return (
        isinstance(root, MappingNode)
        and {"route", "receivers"} <= root.entries.keys()
        and not {"apiVersion", "kind"} & root.entries.keys()
    )


def load(document: Document, version: Version, lines: list[str]) -> Configuration:
    """Load a configuration.

    Args:
        document: a mapping.
        version: Alertmanager's.
        lines: the lines of the text that it stands in.
    """
    decoder = Decoder(version)
    data: dict[str, Any] = decoder.decode(document.root, "config", ()) or {}
    for path, message in _of_the_whole(data, version, decoder.wrong):
        decoder.fault(path, message, _HELP.get(str(path[-1]), ""))
    return Configuration(data, tuple(decoder.faults), version, document, lines)


Said = Iterator[tuple[Path, str]]
Names = Generator[tuple[Path, str], None, set[str]]
"""Says what is wrong, and returns the names that are defined."""


def _of_the_whole(data: dict[str, Any], version: Version, wrong: set[Path]) -> Said:
    names = yield from _receivers(data, version, wrong)
    intervals = yield from _intervals(data)
    root = data.get("route")
    if root is None:
        if ("route",) not in wrong:
            yield ("route",), "route is missing; Alertmanager needs one with a receiver"
        return
    yield from _root(root, version, wrong)
    yield from undefined(root, names, intervals)


def undefined(root: dict[str, Any], names: set[str], intervals: set[str]) -> Said:
    """The receivers and time intervals that routes name and nothing defines.

    Args:
        root: the root route.
        names: the receivers there are.
        intervals: the time intervals there are.
    """
    for path, route in routes(root):
        receiver = route.get("receiver")
        if receiver and receiver not in names:
            yield (
                (*path, "receiver"),
                f'the receiver "{receiver[:60]}" is not defined{_near(names)}',
            )
        for key in ("mute_time_intervals", "active_time_intervals"):
            for i, name in enumerate(route.get(key) or []):
                if name not in intervals:
                    yield (*path, key, i), f'the time interval "{name or ""}" is not defined'


def _near(names: set[str]) -> str:
    shown = sorted(names)[:6]
    return f"; receivers are {', '.join(shown)}" if shown else "; there are no receivers"


def routes(root: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every route with its path, the root first, in the order of the file."""
    todo: list[tuple[Path, dict[str, Any]]] = [(("route",), root)]
    while todo:
        path, route = todo.pop()
        yield path, route
        children = route.get("routes") or []
        below = [((*path, "routes", i), child) for i, child in enumerate(children) if child]
        todo += reversed(below)


def _root(root: dict[str, Any], version: Version, wrong: set[Path]) -> Said:
    if not root.get("receiver") and ("route", "receiver") not in wrong:
        yield ("route", "receiver"), "the root route has no receiver; it needs a default one"
    conditions = {key: root.get(key) for key in ("match", "match_re")}
    conditions["matchers"] = [
        m for text in root.get("matchers") or [] for m in readable(text, version)
    ]
    for key, found in conditions.items():
        if found:
            yield ("route", key), f"the root route has {key}; it must match every alert"
    for key in ("mute_time_intervals", "active_time_intervals"):
        if root.get(key):
            yield ("route", key), f"the root route has {key}; only routes below it may"
    if root.get("continue"):
        yield ("route", "continue"), "the root route has continue, after which nothing comes"


def _receivers(data: dict[str, Any], version: Version, wrong: set[Path]) -> Names:
    names: set[str] = set()
    blank = {k: v for k, v in (data.get("global") or {}).items() if ("global", k) not in wrong}
    for i, receiver in enumerate(data.get("receivers") or []):
        name = (receiver or {}).get("name")
        if name and name in names:
            yield ("receivers", i, "name"), f'the receiver "{name[:60]}" is defined a second time'
        names.add(name or "")
        yield from _fallbacks(receiver or {}, ("receivers", i), data, version, wrong)
        yield from _blanked(receiver or {}, ("receivers", i), blank)
    return names - {""}


def _fallbacks(
    receiver: dict[str, Any], path: Path, data: dict[str, Any], version: Version, wrong: set[Path]
) -> Said:
    given: Mapping[str, Any] = data.get("global") or {}
    for kind, required in FALLBACKS.items():
        for i, one in enumerate(receiver.get(f"{kind}_configs") or []):
            at = (*path, f"{kind}_configs", i)
            for alternatives in required if one is not None else ():
                keys = alternatives.split()
                own = [key for key in keys if not key.startswith("global.")]
                outer = [key.removeprefix("global.") for key in keys if key not in own]
                present = [one.get(key) or (*at, key) in wrong for key in own]
                present += [given.get(key) or ("global", key) in wrong for key in outer]
                if not any(present):
                    yield (*at, own[0]), _lacking(kind, own, outer, version)


def _blanked(receiver: dict[str, Any], path: Path, given: Mapping[str, Any]) -> Said:
    """URLs whose default an empty field in `global` takes away."""
    for kind, (own, outer) in _URLS.items():
        if outer not in given or given[outer] is not None:
            continue
        for i, one in enumerate(receiver.get(f"{kind}_configs") or []):
            if one is not None and not one.get(own):
                message = f"{own} is missing, and {outer} in global is empty; take it out"
                yield (*path, f"{kind}_configs", i, own), message


def _lacking(kind: str, own: list[str], outer: list[str], version: Version) -> str:
    here = [key for key in own if structs()[kind][key].since <= version]
    there = [key for key in outer if structs()["global"][key].since <= version]
    words = f"{' or '.join(here)} is missing"
    return f"{words}, and so is {' or '.join(there)} in global" if there else words


def _intervals(data: dict[str, Any]) -> Names:
    names: set[str] = set()
    for key in ("mute_time_intervals", "time_intervals"):
        for i, interval in enumerate(data.get(key) or []):
            name = (interval or {}).get("name") or ""
            if name in names:
                yield (key, i, "name"), f'the time interval "{name[:60]}" is defined a second time'
            names.add(name)
    return names
