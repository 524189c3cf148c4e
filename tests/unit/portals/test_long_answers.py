"""An answer that takes longer than a page should says how far it has come, and comes in the end."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from concord.base import Abandoned
from concord.portals.governance.long_answers import LongAnswers, Progress, UnderWay

LONG_ENOUGH_S = 60.0


@dataclass(frozen=True)
class Ready:
    """A value whose audit row is durable."""

    value: str

    async def released(self) -> str:
        return self.value


@dataclass
class Slow:
    """Work that says how far it is, and goes on when it may."""

    may_go_on: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    abandoned: threading.Event = field(default_factory=threading.Event)
    times: int = 0

    def __call__(self, heard: Progress) -> Ready:
        self.times += 1
        heard(1_234, 10_000)
        self.begun.set()
        assert self.may_go_on.wait(LONG_ENOUGH_S)
        try:
            heard(9_999, 10_000)
        except Abandoned:
            self.abandoned.set()
            raise
        return Ready("counted")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    return lambda seconds: monkeypatch.setattr(LongAnswers, "PATIENCE_S", seconds)


def test_it_says_how_far_it_is_and_answers_in_the_end(impatient: Callable[[float], None]) -> None:
    slow = Slow()

    async def asked() -> None:
        answers = LongAnswers()
        impatient(0.0)
        await answers.ask("ada", "count", slow)
        assert slow.begun.wait(LONG_ENOUGH_S)
        under_way = await answers.ask("ada", "count", slow)
        assert under_way == UnderWay(done=1_234, of=10_000)
        assert under_way.per_cent == 10
        slow.may_go_on.set()
        impatient(LONG_ENOUGH_S)
        assert await answers.ask("ada", "count", slow) == "counted"
        assert slow.times == 1

    asyncio.run(asked())


def test_an_answer_that_was_given_is_made_anew_when_it_is_asked_for_again(impatient: Callable[[float], None]) -> None:
    slow = Slow()
    slow.may_go_on.set()
    impatient(LONG_ENOUGH_S)

    async def asked() -> None:
        answers = LongAnswers()
        for _ in range(2):
            assert await answers.ask("ada", "count", slow) == "counted"

    asyncio.run(asked())
    assert slow.times == 2


def test_whoever_asks_for_too_much_leaves_the_oldest_unfinished(impatient: Callable[[float], None]) -> None:
    first, second, third, elsewhere = Slow(), Slow(), Slow(), Slow()

    async def asked() -> None:
        answers = LongAnswers()
        impatient(0.0)
        for user, question, slow in (("ada", "one", first), ("ben", "one", elsewhere)):
            assert isinstance(await answers.ask(user, question, slow), UnderWay)
            assert slow.begun.wait(LONG_ENOUGH_S)
        for question, slow in (("two", second), ("three", third)):
            slow.may_go_on.set()
            assert isinstance(await answers.ask("ada", question, slow), UnderWay)
        first.may_go_on.set()
        assert first.abandoned.wait(LONG_ENOUGH_S)
        impatient(LONG_ENOUGH_S)
        elsewhere.may_go_on.set()
        for user, question, slow in (("ada", "two", second), ("ada", "three", third), ("ben", "one", elsewhere)):
            assert await answers.ask(user, question, slow) == "counted"
            assert slow.times == 1

    asyncio.run(asked())


def test_what_goes_wrong_is_told_and_may_be_tried_again(impatient: Callable[[float], None]) -> None:
    impatient(LONG_ENOUGH_S)

    def wrong(heard: Progress) -> Ready:
        raise TimeoutError("the database is away")

    async def asked() -> None:
        answers = LongAnswers()
        with pytest.raises(TimeoutError, match="the database is away"):
            await answers.ask("ada", "count", wrong)
        slow = Slow()
        slow.may_go_on.set()
        assert await answers.ask("ada", "count", slow) == "counted"

    asyncio.run(asked())


@pytest.mark.parametrize(
    ("done", "of", "told"), [(0, 0, 0), (99, 1000, 0), (100, 1000, 10), (999, 1000, 90), (5, 4, 90)]
)
def test_how_far_it_is_is_told_in_tens_and_never_as_the_end(done: int, of: int, told: int) -> None:
    assert UnderWay(done=done, of=of).per_cent == told
