"""NHS numbers that another one has taken the place of: under the old one the person is still found."""

from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NhsNumber, OdsCode, PersonId, SystemIds
from concord.identity import persons_with_number
from concord.ingest import Receiver, parse_feed
from concord.record.numbers import number_of, superseded_of
from concord.record.tracing import TRACING, Tracer
from tests.small_system import HOSPITAL, NHS_NUMBER, PRACTICE, patient, send, small_system

NHS = "https://fhir.nhs.uk/Id/nhs-number"
OLD, NEW = NhsNumber("9990003203"), NhsNumber(NHS_NUMBER)


def number(value: str, **more: Any) -> dict[str, Any]:
    return {"system": NHS, "value": value} | more


ENDED = {"period": {"end": "2024-03-01"}}
# identifiers | the person's number | those before
SAID = [
    ([number(NEW), number(OLD, use="old")], NEW, {OLD}),
    ([number(OLD, use="old", **ENDED), number(NEW)], NEW, {OLD}),
    ([number(OLD, **ENDED), number(NEW)], NEW, {OLD}),  # as the national service writes it
    ([number(OLD, **ENDED)], OLD, set()),  # no other is known
    ([number(OLD, use="old")], None, {OLD}),
    ([number(NEW), number("9990003204", use="old")], NEW, set()),  # fails its check digit
    ([number(NEW)], NEW, set()),
    ([], None, set()),
]


@pytest.mark.parametrize(("identifiers", "now", "before"), SAID)
def test_which_number_is_the_persons_and_which_was(
    identifiers: list[dict[str, Any]], now: str | None, before: set[str]
) -> None:
    assert number_of({"identifier": identifiers}) == now
    assert superseded_of({"identifier": identifiers}) == sorted(before)


def persons(app: App, *numbers: NhsNumber) -> list[list[PersonId]]:
    """Whom tracing finds by each."""
    with app.store.reading() as reading:
        return [Tracer(app.gate).by_number(reading, each, "") for each in numbers]


RENUMBERED = patient("ed", identifier=[number(NEW), number(OLD, use="old")])
BEFORE = patient("gp", identifier=[number(OLD)])


def test_under_the_old_number_the_person_is_found(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, HOSPITAL, RENUMBERED, assurance="traced")
        by_old, by_new = persons(app, OLD, NEW)
        assert len(by_old) == 1
        assert by_old == by_new
        with app.store.reading() as reading:  # and no other right hangs on what a source calls old
            assert persons_with_number(reading, TRACING, OLD) == []
        send(app, HOSPITAL, patient("ed", identifier=[number(NEW)]), assurance="traced")
        assert persons(app, OLD, NEW) == [[], by_new]


@pytest.mark.parametrize("renumbered_first", [True, False])
def test_whoever_still_bears_it_is_found_too_and_a_human_is_asked(renumbered_first: bool, tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        story = [(HOSPITAL, RENUMBERED), (PRACTICE, BEFORE)]
        for source, said in story if renumbered_first else reversed(story):
            send(app, source, said, assurance="traced")
        by_old, by_new = persons(app, OLD, NEW)
        assert len(by_old) == 2
        assert by_old[1:] == by_new
        assert len(app.records.held_for_review()) == 1


def test_a_source_that_gives_its_own_patient_another_number_keeps_the_person(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, HOSPITAL, patient("ed", identifier=[number(OLD)]), assurance="traced")
        before = persons(app, OLD)
        send(app, HOSPITAL, RENUMBERED, assurance="traced")
        assert persons(app, OLD, NEW) == [*before, *before]


@pytest.mark.parametrize(
    "sent", [f"{NEW}^^^NHS~{OLD}^^^NHS^NH^^^20240301", f"{OLD}^^^NHS^NH^^20200101^202403011200~{NEW}^^^NHS"]
)
def test_hl7_v2_says_it_by_the_end_of_an_identifier(sent: str, tmp_path: Path) -> None:
    header = "MSH|^~\\&|PAS|ZZA|CONCORD|NN|20240301130000||ADT^A31|M1|P|2.5"
    pid = f"PID|1||70001^^^PAS~{sent}||Holroyd^Margaret||19420214|F"
    with small_system(tmp_path) as app:
        feed = parse_feed(
            "organisation: ZZA\nnhs_numbers: traced\nmessages: [ADT]\n", filename="pas.yaml", folder=Path()
        )
        receiver = Receiver(feed, app.records, services=(), clock=app.clock, ids=SystemIds())
        assert receiver.take(f"{header}\rEVN|A31|20240301130000\r{pid}".encode()).became == "stored"
        found = app.records.earlier(OdsCode("ZZA")).resource("Patient", "70001")
        assert found is not None
        assert number(OLD, use="old", period={"end": "2024-03-01"}) in found["identifier"]
        by_old, by_new = persons(app, OLD, NEW)
        assert by_old == by_new
        assert len(by_old) == 1
