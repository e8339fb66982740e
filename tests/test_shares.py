"""Work that processes share: the same results in the same order, whatever becomes of a process."""

import os
import signal
import sys
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.judging import _pieces
from kerp_policy.shares import MOST, cores, shared, sharing
from kerp_policy.sources.source import Source

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made by fork")


def double(number):
    return number * 2


def no_child_is_left():
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    return True


@given(st.lists(st.integers()), st.integers(1, 5))
def test_results_are_in_the_order_of_the_work(work, processes):
    with sharing(processes):
        assert shared(work, double) == [number * 2 for number in work]


def test_several_processes_take_part_and_only_inside_the_block():
    read, write = os.pipe()

    def met(step):
        step()  # the one waits for the other, so both run at once
        return os.getpid()

    with sharing(2):
        one, other = shared([lambda: os.read(read, 1), lambda: os.write(write, b"x")], met)
    assert one != other
    assert os.getpid() in (one, other)
    assert set(shared([1, 2, 3], lambda _: os.getpid())) == {os.getpid()}
    assert no_child_is_left()


def dies(how):
    """Work that ends every process but this one, at the first item that it takes."""
    home = os.getpid()

    def work(number):
        if os.getpid() != home:
            how()
        return number * 2

    return work


@pytest.mark.parametrize(
    "how",
    [
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        lambda: os._exit(0),
        lambda: sys.exit("a word of farewell"),
        lambda: 1 / 0,
    ],
    ids=["killed", "ended", "left", "raised"],
)
def test_what_a_process_that_dies_had_taken_is_done_here(how, capfd):
    with sharing(4):
        assert shared(range(50), dies(how)) == [number * 2 for number in range(50)]
    assert no_child_is_left()
    assert capfd.readouterr() == ("", "")


class Fatal:
    """A result that ends the process that would bring it, half-way through its results."""

    def __init__(self, number):
        self.number = number
        self.home = os.getpid()

    def __reduce__(self):
        if os.getpid() == self.home and self.number % 7 == 3:
            os._exit(1)
        return (int, (self.number,))


def test_what_came_before_a_process_died_while_bringing_it_is_kept():
    home = os.getpid()

    def work(number):
        return number if os.getpid() == home else Fatal(number)

    with sharing(3):
        assert shared(range(60), work) == list(range(60))
    assert no_child_is_left()


def test_results_that_cannot_travel_are_made_here():
    with sharing(2):
        made = shared([1, 2, 3], lambda number: lambda: number)
    assert [each() for each in made] == [1, 2, 3]


def test_a_mistake_is_raised_once_nobody_is_left():
    def work(number):
        if number == 7:
            raise KeyError(number)
        return number

    with sharing(3), pytest.raises(KeyError, match="7"):
        shared(range(20), work)
    assert no_child_is_left()


def open_files():
    """How many there are, where the system tells."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def test_more_results_than_a_pipe_holds_come_whole_and_no_file_stays_open():
    before = open_files()
    with sharing(2):
        assert shared(range(40), lambda number: "x" * 100_000 + str(number)) == [
            "x" * 100_000 + str(number) for number in range(40)
        ]
    assert open_files() == before


def test_a_process_does_not_make_others():
    with sharing(3):
        inner = shared(range(6), lambda _: set(shared(range(4), lambda _: os.getpid())))
    assert all(len(pids) == 1 or os.getpid() in pids for pids in inner)


def test_more_pieces_than_numbers_fit_are_done_in_one_process():
    pids = count()
    with sharing(2):
        done = shared(range(20_000), lambda _: (next(pids), os.getpid()))
    assert [number for number, _ in done] == list(range(20_000))
    assert {pid for _, pid in done} == {os.getpid()}


def test_there_is_a_core_to_run_on():
    assert cores() >= 1


def test_a_project_of_any_size_can_be_shared(monkeypatch):
    monkeypatch.setattr("kerp_policy.judging._PIECE", 1)
    for number in (1, MOST - 1, MOST, 5 * MOST + 3):
        sources = [Source(f"{n}.yaml" if n % 3 else f"{n}.sh", b"") for n in range(number)]
        pieces = list(_pieces(sources))
        assert len(pieces) <= MOST
        assert sorted(source.path for piece in pieces for source in piece) == sorted(
            source.path for source in sources
        )
