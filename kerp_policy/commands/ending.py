"""How a run ends: its exit code is true, whatever became of its streams and of itself."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import click

from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _

COULD_NOT = 2
"""The exit code of a run that could not do what it was asked to."""


def prepare() -> None:
    """Fill the places of streams that the caller closed, and have SIGTERM clean up, as Ctrl-C does.

    Python has None in the place of a closed stream, and whatever file is opened next would take
    its number. Reading and writing a result fail there, and errors vanish.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_WRONLY))
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        _interrupt_at(signal.SIGTERM)


def _interrupt_at(number: int) -> None:
    owner = os.getpid()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if os.getpid() != owner:  # a process that was forked has nothing to clean up
            os._exit(128 + number)
        raise KeyboardInterrupt

    with suppress(ValueError):  # not the main thread: somebody else's program, and its signals
        signal.signal(number, stop)


@contextmanager
def true_exit() -> Iterator[None]:
    """End with 2 where the user is wrong, a result cannot be written, or the program is wrong.

    What an exception of ours says is not shown, since it may quote a file, and so a secret.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except UsageError as error:
        _end(*str(error).splitlines())
    except KeyboardInterrupt:
        _end(_("stopped"))
    except OSError as error:
        _end(f"{error.filename or _('standard output')}: {error.strerror or error}")
    except Exception as error:
        from traceback import format_tb

        where = "".join(format_tb(error.__traceback__))
        told = _("a mistake of its own, please report it. Traceback:\n{where}")
        _end(told.format(where=f"{where}{type(error).__name__}"))


def _end(*why: str) -> None:
    from kerp_policy.visible import complaint

    with suppress(OSError):
        print("\n".join(map(complaint, why)), file=sys.stderr, flush=True)
    drop_output()
    sys.exit(COULD_NOT)


def at_once(program: Callable[[], object]) -> None:
    """Run a program, and where it exits, end the process then and there.

    Python would first take apart all that it holds, object by object, which takes as long as a
    thirtieth of a small run. What other threads and processes a command has, it ends itself.

    Args:
        program: raises SystemExit at its end.
    """
    try:
        program()
    except SystemExit as end:
        if isinstance(end.code, int):
            with suppress(OSError, ValueError):  # a stream that takes no more is Python's to tell
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(end.code)
        raise


def drop_output() -> None:
    """Throw away what the standard streams did not take.

    Python would try again at its end, and then end with a code of its own, 120.

    Source: Python's documentation of signal, "Note on SIGPIPE", and of `Py_FinalizeEx`.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
