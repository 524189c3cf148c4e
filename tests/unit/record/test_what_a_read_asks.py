"""How many statements a read asks of the database: each is a round trip where that is on another machine."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from concord.base import NhsNumber, NotFound, OdsCode, PersonId
from concord.store import facts, own_choices, people, postgresql, sqlite
from tests.small_system import (
    COMMUNITY,
    ED_DOCTOR,
    HOSPITAL,
    KEYS,
    NHS_NUMBER,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
)

ENGINES: dict[str, tuple[type, type]] = {
    "sqlite": (sqlite.SqliteReading, sqlite.SqliteWriting),
    "postgresql": (postgresql.PostgresqlReading, postgresql.PostgresqlWriting),
}
SECRET: dict[str, Any] = {
    "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "STD"}]}
}
NOBODY = "a" * 24
SOMEBODY = [
    "SELECT person FROM link WHERE person >= ? ORDER BY person LIMIT 1",
    "SELECT person FROM link ORDER BY person LIMIT 1",
]
MANY = 1_200
READ = 4  # where the item lies, whose it is, what the decision hangs on, the item
AUDITED = 4  # where the chain stands, the contexts, the rows, the link; of a group of rows, however many


@pytest.fixture
def asked(engine: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are asked of the engine, as they are asked."""
    heard: list[str] = []

    def hearing(ask: Callable[..., Any]) -> Callable[..., Any]:
        def heard_of(self: object, sql: str, *values: Any) -> Any:
            heard.append(sql)
            return ask(self, sql, *values)

        return heard_of

    for of in ENGINES[engine]:
        for name in {"rows", "row", "stream", "run", "run_many"} & set(vars(of)):
            monkeypatch.setattr(of, name, hearing(vars(of)[name]))
    return heard


def test_a_read_by_id_asks_as_much_whatever_it_finds(database: Path | str, asked: list[str]) -> None:
    """As a user who is decided about, for a person with records of three contributors."""
    with small_system(database) as app:
        send(app, PRACTICE, patient("p1"), condition("c1", "p1"), condition("c2", "p1", **SECRET))
        send(app, COMMUNITY, patient("n1"), condition("c3", "n1"))
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        shown, hidden = (KEYS.logical_id(OdsCode("ZZP01"), "Condition", each) for each in ("c1", "c2"))
        closed = KEYS.logical_id(OdsCode("ZZC"), "Condition", "c3")
        for id_ in (shown, hidden, closed, NOBODY):
            for _ in range(2):  # what the audit meets for the first time, it keeps first
                asked.clear()
                with nullcontext() if id_ == shown else pytest.raises(NotFound):
                    app.records.read("Condition", id_, ED_DOCTOR).wait()
            if id_ == NOBODY and asked[1:3] == SOMEBODY:  # nobody's id comes behind: the first is taken
                asked.pop(1)
            assert len(asked) == READ + AUDITED, "\n".join(asked)


def test_somebody_with_a_thousand_records_is_decided_about(database: Path | str) -> None:
    """As a mistaken link, or a test patient, makes one: whatever is asked of their records fits the database."""
    with small_system(database) as app:
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        with app.store.writing() as writing:
            ((home, first, person),) = writing.rows("SELECT home, source_patient, person FROM link")
            told = people.Demographics(
                nhs_number=NhsNumber(NHS_NUMBER), family="holroyd", given="margaret", born_on="1942-02-14", postcode="",
                sex="", shown_name="", address="", died_on=None, protected=False,
            )  # fmt: skip
            places = [(home, first)]
            for number in range(MANY):
                source = home, people.new_source_patient(writing, home, OdsCode("ZZC"), f"many{number}")
                people.describe(writing, source, told)
                people.link(writing, source, PersonId(person), "test")
                places.append(source)
        with app.store.reading() as reading:
            decided = app.gate.decide(reading, ED_DOCTOR, PersonId(person))
            assert decided is not None
            assert len(decided.facts.sources) == MANY + 1
            assert not facts.protected(reading, places)
            assert own_choices.facts_of(reading, places) == []
        found = app.records.everything(KEYS.logical_id(OdsCode("ZZA"), "Patient", "h1"), ED_DOCTOR).wait()
        assert {item.type for item in found.items} == {"Patient", "Encounter"}
