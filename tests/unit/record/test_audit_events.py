"""Who has looked, as FHIR AuditEvents: for those who may audit, of whom they may know of, without what was seen."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import Incorrect, OdsCode
from concord.fhir import parse, parse_search, survey
from concord.governance import Viewer
from concord.record import PersonQuery
from tests.small_system import (
    AGREEMENT,
    COMMUNITY,
    ED_DOCTOR,
    GP,
    HOSPITAL,
    KEYS,
    NHS_NUMBER,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
    viewer,
)

OFFICER = viewer("privacy-officer", "ZZA", name="Pat Officer")
NAMED = ("patient", f"https://fhir.nhs.uk/Id/nhs-number|{NHS_NUMBER}")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A doctor and a GP have looked, a source has written."""
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        person = app.records.find(PersonQuery(nhs_number=NHS_NUMBER), ED_DOCTOR).wait()[0].person
        app.records.open(person, ED_DOCTOR).wait()
        item = app.records.search(parse_search("Condition", []), GP).wait().items[0]
        app.records.read("Condition", item.id, GP).wait()
        yield app


def asked(app: App, *pairs: tuple[str, str], by: Viewer = OFFICER) -> Any:
    return app.records.search(parse_search("AuditEvent", list(pairs)), by).wait()


def events(found: Any) -> list[dict[str, Any]]:
    return [parse(each.wire) for each in found.items]


def test_an_officer_reads_who_looked_latest_first(app: App) -> None:
    found = events(asked(app, NAMED))
    assert [each["subtype"][0]["code"] for each in found] == ["read", "search-type", "search-type", "search-type"]
    assert [each["agent"][0]["role"][0]["text"] for each in found][::3] == ["GP", "doctor"]
    first = found[0]
    assert first["meta"]["profile"] == [
        "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
    ]
    assert first["purposeOfEvent"][0]["coding"][0]["code"] == "TREAT"
    assert first["entity"][0]["what"]["identifier"]["value"] == NHS_NUMBER
    assert len({each["id"] for each in found}) == 4


def test_a_patient_is_named_by_an_id_of_the_officers_own_organisation_alone(app: App) -> None:
    """Else the id would tell that another organisation, which may share nothing, has that Patient."""
    own, others = (KEYS.logical_id(OdsCode(code), "Patient", id_) for code, id_ in (("ZZA", "h1"), ("ZZP01", "p1")))
    assert len(asked(app, ("patient", f"Patient/{own}")).items) == 4
    assert asked(app, ("patient", f"Patient/{others}")).items == ()


def test_which_sources_know_the_person_is_not_told(tmp_path: Path) -> None:
    """By the name of a clause that opens, to somebody else, what only such a source could send."""
    more = """\
  - id: gp-sees-community
    from: {organisations: community}
    shares: [core]
    with: {organisations: practices, roles: [gp]}
    when: [registered]
"""
    with small_system(tmp_path, replace(POLICY, agreements={"direct-care.yaml": AGREEMENT + more})) as app:
        send(app, PRACTICE, patient("p1"))
        send(app, COMMUNITY, patient("m1"))
        app.records.search(parse_search("Patient", []), GP).wait()
        found = asked(app, NAMED)
        assert found.items
        assert not any(b"gp-sees-community" in each.wire for each in found.items)
        rows = b"".join(app.records.audit.audit_events())
        assert b"gp-sees-community" in rows  # for whoever runs Concord


def test_what_was_seen_is_not_told(app: App) -> None:
    item = app.records.search(parse_search("Condition", []), GP).wait().items[0]
    for each in asked(app, NAMED).items:
        assert item.id.encode() not in each.wire
        assert b"count" not in each.wire
        assert b"problems" not in each.wire
        assert b"shown" not in each.wire


def test_they_are_resources_of_r4(app: App) -> None:
    for each in asked(app, NAMED).items:
        assert not survey(parse(each.wire)).breaches


def test_pages_follow_on_one_another_also_while_looks_are_added(app: App) -> None:
    whole = [each["id"] for each in events(asked(app, NAMED))]
    paged: list[str] = []
    page: tuple[tuple[str, str], ...] = ()
    for _ in range(4):
        found = asked(app, NAMED, ("_count", "1"), *page)
        paged += [each["id"] for each in events(found)]
        page = (("_page", found.next or ""),)
    assert len(set(paged)) == 4
    assert [each for each in paged if each in whole] == [each for each in whole if each in paged]
    assert len([each for each in paged if each in whole]) == 3


def test_the_search_is_a_look_itself(app: App) -> None:
    asked(app, NAMED)
    newest = events(asked(app, NAMED))[0]
    assert newest["agent"][0]["who"]["display"].startswith("Pat Officer")


def test_dates_narrow(app: App) -> None:
    assert len(asked(app, NAMED, ("date", "2026-11-22")).items) == 4
    assert asked(app, NAMED, ("date", "lt2026-11-22")).items == []
    assert len(asked(app, NAMED, ("date", "ge2026-11-22"), ("date", "lt2026-11-23")).items) == 6
    with pytest.raises(Incorrect, match="date"):
        asked(app, NAMED, ("date", "ne2026-11-22"))


@pytest.mark.parametrize(
    "pairs", [(), (("patient", "a,b"),), (NAMED, ("outcome", "0")), (NAMED, ("_sort", "date")),
              (NAMED, ("_summary", "count"))],
)  # fmt: skip
def test_what_is_not_supported_is_refused(pairs: tuple[tuple[str, str], ...], app: App) -> None:
    with pytest.raises(Incorrect):
        asked(app, *pairs)


def test_nobody_else_and_of_nobody_unknown(app: App) -> None:
    assert asked(app, NAMED, by=GP).items == []
    assert asked(app, ("patient", "Patient/" + "q" * 24)).items == ()
    assert asked(app, ("patient", "https://fhir.nhs.uk/Id/nhs-number|9990003122")).items == ()


def test_every_row_can_be_handed_out_as_fhir(app: App) -> None:
    found = [parse(each) for each in app.records.audit.audit_events()]
    with app.store.reading() as reading:
        row = reading.row("SELECT count(*) FROM audit")
    assert row == (len(found),)
    assert {each["action"] for each in found} == {"E", "R", "C"}
    for each in app.records.audit.audit_events():
        assert not survey(parse(each)).breaches
