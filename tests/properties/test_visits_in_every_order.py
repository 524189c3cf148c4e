"""Updates of a visit, what is cancelled of it, and how it is described come to one in whatever order they arrive."""

from random import Random
from typing import Any

import pytest

from concord.fhir import parse
from tests.properties.every_order import NULL, SEEDS, after, ends, hold_to_one_state
from tests.spec.ingest.test_hl7v2_cancelled import course, told

ADMITTED = told("A01", "0900", "Ash")
MOVED = told("A02", "1200", "Beech")

# messages in order of time -> status, class, places
STORIES = {
    "an admission that never was, updates before it, between, and after it": (
        [told("A08", "0830", "Ash"), ADMITTED, told("A08", "1000", "Ash"), told("A08", "1030", "Ash"),
         told("A11", "1100"), told("A08", "1200", "Ash"), told("A08", "1300", "Beech")],
        ("entered-in-error", "IMP", []),
    ),
    "an update said after the cancellation, of a time before it": (
        [ADMITTED, told("A08", "1000", "Ash"), told("A11", "1100"), told("A08", "1200", "Ash", of="0930")],
        ("entered-in-error", "IMP", []),
    ),
    "admitted after all, under the same number": (
        [ADMITTED, told("A08", "0930", "Ash"), told("A02", "1000", "Beech"), told("A11", "1100"),
         told("A08", "1130", "Ash"), told("A01", "1200", "Cedar"), told("A08", "1300", "Cedar")],
        ("in-progress", "IMP", ["Cedar 12:00-"]),
    ),
    "the emergency department, where the patient still is": (
        [told("A04", "0800", "Majors", class_="E"), told("A08", "0830", "Majors", class_="E"), ADMITTED,
         told("A08", "0930", "Ash"), told("A11", "1000", class_="E"), told("A08", "1030", "Majors", class_="E"),
         told("A08", "1100", "Minors", class_="E")],
        ("in-progress", "EMER", ["Majors 08:00-11:00", "Minors 11:00-"]),
    ),
    "expected, there, and expected again": (
        [told("A05", "0800", "Ash"), told("A08", "0830", "Ash"), told("A01", "0900", "Beech"),
         told("A08", "0930", "Beech"), told("A02", "0945", "Cedar"), told("A11", "1000"), told("A08", "1030", "Ash")],
        ("planned", "IMP", ["Ash -"]),
    ),
    "expected no more": (
        [told("A05", "0800", "Ash"), told("A08", "0830", "Beech"), told("A38", "0900"), told("A08", "0930", "Beech")],
        ("entered-in-error", "IMP", []),
    ),
    "a transfer cancelled, updates before it, between, and after it": (
        [ADMITTED, told("A08", "1000", "Ash"), MOVED, told("A08", "1230", "Beech"), told("A12", "1300"),
         told("A08", "1330", "Ash"), told("A08", "1400", "Ash")],
        ("in-progress", "IMP", ["Ash 09:00-"]),
    ),
    "a transfer cancelled, and an update that knows better": (
        [ADMITTED, MOVED, told("A08", "1230", "Beech"), told("A12", "1300"), told("A08", "1400", "Beech"),
         told("A08", "1500", "Beech")],
        ("in-progress", "IMP", ["Ash 09:00-14:00", "Beech 14:00-"]),
    ),
    "a transfer, and updates that know the way back": (
        [ADMITTED, told("A08", "1000", "Ash"), MOVED, told("A08", "1300", "Beech"), told("A08", "1400", "Ash"),
         told("A08", "1500", "Ash")],
        ("in-progress", "IMP", ["Ash 09:00-12:00", "Beech 12:00-14:00", "Ash 14:00-"]),
    ),
    "a discharge cancelled, updates before it, between, and after it": (
        [ADMITTED, told("A08", "1000", "Ash"), told("A03", "1700", "Ash"), told("A08", "1730", "Ash"),
         told("A13", "1800"), told("A08", "1830", "Ash")],
        ("in-progress", "IMP", ["Ash 09:00-"]),
    ),
    "a discharge cancelled, and home at last": (
        [ADMITTED, told("A03", "1700", "Ash"), told("A08", "1730", "Ash"), told("A13", "1800"),
         told("A08", "1830", "Beech"), told("A03", "2000", "Beech"), told("A08", "2030", "Beech")],
        ("finished", "IMP", ["Ash 09:00-18:30", "Beech 18:30-20:00"]),
    ),
    "to a scan that was cancelled, and updates": (
        [ADMITTED, told("A09", "1000", "Scanner"), told("A08", "1005", "Ash"), told("A33", "1010"),
         told("A10", "1100", "Scanner"), told("A32", "1105"), told("A08", "1110", "Ash")],
        ("in-progress", "IMP", ["Ash 09:00-"]),
    ),
}  # fmt: skip


def described(event: str, at: str, *, doctor: str = "", service: str = "", reason: str = "", number: str = "") -> str:
    """One that describes the visit: who treats (PV1-7), for what service (PV1-10), why (PV2-3)."""
    segments = told(event, at).split("\r")
    fields = segments[3].split("|")
    fields[7], fields[10] = doctor and named(doctor), service
    segments[3:] = ["|".join(fields), f"PV2|||{reason}"]
    return "\r".join(segments).replace(f"|M{event}20240110{at}|", f"|{number or event + at}|")


def named(doctor: str) -> str:
    return doctor if doctor == NULL else f"{doctor}^{doctor}"


# messages in order of time -> who treats, service, reason
DESCRIBED = {
    "the doctor changes, and an update is silent": (
        [described("A01", "0900", doctor="Asher"), described("A02", "1000", doctor="Bell"), described("A08", "1100")],
        (["Bell"], "", ""),
    ),
    "each is told by another message": (
        [described("A01", "0900", doctor="Asher"), described("A08", "1000", service="300"),
         described("A02", "1100", reason="Fall"), described("A08", "1200", doctor="Bell"), described("A03", "1300")],
        (["Bell"], "300", "Fall"),
    ),
    "what was said is taken back, and some of it said again": (
        [described("A01", "0900", doctor="Asher", service="300", reason="Fall"),
         described("A08", "1000", doctor=NULL, service=NULL, reason=NULL), described("A08", "1100"),
         described("A08", "1200", reason="Collapse"), described("A03", "1300")],
        ([], "", "Collapse"),
    ),
    "changed, and changed back": (
        [described("A01", "0900", doctor="Asher", service="300"), described("A08", "1000", doctor="Bell"),
         described("A08", "1100", service="320"), described("A08", "1200", doctor="Asher", service="300")],
        (["Asher"], "300", ""),
    ),
    "three of one moment: the last number counts": (
        [described("A08", "0900", doctor="Asher", service="300", reason="Fall", number="9"),
         described("A08", "0900", doctor="Bell", number="10"), described("A08", "0900", service="320", number="11"),
         described("A01", "0900", number="12")],
        (["Bell"], "320", "Fall"),
    ),
    "with a transfer that was cancelled": (
        [described("A01", "0900", doctor="Asher"), described("A02", "1000", doctor="Bell", reason="Fall"),
         described("A12", "1100", doctor="Asher"), described("A08", "1200", service="300")],
        (["Asher"], "300", "Fall"),
    ),
}  # fmt: skip

KINDS = ("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A08", "A08", "A09", "A10", "A11", "A12", "A13",
         "A14", "A32", "A33", "A38")  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_every_order_however_often_each_is_told_comes_to_one_course(name: str) -> None:
    story, becomes = STORIES[name]
    in_order = after(story)
    assert course(parse(in_order["Encounter", "V1"])) == becomes
    found, places = ends(story)
    assert places == 2 ** len(story), "what is held follows from which messages were told, and from nothing else"
    assert found == [in_order]


def any_event(chance: Random, number: str) -> str:
    at, ward = f"{chance.randrange(9, 15):02}00", chance.choice(("", "Ash", "Beech"))
    return told(chance.choice(KINDS), at, ward, class_=chance.choice("IE"), of=chance.choice(("", "", "0930")))


@pytest.mark.parametrize("seed", SEEDS)
def test_events_drawn_by_chance_come_to_one_course(seed: int) -> None:
    """Not all are stories that a hospital would tell."""
    hold_to_one_state(any_event, seed)


@pytest.mark.parametrize("name", DESCRIBED)
def test_who_treats_for_what_service_and_why_is_the_last_word_of_each_in_every_order(name: str) -> None:
    story, becomes = DESCRIBED[name]
    in_order = after(story)
    assert description(parse(in_order["Encounter", "V1"])) == becomes
    found, _ = ends(story)
    assert found == [in_order]


def description(encounter: dict[str, Any]) -> tuple[list[str], str, str]:
    doctors = [one["individual"]["display"] for one in encounter.get("participant", ())]
    service, reason = (
        found.get("coding", [{}])[0].get("code", "")
        for found in (encounter.get("serviceType", {}), encounter.get("reasonCode", [{}])[0])
    )
    return doctors, service, reason


def any_description(chance: Random, number: str) -> str:
    return described(
        chance.choice(("A01", "A02", "A08", "A08", "A03", "A13")), f"{chance.randrange(9, 13):02}00",
        doctor=chance.choice(("", "Asher", "Bell", NULL)), reason=chance.choice(("", "Fall", NULL)),
        service=chance.choice(("", "300", "320", NULL)), number=number,
    )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_descriptions_drawn_by_chance_are_the_same_in_any_order(seed: int) -> None:
    """Silent, said, and taken back; several of one moment."""
    hold_to_one_state(any_description, seed)
