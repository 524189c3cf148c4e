"""Random histories of writes, links, deletions, searches and reading of the feed give equal answers everywhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from concord.base import OdsCode, PersonId
from concord.governance import SourceSystem, permit_source
from concord.store import Opening, Permitted, Store, open_store
from concord.store.feed import PARTS
from concord.store.items import NewRow, Place
from concord.store.people import Demographics, Source
from tests.postgresql_server import Lease
from tests.store_drawers import DUTY, Drawers, OnStore
from tests.store_reference import Reference

TYPES, SERVICES = ("Condition", "Observation", "Patient"), (None, "clinic", "ward")
CODES, HOMES = (OdsCode("ZZP01"), OdsCode("ZZA"), OdsCode("ZZC")), (-(2**63), -16, 32, 2**63 - 1)  # three in one part
PERSONS = (PersonId("peggy"), PersonId("arthur"))
NUMBERS, FAMILIES = ("9990003114", "9990003122"), ("holroyd", "holt", "sørensen", "hol", "")
VALUES = (-(2**63), -1, 0, 5, 2**63 - 1)
TABLES = (
    "item", "item_version", "deleted_item", "locator", "search_index", "named", "link", "source_patient", "feed",
    "feed_head", "feed_consumer",
)  # fmt: skip
BORN_ON = "1942-02-14"
HISTORIES, STEPS = 25, 25

_labels = st.sampled_from([0, 1, 2, 3, 1 << 15])
_values = st.sets(st.sampled_from(VALUES), max_size=3)
_rows = st.builds(
    NewRow, type=st.sampled_from(TYPES), id=st.just(""), service=st.sampled_from(SERVICES),
    heading=st.sampled_from([0, 17, 38]), own_labels=_labels, starts_at=st.none() | st.integers(0, 2**50),
    ends_at=st.none(), lifecycle=st.sampled_from([0, 0, 1, 2]), plain=st.booleans(), several=st.booleans(),
    body=st.binary(max_size=20),
)  # fmt: skip
_demographics = st.builds(
    Demographics, nhs_number=st.none() | st.sampled_from(NUMBERS), family=st.sampled_from(FAMILIES),
    given=st.just("m"), born_on=st.sampled_from([BORN_ON, "1942", ""]), postcode=st.just(""), sex=st.just(""),
    shown_name=st.text(max_size=5).filter(lambda text: "\0" not in text), address=st.just(""), died_on=st.none(),
    protected=st.booleans(),
)  # fmt: skip


class Histories(RuleBasedStateMachine):
    """Each step is taken on all; whatever they tell must be what the dictionaries tell."""

    engines: tuple[Drawers, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.reference = Reference()
        self.sources: list[Source] = []
        self.places: list[Place] = []  # of items that are held
        self.deleted: dict[Place, NewRow] = {}
        self.named = 0
        self.now = 0

    def ask(self, name: str, *words: Any) -> Any:
        expected = getattr(self.reference, name)(*words)
        for engine in self.engines:
            assert getattr(engine, name)(*words) == expected, (type(engine).__name__, name, words)
        return expected

    def later(self) -> int:
        """Each change at an instant of its own, half a second after the one before."""
        self.now += 500_000
        return self.now

    @initialize(homes=st.lists(st.sampled_from(HOMES), min_size=2, max_size=4))
    def begin(self, homes: list[int]) -> None:
        for home in homes:
            self.add_source(home, CODES[0], "p")

    @rule(home=st.sampled_from(HOMES), code=st.sampled_from(CODES), patient=st.sampled_from(["p", None]))
    def add_source(self, home: int, code: OdsCode, patient: str | None) -> None:
        patient = patient and f"{patient}{len(self.sources)}"
        self.sources.append((home, self.ask("new_source_patient", home, code, patient)))

    @rule(data=st.data(), row=_rows, labels=_labels, values=_values, many=st.sampled_from([1, 2, 12]))
    def add(self, data: st.DataObject, row: NewRow, labels: int, values: set[int], many: int) -> None:
        several = data.draw(st.lists(st.sampled_from(self.sources), min_size=1, max_size=3, unique=True))
        last = {source: self.ask("last_number", source) for source in several}
        new = [Place(*source, last[source] + number) for source in several for number in range(1, many + 1)]
        named = [row._replace(id=f"i{self.named + number}") for number in range(len(new))]
        self.named += len(new)
        self.ask("insert", [(at, each, labels, values) for at, each in zip(new, named, strict=True)], self.later())
        self.places += new

    @precondition(lambda self: self.places)
    @rule(data=st.data(), row=_rows, labels=_labels, gone=_values, come=_values)
    def change(self, data: st.DataObject, row: NewRow, labels: int, gone: set[int], come: set[int]) -> None:
        at = data.draw(st.sampled_from(self.places))
        told = self.ask("read_one", DUTY, at)
        self.ask("replace", at, row._replace(id=told.id, type=told.type), labels, gone - come, come, self.later())

    @precondition(lambda self: self.places)
    @rule(data=st.data(), labels=_labels)
    def relabel(self, data: st.DataObject, labels: int) -> None:
        self.ask("relabel", data.draw(st.sampled_from(self.places)), labels, self.later())

    @precondition(lambda self: self.places)
    @rule(data=st.data(), row=_rows)
    def delete(self, data: st.DataObject, row: NewRow) -> None:
        at = data.draw(st.sampled_from(self.places))
        told = self.ask("read_one", DUTY, at)
        self.ask("lies_alone", at)
        self.ask("delete", at, set(VALUES), self.later())
        self.places.remove(at)
        self.deleted[at] = row._replace(id=told.id, type=told.type)
        self.ask("locate", told.type, told.id)

    @precondition(lambda self: self.deleted)
    @rule(data=st.data(), elsewhere=st.booleans())
    def come_back(self, data: st.DataObject, elsewhere: bool) -> None:
        """To where it was, or to another source patient."""
        was = data.draw(st.sampled_from(sorted(self.deleted)))
        row, at = self.deleted.pop(was), was
        if elsewhere:
            source = data.draw(st.sampled_from(self.sources))
            at = Place(*source, self.ask("last_number", source) + 1)
        self.ask("come_back", row, at, self.later())
        self.places.append(at)
        self.ask("locate_deleted", f"{row.type}/{row.id}")

    @precondition(lambda self: self.places)
    @rule(data=st.data())
    def name_others(self, data: st.DataObject) -> None:
        at = data.draw(st.sampled_from(self.places))
        others = [source for source in self.sources if source != at.source]
        self.ask("name_others", at, data.draw(st.sets(st.sampled_from(others), max_size=3)) if others else set())

    @rule(data=st.data(), who=_demographics | st.none())
    def describe(self, data: st.DataObject, who: Demographics | None) -> None:
        """None: the Patient was deleted."""
        patients = [each for each in self.sources if self.reference._sources[each][1] is not None]
        source = data.draw(st.sampled_from(patients))
        self.ask("forget", source) if who is None else self.ask("describe", source, who)
        for number in NUMBERS:
            self.ask("traced", number, BORN_ON, "hol")

    @rule(data=st.data(), person=st.sampled_from(PERSONS), held_for=st.sampled_from([None, None, *PERSONS]))
    def link(self, data: st.DataObject, person: PersonId, held_for: PersonId | None) -> None:
        """Linking anew is unlinking: the list of a person is all that there is."""
        self.ask("link", data.draw(st.sampled_from(self.sources)), person, held_for)
        for each in PERSONS:
            self.ask("linked", each)
        for source in self.sources:
            self.ask("person_of", source)

    @rule(
        data=st.data(), values=_values, types=st.none() | st.just(["Condition", "Unheard"]), current=st.booleans(),
        labels=_labels,
    )  # fmt: skip
    def look(self, data: st.DataObject, values: set[int], types: list[str] | None, current: bool, labels: int) -> None:
        for permitted in (data.draw(self._permitted()), self._labelled(labels)):
            self.ask("read", permitted, types, current)
            self.ask("read_under", permitted, sorted(values))
            self.ask("read_named", permitted)
            for at in self.places[:5]:
                self.ask("read_one", permitted, at)
        self.ask("locate", "Condition", f"i{self.named // 2}")

    @precondition(lambda self: self.places or self.deleted)
    @rule(data=st.data(), back=st.integers(0, 12))
    def look_back(self, data: st.DataObject, back: int) -> None:
        at = data.draw(st.sampled_from(sorted({*self.places, *self.deleted})))
        permitted, since = data.draw(self._permitted()), self.now - back * 500_000
        called = self.reference.called(at)
        told = self.ask("read_versions", DUTY, at, *called)
        self.ask("last_version", at)
        for each in (DUTY, permitted):
            self.ask("read_versions", each, at, *called)
            self.ask("read_as_of", each, since, [(*at[1:], None), (*at[1:], told[-1].version), (*at[1:], 99)])
            self.ask("versions_of_type", each, called[0], since)
            self.ask("deletions", each, since)

    @rule(most=st.sampled_from([1, 3, 1000]), whose=st.sampled_from(["follower", "another"]))
    def follow(self, most: int, whose: str) -> None:
        for part in {home % PARTS for home in HOMES}:
            self.ask("told_after", DUTY, part, 0, most)
            page = self.ask("told_after", DUTY, part, self.ask("position", whose, part), most)
            if page:
                self.ask("advance", whose, part, page[-1].position)
                self.ask("advance", whose, part, page[0].position - 1)

    def _labelled(self, labels: int) -> Permitted:
        """All of every source patient but for labels."""
        every = (1 << 39) - 1
        openings = [
            Opening(home=home, source_patient=number, service=None, headings=every, labels=labels)
            for home, number in self.sources
        ]
        return Permitted(openings=tuple(openings))

    def _permitted(self) -> st.SearchStrategy[Permitted]:
        opening = st.builds(
            lambda source, **more: Opening(home=source[0], source_patient=source[1], **more),
            st.sampled_from(self.sources),
            service=st.sampled_from([*SERVICES, "unheard"]),
            headings=st.sampled_from([1, 1 << 17, 1 << 38, (1 << 39) - 1]),
            labels=st.sampled_from([0, 1, 3, (1 << 16) - 1]),
        )
        return st.one_of(
            st.just(DUTY),
            st.builds(lambda openings: Permitted(openings=tuple(openings)), st.lists(opening, max_size=4)),
            st.builds(
                lambda code, narrowed: permit_source(SourceSystem(organisation=code), narrowed),
                st.sampled_from(CODES),
                st.none() | st.sampled_from(self.sources),
            ),
        )


@pytest.fixture
def stores(postgresql: Lease, tmp_path: Path) -> Iterator[list[Store]]:
    with postgresql.database() as url:
        stores = [open_store(tmp_path / "concord.db"), open_store(url)]
        yield stores
        for store in stores:
            store.close()


def test_every_engine_tells_what_the_reference_tells(stores: list[Store]) -> None:
    class OnEngines(Histories):
        engines = tuple(OnStore(store) for store in stores)

        def teardown(self) -> None:
            """The next history begins with empty tables, and with number 1."""
            for store in stores:
                with store.writing() as writing:
                    for table in TABLES:
                        writing.run(f"DELETE FROM {table}")
                    if store.waits:
                        writing.run("ALTER SEQUENCE source_patient_number_seq RESTART")

    soaking = settings.default is not None and settings.default.max_examples > 100
    steps = (
        settings(deadline=None)
        if soaking
        else settings(max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None)
    )
    run_state_machine_as_test(OnEngines, settings=steps)
