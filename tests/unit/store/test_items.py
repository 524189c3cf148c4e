"""Rows of items: every version is kept, and nobody reads what their `Permitted` does not hold."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from concord.base import Keys, OdsCode
from concord.governance import Duty, SourceSystem, permit_duty, permit_source
from concord.store import Opening, Permitted, Reading, SqliteStore, Store, items, open_store, people
from concord.store.face import Row
from concord.store.sqlite import SqliteReading
from tests.conftest import new_database

KEYS = Keys(b"a key of thirty-two bytes, or so")
PROBLEMS, MEDICATIONS = 17, 31
HIV, STIGMA = 1 << 4, 1 << 3
ROW = items.NewRow(
    type="Condition", id="", service=None, heading=PROBLEMS, own_labels=0, starts_at=None, ends_at=None,
    lifecycle=0, plain=True, several=False, body=b"one",
)  # fmt: skip
VALUE = items.index_value(KEYS, OdsCode("ZZP01"), "Condition", "status", "|active")

# Two organisations; the first has two source patients, 1 and 2, the other has 3. The shelf of the first is 4.
ROWS = {
    (1, "problem"): (ROW, 0),
    (1, "problem-of-clinic"): (ROW._replace(service="clinic"), 0),
    (1, "problem-hiv"): (ROW, HIV),
    (1, "problem-both"): (ROW, HIV | STIGMA),
    (1, "medication"): (ROW._replace(type="MedicationRequest", heading=MEDICATIONS), 0),
    (1, "cancelled"): (ROW._replace(lifecycle=2), 0),
    (2, "other"): (ROW, 0),
    (3, "others"): (ROW, 0),
    (4, "shelf"): (ROW._replace(type="Practitioner"), 0),
}


def opening(source_patient: int = 1, **more: object) -> Opening:
    known = {"home": source_patient * 10, "source_patient": source_patient, "service": None,
             "headings": 1 << PROBLEMS, "labels": 0}  # fmt: skip
    return Opening(**known | more)  # type: ignore[arg-type]


def viewer(*openings: Opening) -> Permitted:
    return Permitted(openings=openings)


PRACTICE, HOSPITAL = (SourceSystem(organisation=OdsCode(code)) for code in ("ZZP01", "ZZA"))
BOTH_LABELS = opening(labels=HIV | STIGMA)

# who reads | what they are given
TABLE: list[tuple[str, Permitted, set[str]]] = [
    ("nobody's right", Permitted(), set()),
    ("no opening", viewer(), set()),
    ("no heading", viewer(opening(headings=0)), set()),
    ("a heading", viewer(opening()), {"problem", "problem-of-clinic", "cancelled"}),
    ("another heading", viewer(opening(headings=1 << MEDICATIONS)), {"medication"}),
    ("two headings", viewer(opening(headings=1 << MEDICATIONS | 1 << PROBLEMS)),
     {"problem", "problem-of-clinic", "cancelled", "medication"}),
    ("a service", viewer(opening(service="clinic")), {"problem-of-clinic"}),
    ("a service nobody has", viewer(opening(service="no-such")), set()),
    ("a label", viewer(opening(labels=HIV)), {"problem", "problem-of-clinic", "problem-hiv", "cancelled"}),
    ("both labels", viewer(BOTH_LABELS), {"problem", "problem-of-clinic", "problem-hiv", "problem-both", "cancelled"}),
    ("one label and the other: openings do not add up", viewer(opening(labels=HIV), opening(labels=STIGMA)),
     {"problem", "problem-of-clinic", "problem-hiv", "cancelled"}),
    ("two source patients", viewer(opening(2), opening(3)), {"other", "others"}),
    ("the right source patient in the wrong home", viewer(opening(home=20)), set()),
    ("a source system", permit_source(PRACTICE),
     {"problem", "problem-of-clinic", "problem-hiv", "problem-both", "medication", "cancelled", "other", "shelf"}),
    ("another's source system", permit_source(HOSPITAL), {"others"}),
    ("an unknown source system", permit_source(SourceSystem(organisation=OdsCode("ZZX"))), set()),
    ("a source system of one source patient", permit_source(PRACTICE, (20, 2)), {"other"}),
    ("a source system of another's", permit_source(PRACTICE, (30, 3)), set()),
    ("a duty", permit_duty(Duty(name="matching")), {name for _, name in ROWS}),
]  # fmt: skip


@pytest.fixture(scope="module")
def held(engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that holds ROWS."""
    with new_database(engine, request, tmp_path_factory.mktemp("store")) as where:
        store = open_store(where)
        _fill(store)
        yield store
        store.close()


def _fill(store: Store) -> None:
    with store.writing() as writing:
        for number, code, patient in ((1, "ZZP01", "p1"), (2, "ZZP01", "p2"), (3, "ZZA", "h1"), (4, "ZZP01", None)):
            assert people.new_source_patient(writing, number * 10, OdsCode(code), patient) == number
        for number, ((source, name), (row, labels)) in enumerate(ROWS.items(), start=1):
            place = items.Place(source * 10, source, number)
            items.insert(writing, [(place, row._replace(id=name), labels)], 1)
            items.index(writing, [(VALUE, place), (VALUE + 1, place)])


def place(reading: Reading, name: str) -> items.Place:
    source, row = next((source, row) for (source, each), (row, _) in ROWS.items() if each == name)
    found = items.locate(reading, row.type, name)
    assert found is not None
    assert found.source_patient == source
    return found


@pytest.mark.parametrize(("who", "permitted", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_each_is_given_what_they_hold_whichever_way_they_ask(
    held: Store, who: str, permitted: Permitted, expected: set[str]
) -> None:
    with held.reading() as reading:
        read = [item.id for item in items.read(reading, permitted)]
        under = [item.id for item in items.read_under(reading, permitted, [VALUE, VALUE + 1])]
        one_by_one = {
            name for _, name in ROWS if items.read_one(reading, permitted, place(reading, name)) is not None
        }  # fmt: skip
        current = {item.id for item in items.read(reading, permitted, current_only=True)}
        conditions = {item.id for item in items.read(reading, permitted, types=["Condition", "NoSuchType"])}
    assert sorted(read) == sorted(expected)
    assert sorted(under) == sorted(expected)
    assert one_by_one == expected
    assert current == expected - {"cancelled"}
    assert conditions == expected - {"medication", "shelf"}


def test_what_the_index_does_not_hold_is_not_found_under_it(held: Store) -> None:
    with held.reading() as reading:
        duty = permit_duty(Duty(name="matching"))
        assert list(items.read_under(reading, duty, [VALUE + 2])) == []
        assert list(items.read_under(reading, duty, [])) == []
        assert list(items.read_under(reading, duty, [VALUE], types=["NoSuchType"])) == []


@pytest.mark.parametrize(
    "two_ways",
    [
        {"duty": "matching", "contributor": "ZZA"},
        {"openings": (opening(),), "duty": "matching"},
        {"openings": (opening(),), "contributor": "ZZA"},
        {"duty": ""},
        {"contributor": ""},
        {"source_patient": (10, 1)},
    ],
)
def test_a_right_that_could_be_read_in_two_ways_is_none(two_ways: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a right to read"):
        Permitted(**two_ways)  # type: ignore[arg-type]


def test_every_version_is_kept_and_the_scan_meets_the_last(store: Store) -> None:
    duty = permit_duty(Duty(name="matching"))
    with store.writing() as writing:
        people.new_source_patient(writing, 10, OdsCode("ZZP01"), "p1")
        at = items.Place(10, 1, 1)
        items.insert(writing, [(at, ROW._replace(id="one"), 0)], 1)
    for number, words in enumerate((b"two", b"three"), start=2):
        with store.writing() as writing:
            items.replace(writing, at, ROW._replace(id="one", body=words), number, number)
    with store.reading() as reading:
        assert [(item.version, item.body, item.labels) for item in items.read(reading, duty)] == [(3, b"three", 3)]
        kept = reading.rows("SELECT version, body, labels FROM item_version ORDER BY version")
    assert kept == [(1, b"one", 0), (2, b"two", 2)]


# -- items that name several people ----------------------------------------------------------------------------------


@pytest.fixture
def shared(store: Store) -> Store:
    """An item that lies with source patient 1 and names 2 and 3, of which 3 is another organisation's."""
    with store.writing() as writing:
        for number, code in ((1, "ZZP01"), (2, "ZZP01"), (3, "ZZA")):
            people.new_source_patient(writing, number * 10, OdsCode(code), f"p{number}")
        at = items.Place(10, 1, 1)
        items.insert(writing, [(at, ROW._replace(id="shared", several=True), 0)], 1)
        items.name_others(writing, at, [(20, 2), (30, 3)])
    return store


@pytest.mark.parametrize(
    ("permitted", "expected"),
    [
        (viewer(opening(2)), ["shared"]),
        (viewer(opening(2), opening(2, labels=HIV)), ["shared"]),
        (viewer(opening(2), opening(3)), ["shared"]),
        (viewer(opening(1), opening(2)), []),  # it lies there: `read` gives it
        (viewer(opening(2, headings=0)), []),
        (viewer(), []),
        (permit_source(PRACTICE, (20, 2)), ["shared"]),
        (permit_source(HOSPITAL, (30, 3)), []),  # somebody else wrote it
        (permit_source(PRACTICE), []),
        (permit_duty(Duty(name="matching")), []),
    ],
)
def test_from_the_other_side_it_is_given_once_and_only_if_open_there(
    shared: Store, permitted: Permitted, expected: list[str]
) -> None:
    with shared.reading() as reading:
        assert [item.id for item in items.read_named(reading, permitted)] == expected


def test_naming_others_anew_forgets_who_is_named_no_more(shared: Store) -> None:
    with shared.writing() as writing:
        items.name_others(writing, items.Place(10, 1, 1), [(30, 3)])
        assert [item.id for item in items.read_named(writing, viewer(opening(2)))] == []
        assert [item.id for item in items.read_named(writing, viewer(opening(3)))] == ["shared"]


# -- how a query is carried out --------------------------------------------------------------------------------------


class Plans(SqliteReading):
    """A reading that asks how each query would be carried out, and gives nothing."""

    def __init__(self, reading: SqliteReading) -> None:
        super().__init__(reading._connection, reading.words)
        self.plans: list[str] = []

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self.plans += [row[3] for row in super().rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        return []

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        return iter(self.rows(sql, parameters))


@pytest.mark.parametrize("permitted", [viewer(opening()), permit_source(PRACTICE), permit_source(PRACTICE, (10, 1))])
def test_no_scope_is_read_by_looking_at_every_row(tmp_path: Path, permitted: Permitted) -> None:
    store = SqliteStore(tmp_path / "concord.db")
    _fill(store)
    with store.reading() as reading:
        plans = Plans(reading)
        for asked in (
            items.read(plans, permitted),
            items.read(plans, permitted, types=["Condition"]),
            items.read_under(plans, permitted, [1, 2]),
            items.read_named(plans, permitted),
        ):
            assert list(asked) == []
    store.close()
    assert plans.plans
    assert [plan for plan in plans.plans if "SCAN" in plan] == []
