"""Eight writers with random delays and one consumer that follows them: it misses nothing and is told nothing twice."""

import random
import threading
import time

from concord.governance import Duty, permit_duty
from concord.store import Store, feed
from concord.store.feed import Change
from concord.store.items import Place

WRITERS, TRANSACTIONS, PEOPLE = 8, 12, 5
DUTY = permit_duty(Duty(name="matching"))


def write(store: Store, writer: int) -> None:
    chance = random.Random(writer)
    for number in range(TRANSACTIONS):
        people = chance.sample(range(PEOPLE), k=2)
        with store.appending() as writing:  # beside the others, where the engine can
            time.sleep(chance.random() / 200)
            changes = [Change(Place(person, person, writer * 1000 + number), 1, feed.CREATED) for person in people]
            feed.append(writing, changes, 0)
            time.sleep(chance.random() / 200)  # the position is given, and not yet committed
        time.sleep(chance.random() / 200)


def consume(store: Store, told: list[Change]) -> None:
    """One round over all parts: what was told and up to where, in one transaction."""
    for part in range(feed.PARTS):
        with store.writing() as writing:
            page = feed.after(writing, DUTY, part, feed.position(writing, "follower", part), most=3)
            if page:
                told += [change for each in page for change in each.changes]
                feed.advance(writing, "follower", part, page[-1].position)


def test_a_consumer_misses_nothing(store: Store) -> None:
    writers = [threading.Thread(target=write, args=(store, writer)) for writer in range(WRITERS)]
    told: list[Change] = []
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        consume(store, told)
    rounds_left = WRITERS * TRANSACTIONS
    while rounds_left and len(told) < WRITERS * TRANSACTIONS * 2:
        consume(store, told)
        rounds_left -= 1
    assert len(told) == WRITERS * TRANSACTIONS * 2
    assert len(set(told)) == len(told)
    by_writer: dict[tuple[int, int], list[int]] = {}
    for change in told:
        by_writer.setdefault((change.place.item // 1000, change.place.home), []).append(change.place.item)
    assert all(items == sorted(items) for items in by_writer.values()), "a writer's changes of one home are in order"
