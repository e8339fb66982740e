"""Connection URLs in a text, with what may be shown of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from kerp_policy.regex import regex

# A comma ends a URL where another one follows: kafka takes a list of them, mongodb one of hosts.
_URL = regex(
    r"(?<![\w.+-])(?P<scheme>[A-Za-z][\w+.-]{0,40})://"
    r"(?P<rest>(?:\{\{[^{}\n]{0,200}\}\}|,(?![A-Za-z][\w+.-]{0,40}://)|[^\s,\"'`<>|\\])*)",
    re.ASCII,
)
# How the Go driver of MySQL writes it: user:password@tcp(host:port)/name?tls=true
_GO_MYSQL = regex(r"@tcp\((?P<hosts>[^()\s]{1,300})\)/(?P<rest>[^\s\"'`<>|\\]*)")
_VARIABLE = r"\$\{\w++\}|\$\(\w++\)|\$\w++|\{\{[^{}]*+\}\}"
_ONE_HOST = rf"(?:[\w.*-]|{_VARIABLE})*+|\[[0-9A-Fa-f:.%]++\]"
# Only what has the form of hosts and ports is shown.
_SHOWABLE = regex(rf"(?:(?:{_ONE_HOST})(?::(?:\d{{1,5}}|{_VARIABLE}))?,?)*+", re.ASCII)


class Url(Struct, frozen=True):
    """A URL that names a connection; its user, password and parameters are never shown.

    Attributes:
        scheme: in lower case, without a driver (`postgresql+asyncpg`).
        driver: what follows the `+`.
        authority: hosts and ports, without the user.
        params: the parameters, keys in lower case.
        start: the index of its first character in the text.
        end: the index after its last.
        shown: scheme and hosts, as a message may show them.
    """

    scheme: str
    driver: str
    authority: str
    params: dict[str, str]
    start: int
    end: int
    shown: str

    @property
    def hosts(self) -> list[str]:
        """The names or addresses of the hosts, without ports."""
        return [host_of(part) for part in self.authority.split(",")]


def host_of(text: str) -> str:
    """The host of `host:port`, of `[::1]:port` without its brackets."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, port = text.rpartition(":")
    inside = port.count("}") > port.count("{")  # the colon of `${HOST:-db}`
    return text if not colon or inside or ("$" not in host and ":" in host) else host


def find_urls(text: str) -> Iterator[Url]:
    """The URLs in a text, in order; what cannot be told from a password is shown as `…`."""
    for found in _URL.finditer(text):
        scheme, _, driver = found["scheme"].lower().partition("+")
        rest = found["rest"].rstrip(",;)")
        yield _url(found["scheme"], scheme, driver, rest, found.start())
    for found in _GO_MYSQL.finditer(text):
        params = _params(found["rest"].partition("?")[2])
        shown = f"mysql at {found['hosts']}" if _SHOWABLE.fullmatch(found["hosts"]) else "mysql"
        hosts = found["hosts"]
        yield Url("mysql", "go", hosts, params, found.start() + 1, found.end(), shown)


def is_url(text: str) -> bool:
    """Whether the whole text is one URL."""
    return _URL.fullmatch(text) is not None


def _url(written: str, scheme: str, driver: str, rest: str, start: int) -> Url:
    end = start + len(written) + 3 + len(rest)
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    tail = rest[len(authority) :]
    _, at, hosts = authority.rpartition("@")
    # A password may hold the signs that end a host; then what stands before them is no host.
    unclear = "@" in tail and ":" in authority and not at
    shown = hosts if _SHOWABLE.fullmatch(hosts) and not unclear else "…"
    params = _params(tail.partition("?")[2].partition("#")[0])
    return Url(scheme, driver, hosts, params, start, end, f"{written}://{shown}")


def _params(query: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in re.split(r"[&;]", query) if part)
    return {key.lower(): value for key, _, value in pairs}
