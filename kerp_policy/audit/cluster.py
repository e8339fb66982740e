"""A Dask cluster that judges: its workers see the same folders and run the same program."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from kerp_policy import __version__
from kerp_policy.audit.judge import Options, Repository, judge_repository
from kerp_policy.audit.model import Summary
from kerp_policy.audit.standard import SharedStandard, config_of, digest
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.folder import builtin_folder

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 30
"""Seconds in which a scheduler must answer, and have a worker."""
_SCHEMES = ("tcp", "tls", "ws", "wss")
_PACE = 5
"""Seconds after which is looked again whether there is one."""


class Seal(Struct, frozen=True):
    """What a worker judges by: the version of the program, and a hash of it and its policies."""

    version: str
    content: str


@cache
def own_seal() -> Seal:
    """The seal of the program that runs here."""
    package, policies = Path(__file__).parent.parent, builtin_folder()
    files = [*package.rglob("*.py"), *(package / "data").rglob("*"), *policies.rglob("*")]
    names = {_name(file, policies, package): file for file in files if file.is_file()}
    return Seal(__version__, digest(names))


def _name(file: Path, policies: Path, package: Path) -> str:
    """The name of a file, the same in a wheel, which has the policies inside, and in a checkout."""
    if file.is_relative_to(policies):
        return f"policies/{file.relative_to(policies).as_posix()}"
    return file.relative_to(package).as_posix()


def judge_alike(repository: Repository, options: Options, seal: Seal) -> Summary:
    """Judge a repository at a worker that judges as the one who asks would.

    Raises:
        UsageError: it came later than the others, and runs another program, or has another
            standard.
    """
    _refuse_unlike("a worker", own_seal(), seal)
    if options.standard:
        config_of(options.standard)
    return judge_repository(repository, options)


def _refuse_unlike(place: str, found: object, seal: Seal) -> None:
    """Refuse a machine that would judge otherwise.

    Args:
        place: which one it is.
        found: its seal, or the exception that is there instead.
        seal: the one that it should have.
    """
    if found == seal:
        return
    if not isinstance(found, Seal):
        message = _("{place} cannot run kerp-policy {version}; install the same as here")
        raise UsageError(message.format(place=place, version=seal.version))
    if found.version != seal.version:
        message = _("{place} runs kerp-policy {found}; expected {version} as here")
        given = {"place": place, "found": found.version, "version": seal.version}
        raise UsageError(message.format(**given))
    message = _("{place} runs another build of kerp-policy {version}, or has other policies")
    raise UsageError(message.format(place=place, version=seal.version))


@contextmanager
def cluster(address: str, seal: Seal, standard: SharedStandard | None = None) -> Iterator[Executor]:
    """The workers of a scheduler; once there are none any more, all that they owe is cancelled.

    Args:
        address: of the scheduler, such as `tcp://10.0.0.7:8786`.
        seal: what it and all workers have to run.
        standard: what all workers have to see.

    Raises:
        UsageError: Dask is not installed, or nothing that can judge answers there.
    """
    client = _client(address)
    ended = Event()
    try:
        _refuse_strangers(client, seal)
        if standard:
            _refuse_without(client, standard)
        executor = client.get_executor(pure=False)
        Thread(target=_watch, args=(client, executor, ended), daemon=True).start()
        yield executor
    finally:
        ended.set()
        client.close(timeout=_PACE)


def _client(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        message = _("--scheduler needs Dask: pip install 'kerp-policy[dask]'")
        raise UsageError(message) from None
    _check_address(address)
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except OSError as error:
        message = _("--scheduler {address}: cannot be reached: {why}")
        raise UsageError(message.format(address=address, why=error)) from None
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        client.close()
        message = _("--scheduler {address}: has no worker")
        raise UsageError(message.format(address=address)) from None
    return client


def _refuse_strangers(client: Client, seal: Seal) -> None:
    """Ask everybody what they run; a scheduler, too, reads what is sent to its workers."""
    try:
        answers = {_("the scheduler"): client.run_on_scheduler(own_seal)}
    except Exception as error:  # of whichever kind: it cannot tell
        answers = {_("the scheduler"): error}
    found = client.run(own_seal, on_error="return")
    answers |= {_("the worker {address}").format(address=at): found[at] for at in sorted(found)}
    for place, answer in answers.items():
        _refuse_unlike(place, answer, seal)


def _refuse_without(client: Client, standard: SharedStandard) -> None:
    """Ask every worker whether it reads the same standard."""
    found = client.run(config_of, standard, on_error="return")
    for at in sorted(found):
        if isinstance(found[at], Exception):
            place = _("the worker {address}").format(address=at)
            raise UsageError(f"{place}: {found[at]}")


def _check_address(address: str) -> None:
    """Refuse what is none; Dask's client would take a minute to give up."""
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in _SCHEMES and bool(parts.hostname and parts.port)
    except ValueError:
        is_one = False
    if not is_one:
        message = _("--scheduler {address}: is no address; expected tcp://HOST:PORT")
        raise UsageError(message.format(address=address))


def _watch(client: Client, executor: Executor, ended: Event) -> None:
    """Give up when there has been no worker for a while: nothing would ever end."""
    alone = 0
    while alone < PATIENCE and not ended.wait(_PACE):
        alone = 0 if _has_workers(client) else alone + _PACE
    if not ended.is_set():
        with suppress(Exception):
            executor.shutdown(wait=False)


def _has_workers(client: Client) -> bool:
    try:
        return bool(client.nthreads())
    except Exception:  # of whichever kind: it does not answer
        return False
