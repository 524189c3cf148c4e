"""What is read for somebody who has left ends at once, on each engine, and the connection is as good as before."""

import threading
import time
from collections.abc import Callable
from contextvars import copy_context

import pytest

from concord.base import STOP, Abandoned, Stop
from concord.store import Reading, Store

_LONG = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT {} FROM n"


def counting(reading: Reading) -> None:
    reading.rows(_LONG.format("count(*)"))


def between_rows(reading: Reading) -> None:
    for _ in reading.stream(_LONG.format("i")):
        time.sleep(0.0001)


def asking_again_and_again(reading: Reading) -> None:
    while True:
        reading.row("SELECT 1")


@pytest.mark.parametrize("work", [counting, between_rows, asking_again_and_again])
def test_it_stops_when_told(store: Store, work: Callable[[Reading], None]) -> None:
    stop, ended = Stop(), list[BaseException]()
    begun = threading.Event()

    def carried_out() -> None:
        STOP.set(stop)
        try:
            with store.reading() as reading:
                begun.set()
                work(reading)
        except Abandoned as error:
            ended.append(error)

    thread = threading.Thread(target=copy_context().run, args=(carried_out,), daemon=True)
    thread.start()
    assert begun.wait(10)
    time.sleep(0.1)
    assert thread.is_alive()
    stop.give()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert len(ended) == 1
    with store.reading() as reading:  # on the connection that was interrupted
        assert reading.row("SELECT 1") == (1,)


def test_what_was_told_before_it_began_never_begins(store: Store) -> None:
    stop = Stop()
    stop.give()
    before = STOP.set(stop)
    try:
        with pytest.raises(Abandoned), store.reading():
            pytest.fail("it began")
    finally:
        STOP.reset(before)


def test_the_sign_reaches_nobody_who_has_finished(store: Store) -> None:
    stop = Stop()
    before = STOP.set(stop)
    with store.reading() as reading:
        assert reading.row("SELECT 1") == (1,)
    STOP.reset(before)
    with store.reading() as another:  # lent the same connection
        stop.give()
        assert another.row("SELECT 1") == (1,)
