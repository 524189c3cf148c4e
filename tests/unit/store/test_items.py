"""Rows of items: every version is kept, and nobody reads what their `Permitted` does not hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.base import Keys, OdsCode
from concord.governance import SourceSystem, permit_source
from concord.store import Opening, Permitted, SqliteStore, items
from tests.store_drawers import DUTY, Drawers, OnStore
from tests.unit.store.conftest import new_drawers
from tests.unit.store.plans import Plans

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


def opening(source_patient: int = 1, **more: Any) -> Opening:
    known: dict[str, Any] = {"home": source_patient * 10, "source_patient": source_patient, "service": None,
             "headings": 1 << PROBLEMS, "labels": 0}  # fmt: skip
    return Opening(**known | more)


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
    ("a duty", DUTY, {name for _, name in ROWS}),
]  # fmt: skip


@pytest.fixture(scope="module")
def held(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawers]:
    """Drawers that hold ROWS."""
    with new_drawers(kind, request, tmp_path_factory.mktemp("store")) as drawers:
        _fill(drawers)
        yield drawers


def _fill(drawers: Drawers) -> None:
    for number, code, patient in ((1, "ZZP01", "p1"), (2, "ZZP01", "p2"), (3, "ZZA", "h1"), (4, "ZZP01", None)):
        assert drawers.new_source_patient(number * 10, OdsCode(code), patient) == number
    drawers.insert(
        [
            (items.Place(source * 10, source, number), row._replace(id=name), labels, {VALUE, VALUE + 1})
            for number, ((source, name), (row, labels)) in enumerate(ROWS.items(), start=1)
        ],
        1,
    )


def place(drawers: Drawers, name: str) -> items.Place:
    source, row = next((source, row) for (source, each), (row, _) in ROWS.items() if each == name)
    found = drawers.locate(row.type, name)
    assert found is not None
    assert found.source_patient == source
    return found


@pytest.mark.parametrize(("who", "permitted", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_each_is_given_what_they_hold_whichever_way_they_ask(
    held: Drawers, who: str, permitted: Permitted, expected: set[str]
) -> None:
    read = [item.id for item in held.read(permitted, None, False)]
    under = [item.id for item in held.read_under(permitted, [VALUE, VALUE + 1])]
    one_by_one = {name for _, name in ROWS if held.read_one(permitted, place(held, name)) is not None}
    current = {item.id for item in held.read(permitted, None, True)}
    conditions = {item.id for item in held.read(permitted, ["Condition", "NoSuchType"], False)}
    assert sorted(read) == sorted(expected)
    assert sorted(under) == sorted(expected)
    assert one_by_one == expected
    assert current == expected - {"cancelled"}
    assert conditions == expected - {"medication", "shelf"}


def test_what_the_index_does_not_hold_is_not_found_under_it(held: Drawers) -> None:
    assert held.read_under(DUTY, [VALUE + 2]) == []
    assert held.read_under(DUTY, []) == []
    assert held.read_under(DUTY, [VALUE], ["NoSuchType"]) == []


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
def test_a_right_that_could_be_read_in_two_ways_is_none(two_ways: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a right to read"):
        Permitted(**two_ways)


def test_every_version_is_kept_and_the_scan_meets_the_last(drawers: Drawers) -> None:
    drawers.new_source_patient(10, OdsCode("ZZP01"), "p1")
    at = items.Place(10, 1, 1)
    drawers.insert([(at, ROW._replace(id="one"), 0, set())], 1)
    for number, words in enumerate((b"two", b"three"), start=2):
        drawers.replace(at, ROW._replace(id="one", body=words), number, set(), set(), number)
    assert [(item.version, item.body, item.labels) for item in drawers.read(DUTY, None, False)] == [(3, b"three", 3)]
    kept = drawers.read_versions(DUTY, at, "Condition", "one")
    assert [(each.version, each.body, each.labels) for each in kept] == [
        (3, b"three", 3),
        (2, b"two", 2),
        (1, b"one", 0),
    ]


def test_a_deleted_item_is_met_by_no_scan_and_its_versions_stay(drawers: Drawers) -> None:
    drawers.new_source_patient(10, OdsCode("ZZP01"), "p1")
    at = items.Place(10, 1, 1)
    drawers.insert([(at, ROW._replace(id="one"), HIV, {VALUE})], 1)
    drawers.delete(at, {VALUE}, 2)
    assert drawers.read(DUTY, None, False) == drawers.read_under(DUTY, [VALUE]) == []
    assert (drawers.read_one(DUTY, at), drawers.locate("Condition", "one")) == (None, None)
    assert drawers.locate_deleted("Condition/one") == [at]
    assert drawers.last_number(at.source) == 1, "its number is never given again"
    kept = drawers.read_versions(DUTY, at, "Condition", "one")
    assert [(each.version, each.lifecycle, each.labels) for each in kept] == [(2, 3, 0), (1, 0, HIV)]
    assert drawers.deletions(DUTY, 1) == {("Condition", "one")}
    assert drawers.deletions(DUTY, 2) == set()
    drawers.come_back(ROW._replace(id="one"), at, 3)
    assert [each.version for each in drawers.read(DUTY, None, False)] == [3]
    assert (drawers.locate_deleted("Condition/one"), drawers.deletions(DUTY, 1)) == ([], set())


# -- items that name several people ----------------------------------------------------------------------------------


@pytest.fixture
def shared(drawers: Drawers) -> Drawers:
    """An item that lies with source patient 1 and names 2 and 3, of which 3 is another organisation's."""
    for number, code in ((1, "ZZP01"), (2, "ZZP01"), (3, "ZZA")):
        drawers.new_source_patient(number * 10, OdsCode(code), f"p{number}")
    at = items.Place(10, 1, 1)
    drawers.insert([(at, ROW._replace(id="shared", several=True), 0, set())], 1)
    drawers.name_others(at, [(20, 2), (30, 3)])
    return drawers


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
        (DUTY, []),
    ],
)
def test_from_the_other_side_it_is_given_once_and_only_if_open_there(
    shared: Drawers, permitted: Permitted, expected: list[str]
) -> None:
    assert [item.id for item in shared.read_named(permitted)] == expected


def test_naming_others_anew_forgets_who_is_named_no_more(shared: Drawers) -> None:
    shared.name_others(items.Place(10, 1, 1), [(30, 3)])
    assert shared.read_named(viewer(opening(2))) == []
    assert [item.id for item in shared.read_named(viewer(opening(3)))] == ["shared"]


# -- how a query is carried out --------------------------------------------------------------------------------------


@pytest.mark.parametrize("permitted", [viewer(opening()), permit_source(PRACTICE), permit_source(PRACTICE, (10, 1))])
def test_no_scope_is_read_by_looking_at_every_row(tmp_path: Path, permitted: Permitted) -> None:
    store = SqliteStore(tmp_path / "concord.db")
    _fill(OnStore(store))
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
