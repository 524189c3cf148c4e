"""Whole GP records by GP Connect, as a practice's system sends them: every list is on the page, item by item."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NhsNumber, OdsCode
from concord.fhir import parse
from concord.governance import PolicyFiles
from concord.ingest import LoadReport, load
from concord.record import OpenRecord, PersonQuery
from concord.terminology import HEADINGS, Heading
from tests.signing import signatories
from tests.small_system import GP, KEYS, ORGANISATIONS, small_system
from tests.unit.record.items import sources

PRACTICE = OdsCode("ZZP01")
AGREEMENT = f"""\
agreement: own-record
title: The practice's own record
version: 1
purpose: direct-care
lawful_basis: {{gdpr: [6(1)(e), 9(2)(h)], confidence: [implied-consent]}}
in_force: {{from: 2026-01-01, review: 2027-01-01, until: 2027-12-31}}
parties: {{practices: [ZZP01]}}
clauses:
  - id: practice-sees-its-own
    from: {{organisations: practices}}
    shares: [{", ".join(heading for heading in HEADINGS if heading is not Heading.UNCLASSIFIED)}]
    with: {{organisations: practices, roles: [gp]}}
    when: [registered]
"""
POLICY = PolicyFiles(
    directory=ORGANISATIONS,
    agreements={"own-record.yaml": AGREEMENT},
    signatories=signatories("ZZP01"),
)
OF_THE_RECORD = {  # SNOMED CT codes of the lists that are the record; the others say again how these hang together
    "886921000000105", "1103671000000101", "1102181000000102", "887191000000108", "1149501000000101",
    "933361000000108", "826501000000100", "792931000000107", "714311000000108", "717711000000103",
}  # fmt: skip
TYPES = {"ProcedureRequest": "ServiceRequest", "ReferralRequest": "ServiceRequest"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path, POLICY) as app:
        yield app


def loaded(app: App, *paths: Path) -> LoadReport:
    return load(paths, app.records, organisation=PRACTICE)


def records(folder: Path, name: str) -> list[Path]:
    found = sorted((folder / "gp-connect").glob(name))
    if not found:
        pytest.skip("the GP records are not beside this checkout (../shared/data/gp-connect)")
    return found


def of_type(bundle: dict[str, Any], type_: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == type_]


def listed(bundle: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """By title: (type, logical id) of what each list of the record holds."""
    found: dict[str, list[tuple[str, str]]] = {}
    for each in of_type(bundle, "List"):
        if each["code"]["coding"][0]["code"] in OF_THE_RECORD:
            names = [entry["item"]["reference"].split("/") for entry in each.get("entry", ())]
            found[each["title"]] = [
                (TYPES.get(type_, type_), KEYS.logical_id(PRACTICE, TYPES.get(type_, type_), id_))
                for type_, id_ in names
            ]
    return found


def opened(app: App, number: str) -> OpenRecord:
    (found,) = app.records.find(PersonQuery(nhs_number=NhsNumber(number)), GP).wait()
    record = app.records.open(found.person, GP).wait()
    assert isinstance(record, OpenRecord)
    return record


def test_every_list_is_on_the_page_item_by_item(app: App, shared_data: Path) -> None:
    for path in records(shared_data, "EMIS*.json"):
        report = loaded(app, path)
        assert (report.rejected, report.waiting) == (0, 0), path.name
        bundle = parse(path.read_bytes())
        (patient,) = of_type(bundle, "Patient")
        page = opened(app, patient["identifier"][0]["value"]).summary
        shown = {(source.type, source.id) for source in sources(page)}
        for title, held in listed(bundle).items():
            assert len(set(held) & shown) == len(held), f"{path.name}: {title}"
        warned = {
            extension["valueCode"]
            for each in of_type(bundle, "List")
            for extension in each.get("extension", ())
            if "ListWarningCode" in extension["url"]
        }
        assert len(page.left_out) == len(warned), path.name


def test_the_same_record_again_is_nothing_new(app: App, shared_data: Path) -> None:
    paths = records(shared_data, "EMIS*.json")
    first, again = loaded(app, *paths), loaded(app, *paths)
    assert first.stored + first.unchanged == first.read
    assert again.unchanged == again.read == first.read


def test_a_record_with_wrong_dates_is_read_without_them(app: App, shared_data: Path) -> None:
    report = loaded(app, *records(shared_data, "malformedDate*.json"))
    assert [(one.entry, one.position) for one in report.rejects] == [
        (number, f"entry {number}") for number in (7, 141, 208, 209, 210)
    ]
    assert reasons(report.rejects[:2]) == ["AllergyIntolerance.onsetDateTime", "Encounter.period.end"]


def test_a_record_of_nobody_is_kept_aside_whole(app: App, shared_data: Path) -> None:
    report = loaded(app, *records(shared_data, "malformed*MissingPatient*.json"))
    assert (report.stored, report.rejected) == (0, 1)
    assert "holds no Patient" in report.rejects[0].reason
    assert [held.kind for held in app.records.quarantined()] == ["GP Connect record"]


def reasons(rejects: Sequence[Any]) -> list[str]:
    """The path that each reason begins with."""
    return [one.reason.split(":")[0] for one in rejects]
