"""What is written about people: sound FHIR, in order of time, and in disagreement where life is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from concord.demo import codes
from concord.demo.chart import Chart
from concord.demo.life import Life
from concord.fhir import check

TODAY = date(2026, 11, 22)
Resource = dict[str, Any]
_DATES = {"start", "authoredOn", "recordedDate", "onsetDateTime", "abatementDateTime", "effectiveDateTime", "date"} | {
    "performedDateTime", "occurrenceDateTime", "created", "dateTime", "issued", "dateAsserted",
}  # fmt: skip


def charts(life: Life) -> list[Chart]:
    return [*life.charts.values(), *([life.prescribing] if life.prescribing else [])]


def resources(life: Life, holder: str = "", kind: str = "") -> list[Resource]:
    return [
        each
        for chart in charts(life)
        for each in chart.resources
        if holder in ("", chart.holder) and kind in ("", each["resourceType"])
    ]


def about(life: Life, kind: str, name: str, element: str = "code") -> list[Resource]:
    """The resources of a type that carry our code `name`, whoever holds them."""
    return [each for each in resources(life, kind=kind) if each[element]["coding"][0]["code"] == name]


def dates(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _DATES and isinstance(inner, str):
                yield inner[:10]
            else:
                yield from dates(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from dates(inner)


def codings(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if "system" in value and "code" in value:
            yield value["system"], value["code"]
        for inner in value.values():
            yield from codings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from codings(inner)


def test_every_resource_is_sound_r4(everyone: Sequence[Life]) -> None:
    breaches = [(each["resourceType"], found) for life in everyone for each in resources(life) for found in check(each)]
    assert breaches == []


def test_every_id_is_used_once_by_its_organisation(everyone: Sequence[Life]) -> None:
    seen: set[tuple[str, str, str]] = set()
    for life in everyone:
        for chart in charts(life):
            for each in chart.resources:
                key = (chart.holder, each["resourceType"], each["id"])
                assert key not in seen
                seen.add(key)


def test_every_code_comes_from_the_table_or_from_a_system_that_may_be_shipped(everyone: Sequence[Life]) -> None:
    known = {(each.system, each.code) for each in codes.codes()}
    structural = {
        codes.CONCORD + name
        for name in (
            "service", "seal", "sensitivity", "choice", "service-request-category", "episode-type", "team",
            "flag-category", "proxy",
        )
    }  # fmt: skip
    free = (codes.HL7, codes.UCUM)
    found = {pair for life in everyone for each in resources(life) for pair in codings(each)}
    assert {pair for pair in found - known if not pair[0].startswith(free) and pair[0] not in structural} == set()


def test_every_row_of_the_table_says_where_it_comes_from() -> None:
    for row in codes.codes():
        assert row.source
        assert row.licence in ("Apache-2.0", "LOINC licence")
        assert not re.search("snomed|icd|bnf|dm\\+d", row.system, re.IGNORECASE)
        if row.system == codes.LOINC:
            digits, check_digit = row.code.split("-")
            assert luhn(digits) == int(check_digit), f"{row.name}: {row.code} is no LOINC code"


def luhn(digits: str) -> int:
    """The modulus 10 check digit that LOINC codes end in (LOINC Users' Guide, appendix C)."""
    doubled = [int(each) * (2 if place % 2 == 0 else 1) for place, each in enumerate(reversed(digits))]
    return -sum(each - 9 if each > 9 else each for each in doubled) % 10


def test_nothing_happens_before_birth_or_after_midnight_but_for_one_slip(everyone: Sequence[Life]) -> None:
    """So that whatever is true now is true from the first minute of the day on which the demo stands."""
    late = set()
    for life in everyone:
        for each in resources(life):
            if each["resourceType"] == "Appointment":
                continue
            for day in dates(each):
                assert day >= life.person.born_on.isoformat()
                if day >= TODAY.isoformat():
                    late.add(life.person.key)
        for message in (one for record in life.registrations for one in record.messages):
            assert life.person.born_on < message.when.date() < TODAY
    assert late == {"future_dated"}


def test_the_dead_have_no_care_after_death(by_key: Mapping[str, Life]) -> None:
    life = by_key["died"]
    died_on = life.person.died_on
    assert died_on is not None
    assert life.practice.resources[0]["active"] is False
    assert not resources(life, kind="Appointment")
    kinds = [one.kind for record in life.registrations for one in record.messages if one.when.date() > died_on]
    assert kinds == ["ADT^A31"]


def test_peggy_has_the_largest_record(everyone: Sequence[Life], by_key: Mapping[str, Life]) -> None:
    def size(life: Life) -> int:
        messages = [one.text for record in life.registrations for one in record.messages]
        return len(resources(life)) + sum(text.count("\rOBX|") + text.count("\rOBR|") for text in messages)

    assert max(everyone, key=size) is by_key["peggy"]
    assert size(by_key["peggy"]) >= 700


def test_peggys_copies_disagree(by_key: Mapping[str, Life]) -> None:
    peggy = by_key["peggy"]
    apixaban = about(peggy, "MedicationRequest", "apixaban", "medicationCodeableConcept")
    assert [each["dosageInstruction"][0]["text"] for each in apixaban] == ["2.5 mg twice a day"]
    elsewhere = about(peggy, "MedicationStatement", "apixaban", "medicationCodeableConcept")
    assert {each["dosage"][0]["text"] for each in elsewhere} == {"5 mg twice a day"}
    assert [each["status"] for each in about(peggy, "MedicationRequest", "ramipril", "medicationCodeableConcept")] == [
        "active"
    ]
    assert [
        each["status"] for each in about(peggy, "MedicationStatement", "ramipril", "medicationCodeableConcept")
    ] == ["stopped"]
    allergies = {each["code"]["coding"][0]["code"] for each in resources(peggy, "ZZB", "AllergyIntolerance")}
    assert allergies == {"no-known-allergies"}
    assert len(about(peggy, "AllergyIntolerance", "penicillin")) == 2
    assert [each["patient"] for each in about(peggy, "AllergyIntolerance", "latex")] == [
        {"reference": f"Patient/{peggy.charts['ZZC'].patient_id}"}
    ]


def test_a_result_stands_in_the_practices_feed_and_in_the_hospitals(by_key: Mapping[str, Life]) -> None:
    peggy = by_key["peggy"]
    surgery = [each for each in about(peggy, "Observation", "2823-3") if each["effectiveDateTime"][:10] == "2026-11-09"]
    assert [str(each["valueQuantity"]["value"]) for each in surgery] == ["5.1"]
    laboratory = [one.text for one in peggy.hospital().messages if "2026110909" in one.text]
    assert any("|2823-3^Potassium^LN||5.1|mmol/L^^UCUM|3.5-5.3|N|" in text for text in laboratory)


def test_a_diabetic_is_looked_after_as_one(everyone: Sequence[Life]) -> None:
    diabetics = [
        life
        for life in everyone
        if life.person.key.startswith("p0")
        and any(each.finding == "type-2-diabetes" and each.since.year < 2024 for each in life.held)
    ]
    assert len(diabetics) > 10
    for life in diabetics:
        assert len(about(life, "Observation", "59261-8")) >= 2
        assert about(life, "Procedure", "diabetic-foot-check")
        assert about(life, "DocumentReference", "retinal-screening-letter", "type")


def test_choices_and_seals_are_as_the_stories_say(by_key: Mapping[str, Life]) -> None:
    def choices(key: str) -> list[tuple[str, str, bool]]:
        return [
            (each["category"][0]["coding"][0]["code"], each["provision"]["type"], "extension" in each)
            for each in resources(by_key[key], kind="Consent")
        ]

    def seals(key: str) -> set[str]:
        return {
            value
            for each in resources(by_key[key])
            for system, value in codings(each.get("meta", {}).get("security", []))
            if system == codes.CONCORD + "seal"
        }

    assert choices("objector") == [("objection", "deny", False)]
    assert choices("silent_objector") == [("objection", "deny", True)]
    assert by_key["silent_objector"].council().share_choice == "objects-silently"
    assert choices("share_out") == [("share-out", "deny", False)]
    assert seals("sealed_flagged") == {"flagged"}
    assert seals("sealed_locked") == {"locked"}
    assert by_key["protected"].practice.resources[0]["meta"]["security"][0]["code"] == "R"


def test_who_is_in_the_hospital_now(by_key: Mapping[str, Life]) -> None:
    for key in ("peggy", "same_name", "yusuf", "unsigned", "objector", "child", "termination", "share_out"):
        assert last_visit(by_key[key]) == ("ADT^A04", "E"), key
    for key in ("caseload", "sealed_locked", "gender_history", "mental_health", "twice_registered"):
        assert last_visit(by_key[key]) == ("ADT^A01", "I"), key
    for key in ("tail", "discharged"):
        assert last_visit(by_key[key]) == ("ADT^A03", "I"), key
    for key in ("no_link", "twin", "sibling", "crew_at_home"):
        assert by_key[key].registrations == [], key


def last_visit(life: Life) -> tuple[str, str]:
    """The last message about a visit: its type and patient class."""
    kinds = ("ADT^A01", "ADT^A02", "ADT^A03", "ADT^A04")
    last = [one for record in life.registrations for one in record.messages if one.kind in kinds][-1]
    pv1 = next(segment for segment in last.text.split("\r") if segment.startswith("PV1"))
    return last.kind, pv1.split("|")[2]


def test_one_person_was_registered_twice(by_key: Mapping[str, Life]) -> None:
    first, second = by_key["twice_registered"].registrations
    assert first.copy.nhs_number == second.copy.nhs_number
    assert first.copy.local_id != second.copy.local_id
    assert first.copy.given != second.copy.given


def test_copies_of_ordinary_people_differ_now_and_then(everyone: Sequence[Life]) -> None:
    ordinary = [life for life in everyone if life.person.key.startswith("p0")]
    copies = [(life.person, record.copy) for life in ordinary for record in life.registrations]
    assert any(copy.given != person.given for person, copy in copies)
    assert any(copy.address != person.address for person, copy in copies)
    assert any(not copy.nhs_number for _, copy in copies)
    agreeing = [1 for person, copy in copies if copy.family == person.family and copy.nhs_number]
    assert len(agreeing) > 0.9 * len(copies)


def test_nobody_shares_a_bed(everyone: Sequence[Life]) -> None:
    places: list[str] = []
    for life in everyone:
        open_visits: dict[str, str] = {}
        for message in (one for record in life.registrations for one in record.messages):
            pv1 = next((segment.split("|") for segment in message.text.split("\r") if segment.startswith("PV1")), [])
            if message.kind in ("ADT^A01", "ADT^A02", "ADT^A04"):
                open_visits[pv1[19]] = pv1[3]
            elif message.kind == "ADT^A03":
                del open_visits[pv1[19]]
        assert len(open_visits) <= 1
        places += open_visits.values()
    assert len(places) > 25
    assert len(set(places)) == len(places)
