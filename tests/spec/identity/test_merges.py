"""What a hospital says of its own numbers, and whose record is whose after it: in any order, and back again."""

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from concord.app import App
from concord.ingest import load
from concord.ingest.report import LoadReport
from tests.small_system import HOSPITAL, PRACTICE, patient, send, small_system

NUMBER, OTHER = "9990003114", "9990003203"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as app:
        yield app


def pid(number: str, family: str = "Holroyd", nhs: str = "", born: str = "19420214") -> str:
    numbered = f"~{nhs}^^^NHS^NH" if nhs else ""
    return f"PID|1||{number}^^^PAS^MR{numbered}||{family}^Margaret||{born}|F"


def message(event: str, at: str, *segments: str) -> str:
    header = f"MSH|^~\\&|PAS|ZZA|CONCORD|NN|{at}||ADT^{event}|{event}{at}|P|2.4"
    return "\r".join([header, f"EVN|{event}|{at}", *segments])


def registered(number: str, at: str = "20240101080000", **said: str) -> str:
    return message("A28", at, pid(number, **said))


def merge(prior: str, survivor: str, at: str, event: str = "A40") -> str:
    return message(event, at, pid(survivor), f"MRG|{prior}^^^PAS^MR")


def visit(event: str, at: str, number: str, of: str, *more: str) -> str:
    return message(event, at, pid(of), f"PV1|1|I|Ash^1^A{'|' * 16}{number}", *more)


def moved(number: str, to: str, at: str, of: str = "") -> str:
    return message("A45", at, pid(to), f"MRG|{of}||||{number}", f"PV1|1|I|Ash^1^A{'|' * 16}{number}")


def told(app: App, folder: Path, *messages: str) -> list[LoadReport]:
    """Each message as a file of its own, in this order."""
    reports = []
    for at, text in enumerate(messages):
        file = folder / f"{at:03}.hl7"
        file.write_text(text, newline="")
        reports.append(load([file], app.records, organisation=HOSPITAL.organisation, assurance="stated"))
    return reports


def rejected(reports: list[LoadReport]) -> int:
    return sum(report.rejected for report in reports)


def whose(app: App) -> list[list[str]]:
    """The source ids of the hospital's Patients, and the practice's, by person."""
    persons: dict[str, list[str]] = {}
    with app.store.reading() as reading:
        for organisation, patient_id, person in reading.rows(
            "SELECT w.text, s.patient, l.person FROM link l JOIN source_patient s ON s.home = l.home "
            "AND s.number = l.source_patient JOIN word w ON w.number = s.organisation"
        ):
            known = {
                app.records._keys.logical_id(organisation, "Patient", name): name
                for name in ("A", "B", "C", "D", "gp", "gp2")
            }
            persons.setdefault(person, []).append(known[patient_id])
    return sorted(sorted(names) for names in persons.values())


def lies(app: App, type_: str, source_id: str) -> str:
    """The source id of the Patient whom an item is about."""
    found = app.records.earlier(HOSPITAL.organisation).resource(type_, source_id)
    assert found is not None, f"{type_}/{source_id} is not held"
    names = {app.records._keys.logical_id(HOSPITAL.organisation, "Patient", name): name for name in "ABCD"}
    return names[found["subject"]["reference"].removeprefix("Patient/")]


A, B, C = (registered(number) for number in "ABC")

# Messages -> whose numbers are one person's. Each in every order.
STORIES = {
    "two numbers, nothing said": ([A, B], [["A"], ["B"]]),
    "merged (A40)": ([A, B, merge("A", "B", "20240201")], [["A", "B"]]),
    "merged (A34, v2.2 and v2.3)": ([A, B, merge("A", "B", "20240201", "A34")], [["A", "B"]]),
    "merged with its account (A36)": ([A, B, merge("A", "B", "20240201", "A36")], [["A", "B"]]),
    "an account alone (A35)": (
        [A, B, message("A35", "20240201", pid("B"), "MRG|||7001")],
        [["A"], ["B"]],
    ),
    "given another number (A47)": ([A, merge("A", "B", "20240201", "A47")], [["A", "B"]]),
    "a chain": ([A, B, C, merge("A", "B", "20240201"), merge("B", "C", "20240301")], [["A", "B", "C"]]),
    "merged back": ([A, B, merge("A", "B", "20240201"), merge("B", "A", "20240301")], [["A", "B"]]),
    "merged into another after all": (
        [A, B, C, merge("A", "B", "20240201"), merge("A", "C", "20240301")],
        [["A", "C"], ["B"]],
    ),
    "linked (A24)": ([A, B, message("A24", "20240201", pid("A"), pid("B"))], [["A", "B"]]),
    "linked and unlinked (A37)": (
        [A, B, message("A24", "20240201", pid("A"), pid("B")), message("A37", "20240301", pid("A"), pid("B"))],
        [["A"], ["B"]],
    ),
    "a merge taken back (A37)": (
        [A, B, merge("A", "B", "20240201"), message("A37", "20240301", pid("A"), pid("B"))],
        [["A"], ["B"]],
    ),
    "two NHS numbers are never joined": (
        [registered("A", nhs=NUMBER), registered("B", nhs=OTHER), merge("A", "B", "20240201")],
        [["A"], ["B"]],
    ),
    "nor through a third": (
        [registered("A", nhs=NUMBER), B, registered("C", nhs=OTHER), merge("A", "B", "20240201"),
         merge("C", "B", "20240301")],
        [["A"], ["B"], ["C"]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_merges_in_any_order(tmp_path: Path, story: str) -> None:
    messages, expected = STORIES[story]
    orders = list(permutations(messages))
    for nth, order in enumerate(orders[:: max(1, len(orders) // 12)]):
        folder = tmp_path / str(nth)
        folder.mkdir()
        with small_system(folder) as app:
            assert rejected(told(app, folder, *order)) == 0
            assert whose(app) == expected, order


def test_what_is_sent_under_the_old_number_is_the_survivors(app: App, tmp_path: Path) -> None:
    reports = told(app, tmp_path, A, B, merge("A", "B", "20240201"), visit("A01", "20240202090000", "V1", "A"))
    assert rejected(reports) == 0
    assert whose(app) == [["A", "B"]]
    assert lies(app, "Encounter", "V1") == "A"


def test_a_visit_begun_under_the_old_number_goes_on_under_the_new_one(app: App, tmp_path: Path) -> None:
    admitted = visit("A01", "20240110090000", "V1", "A", "DG1|1||I50^Heart failure")
    reports = told(
        app, tmp_path, A, B, admitted, merge("A", "B", "20240201"), visit("A03", "20240203090000", "V1", "B")
    )
    assert rejected(reports) == 0
    assert lies(app, "Encounter", "V1") == "B"
    taken_back = told(app, tmp_path, message("A37", "20240301", pid("A"), pid("B")))
    assert rejected(taken_back) == 0
    assert whose(app) == [["A"], ["B"]]
    assert lies(app, "Encounter", "V1") == "B"  # as the hospital said last


def test_a_visit_is_not_taken_from_a_person_by_a_message_that_merely_names_another(app: App, tmp_path: Path) -> None:
    reports = told(app, tmp_path, A, B, visit("A01", "20240110090000", "V1", "A"), visit("A03", "20240111", "V1", "B"))
    assert rejected(reports) == 1
    assert lies(app, "Encounter", "V1") == "A"


ADMITTED = visit("A01", "20240110090000", "V1", "A", "DG1|1||I50^Heart failure")
DISCHARGED = visit("A03", "20240112090000", "V1", "A")


MOVED = [A, B, ADMITTED, moved("V1", "B", "20240111", "A"), DISCHARGED]


@pytest.mark.parametrize("order", list(permutations(MOVED))[::7])
def test_a_moved_visit_takes_along_what_belongs_to_it(tmp_path: Path, order: tuple[str, ...]) -> None:
    with small_system(tmp_path) as app:
        assert rejected(told(app, tmp_path, *order)) == 0
        assert whose(app) == [["A"], ["B"]]
        with app.store.reading() as reading:
            rows = reading.rows("SELECT DISTINCT w.text, i.source_patient FROM item i JOIN word w ON w.number = i.type")
        places: dict[str, int] = dict(rows)
        assert lies(app, "Encounter", "V1") == "B"
        assert places["Encounter"] == places["Condition"], order
        stay = app.records.earlier(HOSPITAL.organisation).resource("Encounter", "V1")
        assert stay is not None
        assert stay["status"] == "finished"


def test_a_visit_moved_back_lies_where_it_lay(app: App, tmp_path: Path) -> None:
    told(app, tmp_path, A, B, ADMITTED)
    before = _items(app)
    assert rejected(told(app, tmp_path, moved("V1", "B", "20240111", "A"), moved("V1", "A", "20240112", "B"))) == 0
    assert _items(app) == before


def _items(app: App) -> list[tuple[object, ...]]:
    with app.store.reading() as reading:
        return reading.rows("SELECT home, source_patient, item, type, id FROM item ORDER BY id")


def test_a_merge_joins_what_the_practice_holds_and_undoing_it_parts_it_as_it_was(app: App, tmp_path: Path) -> None:
    send(app, PRACTICE, patient("gp"), assurance="traced")
    told(app, tmp_path, registered("A", nhs=NUMBER), B)
    assert whose(app) == [["A", "gp"], ["B"]]
    before = _links(app)
    told(app, tmp_path, merge("B", "A", "20240201"))
    assert whose(app) == [["A", "B", "gp"]]
    told(app, tmp_path, message("A37", "20240301", pid("A"), pid("B")))
    assert _links(app) == before


def _links(app: App) -> list[tuple[object, ...]]:
    with app.store.reading() as reading:
        return reading.rows("SELECT home, source_patient, person, base FROM link ORDER BY source_patient")


def test_telling_a_merge_again_changes_nothing(app: App, tmp_path: Path) -> None:
    story = [A, B, merge("A", "B", "20240201"), ADMITTED, moved("V1", "B", "20240211", "A")]
    told(app, tmp_path, *story)
    again = told(app, tmp_path, *story)
    assert [(each.stored, each.updated) for each in again] == [(0, 0)] * len(story)
