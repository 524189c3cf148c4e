"""Registrations, merges, links, visits and moves of them come to one state in whatever order they arrive."""

from random import Random
from typing import Any

import pytest

from concord.fhir import TOLD_BY, encode, parse
from concord.identity.joining import join, pair
from concord.ingest.hl7v2 import RECORDED, Message, map_message
from concord.ingest.model import Feed
from tests.properties.test_joining_laws import Source
from tests.spec.identity.test_merges import merge, message, moved, pid, registered, visit
from tests.unit.ingest.fake_records import TRUST, FakeSnapshots

STORY = (
    *(registered(number) for number in "ABCD"),
    merge("A", "B", "20240201"),
    merge("B", "C", "20240202"),
    merge("C", "B", "20240203"),
    merge("A", "D", "20240204"),
    message("A24", "20240205", pid("B"), pid("D")),
    message("A37", "20240206", pid("B"), pid("D")),
    visit("A01", "20240207090000", "V1", "A"),
    visit("A02", "20240207120000", "V1", "A"),
    moved("V1", "C", "20240208", "A"),
    visit("A03", "20240209090000", "V1", "A"),
)
PERSONS = [["A", "D"], ["B", "C"]]


class Said:
    """What is held, by the source's own ids (the door `Earlier`)."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], bytes] = {}

    def resource(self, type_: str, source_id: str) -> dict[str, Any] | None:
        body = self.held.get((type_, source_id))
        return None if body is None else parse(body)

    def take(self, text: str) -> None:
        for one in map_message(
            Message.parse(text.encode()), Feed(organisation=TRUST, earlier=self, snapshots=FakeSnapshots())
        ):
            assert one.source_id is not None
            self.held[one.resource["resourceType"], one.source_id] = encode(one.resource)

    def state(self) -> dict[tuple[str, str], dict[str, Any]]:
        """All of it, but for when and in which message it was first said in these words: that hangs on the order."""
        return {key: _untold(parse(body)) for key, body in self.held.items()}

    def persons(self) -> list[list[str]]:
        patients = sorted(name for type_, name in self.held if type_ == "Patient")
        members = [Source(name, at, None, name) for at, name in enumerate(patients)]
        ties = [
            pair(name, link["other"]["reference"].removeprefix("Patient/"))
            for name in patients
            for link in parse(self.held["Patient", name]).get("link", ())
        ]
        persons: dict[str, list[str]] = {}
        for base, person in join(members, {}, sorted(ties)).persons.items():
            persons.setdefault(person, []).append(base)
        return sorted(sorted(names) for names in persons.values())


def _untold(resource: dict[str, Any]) -> dict[str, Any]:
    extensions = [each for each in resource.get("extension", ()) if each["url"] not in (RECORDED, TOLD_BY)]
    return resource | {"extension": extensions}


def after(story: list[str]) -> Said:
    said = Said()
    for text in story:
        said.take(text)
    return said


def shuffles(times: int, seed: int) -> None:
    in_order = after(list(STORY))
    assert in_order.persons() == PERSONS
    expected, chance = in_order.state(), Random(seed)
    for _ in range(times):
        story = [*STORY, *chance.sample(STORY, 2)]  # some are told twice
        chance.shuffle(story)
        said = after(story)
        assert said.persons() == PERSONS, story
        assert said.state() == expected, story


def test_any_order_comes_to_one_state() -> None:
    shuffles(300, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 12))  # a million in all, shared by the cores
def test_a_million_orders_come_to_one_state(seed: int) -> None:
    shuffles(100_000, seed)
