"""The feed of changes: whole transactions in order, to whoever asks from where it was."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concord.base import OdsCode
from concord.governance import SourceSystem, permit_source
from concord.store import Store, feed
from concord.store.feed import Change
from concord.store.items import Place
from tests.store_drawers import DUTY, Drawers, OnStore

AT = 1_800_000_000_000_000
_changes = st.builds(
    Change,
    st.builds(Place, st.integers(0, 2**31 - 1), st.integers(1, 2**40), st.integers(1, 2**31)),
    st.integers(1, 2**20),
    st.integers(0, 3),
)


def told(drawers: Drawers, consumer: str = "nobody", *, most: int = 1000) -> list[Change]:
    return [
        change
        for part in range(feed.PARTS)
        for each in drawers.told_after(DUTY, part, drawers.position(consumer, part), most)
        for change in each.changes
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(several=st.lists(_changes, max_size=30, unique_by=lambda change: change.place))
def test_what_goes_in_comes_out(drawers: Drawers, several: list[Change]) -> None:
    before = told(drawers)
    drawers.tell(several, AT)
    after = told(drawers)
    for change in before:
        after.remove(change)
    assert sorted(after) == sorted(several)


def test_a_part_is_read_in_order_in_whole_transactions(drawers: Drawers) -> None:
    sent = []
    for number in range(6):
        changes = [Change(Place(16 * person, person, number), 1, feed.CREATED) for person in (1, 2, 3)]
        drawers.tell(changes, AT + number * 1_000_000)
        sent.append(changes)
    whole = drawers.told_after(DUTY, 0, 0, 1000)
    assert [each.changes for each in whole] == sent
    assert [each.at for each in whole] == [AT // 1_000_000 + number for number in range(6)]
    behind, pieces = 0, []
    while page := drawers.told_after(DUTY, 0, behind, 4):
        pieces += [each.changes for each in page]
        behind = page[-1].position
    assert pieces == sent


def test_a_consumer_goes_on_from_where_it_was_and_never_back(drawers: Drawers) -> None:
    drawers.tell([Change(Place(16, 1, 1), 1, feed.CREATED)], AT)
    drawers.advance("follower", 0, 1)
    drawers.advance("follower", 0, 0)
    drawers.tell([Change(Place(16, 1, 1), 2, feed.DELETED)], AT)
    assert told(drawers, "follower") == [Change(Place(16, 1, 1), 2, feed.DELETED)]
    assert len(told(drawers, "another")) == 2


def test_a_transaction_that_is_undone_tells_nothing(store: Store) -> None:
    try:
        with store.writing() as writing:
            feed.append(writing, [Change(Place(16, 1, 1), 1, feed.CREATED)], AT)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert told(OnStore(store)) == []


def test_only_a_duty_is_told(drawers: Drawers) -> None:
    drawers.tell([Change(Place(16, 1, 1), 1, feed.CREATED)], AT)
    assert drawers.told_after(permit_source(SourceSystem(organisation=OdsCode("ZZA"))), 0, 0, 1000) == []


def test_a_change_takes_few_bytes(store: Store) -> None:
    """25 at most, rows and index and all, of transactions of a hundred; measured where a size can be asked."""
    changes = [Change(Place(16, 7, item), 1, feed.CREATED) for item in range(1, 101)]
    with store.writing() as writing:
        feed.append(writing, changes, AT)
    with store.reading() as reading:
        row = reading.row("SELECT sum(length(changes)) FROM feed")
    assert row is not None
    assert row[0] <= 4 * len(changes)
