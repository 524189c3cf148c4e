"""A comparison counted over the people and items held, on each engine; what leaves names nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import App
from concord.governance import Policy, fact_rows, parse_agreement
from concord.governance.agreements import Counted, comparison_page
from tests.small_system import (
    AGREEMENT,
    HOSPITAL,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
)

MINDS = {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": "mental-health"}]}
FEWER = AGREEMENT.replace("    allows_labels: [mental-health]\n", "")
NURSES = AGREEMENT.replace(
    "with: {organisations: hospital, roles: [doctor]}", "with: {organisations: hospital, roles: [doctor, nurse]}", 1
)
NUMBERS = ("9990003114", "9990003157", "9990003165")


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    """Three people: two attend the hospital, one of whom has something private; the third is known to it."""
    with small_system(database) as app:
        for nth, number in enumerate(NUMBERS, start=1):
            send(app, PRACTICE, patient(f"p{nth}", number=number), condition(f"c{nth}", f"p{nth}"))
            send(app, HOSPITAL, patient(f"h{nth}", number=number))
        send(app, PRACTICE, condition("private", "p1", "Low mood", meta=MINDS))
        send(app, PRACTICE, condition("private-too", "p3", "Low mood", meta=MINDS))
        send(app, HOSPITAL, attendance("e1", "h1"), attendance("e2", "h2"))
        yield app


def policy(app: App, text: str) -> Policy:
    with app.store.reading() as reading:
        directory = app.gate.policy(reading).directory
    agreement = parse_agreement(text, filename="a.yaml", directory=directory)
    return Policy(agreements=[agreement], signatures=(), directory=directory)


def counted(app: App, after: str) -> Counted:
    return app.records.counting.compared(policy(app, AGREEMENT), policy(app, after)).wait()


def test_people_are_counted_as_they_stand_and_items_as_they_are_filed(app: App) -> None:
    found = counted(app, FEWER)
    assert (found.people, found.items) == (3, 13)
    assert (found.all_opens.people, found.all_opens.items) == (0, 0)
    assert (found.all_closes.people, found.all_closes.items) == (1, 1), "one attends and has something private"


def test_whoever_stands_so_is_counted_for_who_comes_to_see_them(app: App) -> None:
    found = counted(app, NURSES)
    assert (found.all_opens.people, found.all_opens.items) == (2, 5), "Patients, problems and what is private"
    assert found.all_closes.people == 0


def test_portions_come_to_the_same(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = counted(app, NURSES)
    monkeypatch.setattr(fact_rows, "_AT_ONCE", 1)
    heard: list[tuple[int, int]] = []
    before, after = policy(app, AGREEMENT), policy(app, NURSES)
    found = app.records.counting.compared(before, after, progress=lambda *so_far: heard.append(so_far)).wait()
    assert found == whole
    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_the_page_names_nobody_and_tells_no_small_count(app: App) -> None:
    before, after = policy(app, AGREEMENT), policy(app, NURSES)
    page = comparison_page(before, after, counted(app, NURSES))
    (opens,) = [section for section in page.sections if section.title == "Opens"]
    ((sentence, people, items, example),) = opens.tables[0].rows
    assert sentence.startswith("Nurses at Northfield General would see")
    assert (people, items) == ("7 or fewer", "7 or fewer")
    assert example == (
        "Nurses at Northfield General would see demographics of Millbrook Surgery, also those labelled mental health, "
        "about Edith Marlow, 81, who is attending there."
    )
    told = repr(page)
    for fact in ("Holroyd", "Margaret", *NUMBERS):
        assert fact not in told


def test_that_it_was_done_is_audited(app: App) -> None:
    counted(app, NURSES)
    rows = app.records.audit.listed(number=None, user="duty:agreement-counting", since=None, most=5).wait()
    assert [row.event.person for row in rows] == [None]
