"""Processes of this machine that judge, and end with the one that asks them to."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import (
    active_children,
    get_all_start_methods,
    get_context,
    parent_process,
)


@contextmanager
def pool(processes: int) -> Iterator[Executor]:
    """So many processes; they are forked, as a new interpreter would import from this folder.

    Whatever ends the block early ends them, too. Where nothing forks, a thread judges.
    """
    if "fork" not in get_all_start_methods():
        with ThreadPoolExecutor(1) as thread:
            yield thread
        return
    before = {*active_children()}
    executor = ProcessPoolExecutor(processes, get_context("fork"), initializer=_begin)
    try:
        yield executor
    except BaseException:
        for child in {*active_children()} - before:
            child.kill()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave Ctrl-C to the one who asks, and end when that one does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
