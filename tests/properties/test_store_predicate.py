"""The predicate that the database applies is the one that the docstring of `Opening` states: ten lines of Python."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from concord.base import OdsCode
from concord.store import Opening, Permitted, Store, items, open_store, people
from tests.conftest import new_database

EXAMPLES = 150
_SERVICES = (None, "clinic", "ward")
_LABELS = st.integers(0, 7)
_SOURCES = st.integers(1, 3)
_openings = st.builds(
    Opening,
    home=st.sampled_from([7, 7, 7, 8]),
    source_patient=_SOURCES,
    service=st.sampled_from([*_SERVICES, "never-seen"]),
    headings=st.integers(0, 15).map(lambda few: few | few << 35),  # the highest headings too
    labels=st.one_of(_LABELS, _LABELS.map(lambda few: few | 1 << 15)),
)
_rows = st.tuples(_SOURCES, st.sampled_from(_SERVICES), st.sampled_from([0, 1, 2, 3, 35, 36, 38]), _LABELS)
_ROW = items.NewRow(
    type="Condition", id="", service=None, heading=0, own_labels=0, starts_at=None, ends_at=None,
    lifecycle=0, plain=True, several=False, body=b"",
)  # fmt: skip
Row = tuple[int, str | None, int, int]


def permits(openings: Sequence[Opening], row: Row) -> bool:
    source_patient, service, heading, labels = row
    return any(
        opening.home == 7
        and opening.source_patient == source_patient
        and opening.service in (None, service)
        and opening.headings >> heading & 1 == 1
        and labels & ~opening.labels == 0
        for opening in openings
    )


@pytest.fixture(scope="module")
def held(engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with new_database(engine, request, tmp_path_factory.mktemp("predicate")) as where:
        store = open_store(where)
        with store.writing() as writing:
            for number in (1, 2, 3):
                people.new_source_patient(writing, 7, OdsCode("ZZP01"), f"p{number}")
        yield store
        store.close()


class _Undo(Exception):
    """Each case sees an empty database."""


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(_rows, max_size=12), openings=st.lists(_openings, max_size=4))
def test_the_database_gives_what_the_reference_permits(held: Store, rows: list[Row], openings: list[Opening]) -> None:
    permitted = Permitted(openings=tuple(openings))
    expected = {number for number, row in enumerate(rows, start=1) if permits(openings, row)}
    event("all" if len(expected) == len(rows) else "some" if expected else "none")
    with suppress(_Undo), held.writing() as writing:
        for number, (source_patient, service, heading, labels) in enumerate(rows, start=1):
            place = items.Place(7, source_patient, number)
            row = _ROW._replace(id=str(number), service=service, heading=heading)
            items.insert(writing, [(place, row, labels)], 0)
            items.index(writing, [(1, place), (number % 2 + 2, place)])
        read = [item.item for item in items.read(writing, permitted)]
        under = [item.item for item in items.read_under(writing, permitted, [1, 2, 3])]
        places = [items.Place(7, source_patient, number) for number, (source_patient, *_) in enumerate(rows, start=1)]
        alone = {place.item for place in places if items.read_one(writing, permitted, place) is not None}
        assert sorted(read) == sorted(under) == sorted(expected)
        at_once = items.read_at(writing, permitted, [*places, items.Place(7, 1, len(places) + 1)])
        assert alone == expected == {place.item for place in at_once}
        of_duty = items.read_at(writing, Permitted(duty="test"), places)
        assert of_duty == {place: items.read_one(writing, Permitted(duty="test"), place) for place in places}
        raise _Undo
