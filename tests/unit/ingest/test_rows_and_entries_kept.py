"""Rows of tables and entries of GP Connect bundles: kept as they came, once, with whom they are about; and told of an
item by what the item says."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import FixedClock, NotFound, OdsCode
from concord.fhir import encode
from concord.governance import Viewer
from concord.ingest import ItemMessages, load, parse_feed, taker
from concord.ingest.naming import fhir_id
from tests.small_system import (
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

ZZA = OdsCode("ZZA")
MAPPING = """\
tables:
  people:
    columns:
      id: {needed: yes}
      nhs_number: nhs-number
      family: text
      given: words
      born: date
      sex: {codes: {F: female, M: male}, others: {as: unknown}}
      road: text
      left: text
    deletes: {by: flag, column: left, words: [gone]}
    makes:
      - resource: Patient
        id: $id
        elements:
          identifier: [$nhs_number]
          name: [{family: $family, given: $given}]
          gender: $sex
          birthDate: $born
          address: [{line: [$road]}]
  problems:
    columns:
      number: {needed: yes}
      person: {needed: yes}
      problem: text
      since: date
      checked: text
      note: text
    makes:
      - resource: Condition
        id: $number
        elements:
          category:
            - coding:
                - {system: "http://terminology.hl7.org/CodeSystem/condition-category", code: problem-list-item}
          subject: {reference: Patient/$person}
          code: {text: $problem}
          onsetDateTime: $since
"""
PEOPLE = "id,nhs_number,family,given,born,sex,road,left\n"
MARGARET = f"p1,{NHS_NUMBER},Holroyd,Margaret,1942-02-14,F,17 Weavers Fold,"
SOMEBODY = "p2,,Aldous,Nobody,1970-01-01,not said,2 High St,"
PROBLEMS = "number,person,problem,since,checked,note\n"
ASTHMA, GOUT = "c1,p1,Asthma,2019-06-03,yes,by phone", "c2,p1,Gout,2020-01-01,yes,"


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as app:
        yield app


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    """Where the feed `extract` is described, with its mapping."""
    (tmp_path / "extract-mapping.yaml").write_text(MAPPING, encoding="utf-8")
    text = "organisation: ZZA\nkind: table\ntransport: folder\nmapping: extract-mapping.yaml\n"
    (tmp_path / "extract.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def takes(app: App, feeds: Path, **files: Sequence[str]) -> None:
    """Files of the feed, by their names, in this order."""
    for name, rows in files.items():
        path = feeds / f"{name}.csv"
        header = PEOPLE if name == "people" else PROBLEMS
        path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
        description = parse_feed((feeds / "extract.yaml").read_text(), filename="extract.yaml", folder=feeds)
        report = taker(description, app.records, services=(), clock=app.clock, ids=app.ids)(path)
        assert not report.rejects


def attends(app: App) -> None:
    """The person attends, so that the hospital's doctors see what it holds."""
    send(app, HOSPITAL, patient("hx-1"), attendance("hx-e1", "hx-1"))


def id_of(type_: str, source_id: str, of: OdsCode = ZZA) -> str:
    return KEYS.logical_id(of, type_, source_id)


def whole(app: App, type_: str, source_id: str, of: OdsCode = ZZA) -> list[str]:
    kept = app.records.originals.of_item(type_, id_of(type_, source_id, of)).wait()
    return [each.content.decode() for each in kept]


def told(app: App, feeds: Path, type_: str, source_id: str, who: Viewer = ED_DOCTOR) -> list[dict[str, str]]:
    of = OdsCode("ZZP01") if who.organisation == "ZZP01" else ZZA
    messages = ItemMessages(app.records, feeds)
    behind = messages.behind(type_, id_of(type_, source_id, of), who).wait()
    return [{each.field: each.text for each in message.said} for message in behind.messages]


def kept(app: App) -> list[tuple[str | None, str]]:
    """With which patient each lies (None: on a shelf), and where it stood."""
    with app.store.reading() as reading:
        rows = reading.rows(
            "SELECT s.patient, o.place FROM original o JOIN source_patient s ON s.number = o.source_patient "
            "ORDER BY o.place"
        )
    return [(row[0], row[1]) for row in rows]


# -- rows ------------------------------------------------------------------------------------------------------------


def test_a_row_is_kept_with_its_header_once_however_often_it_comes(app: App, feeds: Path) -> None:
    for _ in range(2):
        takes(app, feeds, people=[MARGARET, SOMEBODY], problems=[ASTHMA, GOUT])
    assert whole(app, "Condition", "c1") == [PROBLEMS + ASTHMA]
    assert whole(app, "Patient", "p2") == [PEOPLE + SOMEBODY]
    patients = {name: id_of("Patient", name) for name in ("p1", "p2")}
    assert kept(app) == [
        (patients["p1"], "people.csv:2"), (patients["p2"], "people.csv:3"),
        (patients["p1"], "problems.csv:2"), (patients["p1"], "problems.csv:3"),
    ]  # fmt: skip


def test_each_version_has_its_row(app: App, feeds: Path) -> None:
    takes(app, feeds, people=[MARGARET], problems=[ASTHMA])
    takes(app, feeds, problems=[ASTHMA.replace("2019-06-03", "2018-06-03")])
    assert sorted(whole(app, "Condition", "c1")) == sorted(
        [PROBLEMS + ASTHMA, PROBLEMS + ASTHMA.replace("2019-06-03", "2018-06-03")]
    )


def test_the_row_of_what_waits_for_its_patient_comes_to_that_patient(app: App, feeds: Path) -> None:
    takes(app, feeds, problems=[ASTHMA])
    assert [patient for patient, _ in kept(app)] == [None]
    takes(app, feeds, people=[MARGARET])
    assert {patient for patient, _ in kept(app)} == {id_of("Patient", "p1")}
    assert whole(app, "Condition", "c1") == [PROBLEMS + ASTHMA]


def test_a_row_that_says_that_somebody_is_gone_is_kept_where_they_lay(app: App, feeds: Path) -> None:
    takes(app, feeds, people=[SOMEBODY])
    takes(app, feeds, people=[f"{SOMEBODY}gone"])
    assert kept(app) == [(id_of("Patient", "p2"), "people.csv:2")] * 2


def test_what_is_refused_of_a_file_lies_in_quarantine_alone(app: App, feeds: Path) -> None:
    (feeds / "people.csv").write_text(PEOPLE + SOMEBODY.replace("1970-01-01", "never") + "\n", encoding="utf-8")
    description = parse_feed((feeds / "extract.yaml").read_text(), filename="extract.yaml", folder=feeds)
    report = taker(description, app.records, services=(), clock=app.clock, ids=app.ids)(feeds / "people.csv")
    assert len(report.rejects) == 1
    assert kept(app) == []


def test_a_row_is_found_by_where_it_stood_and_whoever_looks_is_told_to_the_person(app: App, feeds: Path) -> None:
    takes(app, feeds, people=[MARGARET], problems=[ASTHMA, GOUT])
    (found,) = app.records.originals.at_place("problems.csv:3").wait()
    assert (found.kind, found.content.decode()) == ("Row of extract-mapping problems", PROBLEMS + GOUT)
    with pytest.raises(NotFound, match="Nothing of this name"):
        app.records.originals.at_place("problems.csv:4").wait()
    with app.store.reading() as reading:
        rows = reading.rows("SELECT outcome, person IS NULL FROM audit WHERE action = 'original' ORDER BY number")
    assert [(outcome, bool(nobody)) for outcome, nobody in rows] == [("shown", False), ("nothing", True)]


def test_the_columns_that_an_item_has_its_words_from(app: App, feeds: Path) -> None:
    takes(app, feeds, people=[MARGARET], problems=[ASTHMA, GOUT])
    attends(app)
    assert told(app, feeds, "Condition", "c1") == [{"problem": "Asthma", "since": "2019-06-03"}]
    (said,) = told(app, feeds, "Patient", "p1")
    assert said == {
        "nhs_number": NHS_NUMBER, "family": "Holroyd", "given": "Margaret", "born": "1942-02-14", "sex": "F",
        "road": "17 Weavers Fold",
    }  # fmt: skip


def test_what_else_the_row_and_its_file_hold_makes_no_difference(app: App, feeds: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    takes(app, feeds, people=[MARGARET, SOMEBODY], problems=[ASTHMA, GOUT])
    attends(app)
    with small_system(tmp_path / "other") as other:
        takes(other, feeds, people=[MARGARET], problems=["c1,p1,Asthma,2019-06-03,no,beaten by her son"])
        attends(other)
        assert told(app, feeds, "Condition", "c1") == told(other, feeds, "Condition", "c1")


def test_a_word_that_the_mapping_does_not_know_is_not_told(app: App, feeds: Path) -> None:
    takes(app, feeds, people=[MARGARET.replace(",F,", ",see her HIV notes,")])
    attends(app)
    (said,) = told(app, feeds, "Patient", "p1")
    assert "sex" not in said


def test_where_a_protected_person_lives_is_not_told_of_a_row(app: App, feeds: Path) -> None:
    takes(app, feeds, people=[MARGARET])
    attends(app)
    protected = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    send(app, PRACTICE, patient("gp-1", meta={"security": [protected]}))
    (said,) = told(app, feeds, "Patient", "p1")
    assert "family" in said
    assert "road" not in said


def test_of_a_row_that_was_overtaken_what_still_stands_is_told_once(app: App, feeds: Path) -> None:
    takes(app, feeds, people=[MARGARET], problems=[ASTHMA])
    attends(app)
    takes(app, feeds, problems=[ASTHMA.replace("2019-06-03", "2018-06-03")])
    assert told(app, feeds, "Condition", "c1") == [{"problem": "Asthma", "since": "2018-06-03"}]


def test_a_row_that_the_mapping_reads_otherwise_today_is_kept_and_not_told(app: App, feeds: Path) -> None:
    takes(app, feeds, people=[MARGARET], problems=[ASTHMA])
    attends(app)
    changed = MAPPING.replace("      problem: text\n", "      trouble: text\n").replace("$problem", "$trouble")
    (feeds / "extract-mapping.yaml").write_text(changed, encoding="utf-8")
    assert told(app, feeds, "Condition", "c1") == [{}]
    assert whole(app, "Condition", "c1") == [PROBLEMS + ASTHMA]


@pytest.mark.parametrize("who", [viewer("gp", "ZZP01"), viewer("district-nurse", "ZZC"), viewer("receptionist", "ZZA")])
def test_a_row_is_nobody_elses(app: App, feeds: Path, who: Viewer) -> None:
    takes(app, feeds, people=[MARGARET], problems=[ASTHMA])
    attends(app)
    with pytest.raises(NotFound, match="There is no message to show"):
        ItemMessages(app.records, feeds).behind("Condition", id_of("Condition", "c1"), who).wait()


def test_a_fixed_width_row(app: App, feeds: Path) -> None:
    fixed = """\
format: fixed-width
tables:
  problems:
    files: problems*
    columns:
      number: {needed: yes, at: 1-4}
      person: {needed: yes, at: 5-8}
      problem: {at: 9-20}
    makes:
      - resource: Condition
        id: $number
        elements:
          subject: {reference: Patient/$person}
          code: {text: $problem}
"""
    takes(app, feeds, people=[MARGARET])
    attends(app)
    (feeds / "extract-mapping.yaml").write_text(fixed, encoding="utf-8")
    (feeds / "problems.txt").write_text("c1  p1  Asthma      \n", encoding="utf-8")
    description = parse_feed((feeds / "extract.yaml").read_text(), filename="extract.yaml", folder=feeds)
    taker(description, app.records, services=(), clock=app.clock, ids=app.ids)(feeds / "problems.txt")
    assert whole(app, "Condition", "c1") == ["c1  p1  Asthma      "]
    assert told(app, feeds, "Condition", "c1") == [{"problem": "Asthma"}]


def test_a_row_of_the_councils_set_is_told_of_each_item_that_it_made(app: App, tmp_path: Path) -> None:
    header = (
        "person_id,nhs_number,family_name,given_name,date_of_birth,sex,address_line,town,postcode,telephone,"
        "share_choice,updated_at"
    )
    row = (
        f"p1,{NHS_NUMBER},Holroyd,Margaret,1942-02-14,F,17 Weavers Fold,Northfield,NF4 2ZZ,,share,2026-11-01T09:00:00Z"
    )
    (tmp_path / "people.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    load([tmp_path / "people.csv"], app.records, organisation=ZZA)
    assert whole(app, "Patient", "p1") == whole(app, "Consent", fhir_id("p1", "share-choice")) == [f"{header}\n{row}"]


# -- entries of GP Connect ---------------------------------------------------------------------------------------------

PROFILE = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"


def gp_record(*resources: dict[str, Any]) -> dict[str, Any]:
    of = {"resourceType": "Patient", "id": "g1", "active": True} | {
        name: value for name, value in patient("g1").items() if name != "address"
    }
    entries = [{"resource": each} for each in (of, *resources)]
    return {"resourceType": "Bundle", "type": "collection", "meta": {"profile": [PROFILE]}, "entry": entries}


def problem(source_id: str = "c1", words: str = "Asthma", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition", "id": source_id, "clinicalStatus": "active", "code": {"text": words},
        "subject": {"reference": "Patient/g1"}, "context": {"reference": "Encounter/e1"}, "assertedDate": "2019-06-03",
    } | more  # fmt: skip


def sends_record(app: App, tmp_path: Path, *resources: dict[str, Any]) -> None:
    (tmp_path / "record.json").write_bytes(encode(gp_record(*resources)))
    load([tmp_path / "record.json"], app.records, organisation=OdsCode("ZZP01"), assurance="traced")


def test_an_entry_is_kept_in_its_own_version_of_fhir_once(app: App, tmp_path: Path) -> None:
    for _ in range(2):
        sends_record(app, tmp_path, problem())
    assert whole(app, "Condition", "c1", OdsCode("ZZP01")) == [encode(problem()).decode()]
    assert len(kept(app)) == 2
    (found,) = app.records.originals.at_place("record.json:2").wait()
    assert found.content == encode(problem())


def test_the_elements_that_an_item_has_its_words_from(app: App, tmp_path: Path) -> None:
    sends_record(app, tmp_path, problem(), problem("c2", "Gout"))
    assert told(app, tmp_path, "Condition", "c1", GP) == [
        {"clinicalStatus": "active", "code": "text: Asthma", "assertedDate": "2019-06-03"}
    ]


def test_what_stands_in_a_contained_allergy_is_kept_under_that_allergy(app: App, tmp_path: Path) -> None:
    ended = {
        "resourceType": "AllergyIntolerance", "id": "a1", "clinicalStatus": "resolved",
        "verificationStatus": "unconfirmed",
        "code": {"text": "Penicillin"}, "patient": {"reference": "Patient/g1"}, "assertedDate": "2001-01-01",
    }  # fmt: skip
    ended_list = {
        "resourceType": "List", "id": "l1", "status": "current", "mode": "snapshot", "title": "Ended allergies",
        "subject": {"reference": "Patient/g1"}, "contained": [ended], "entry": [{"item": {"reference": "#a1"}}],
    }  # fmt: skip
    sends_record(app, tmp_path, ended_list)
    assert whole(app, "AllergyIntolerance", fhir_id("l1", "a1"), OdsCode("ZZP01")) == [encode(ended).decode()]
    assert whole(app, "List", "l1", OdsCode("ZZP01")) == [encode(ended_list).decode()]
    (said,) = told(app, tmp_path, "AllergyIntolerance", fhir_id("l1", "a1"), GP)
    assert said["code"] == "text: Penicillin"


def test_of_an_r4_bundle_nothing_is_kept_beside_its_items(app: App, tmp_path: Path) -> None:
    send(app, PRACTICE, patient("gp-1"), condition("gp-c1", "gp-1"))
    assert kept(app) == []
    with pytest.raises(NotFound, match="There is no message to show"):
        told(app, tmp_path, "Condition", "gp-c1", GP)


# -- whoever comes after -----------------------------------------------------------------------------------------------


def test_a_successor_is_told_what_its_predecessor_was(tmp_path: Path, feeds: Path) -> None:
    directory = POLICY.directory.replace(
        "    kind: acute-trust\n", "    kind: acute-trust\n    succeeded_by: {code: ZZN, on: 2026-11-23}\n"
    ) + "  - {code: ZZN, name: Northfield Infirmary, short: Hospital, kind: acute-trust}\n"  # fmt: skip
    new = viewer("doctor", "ZZN", service="emergency-department")
    (tmp_path / "merged").mkdir()
    with small_system(tmp_path / "merged", replace(POLICY, directory=directory)) as app:
        takes(app, feeds, people=[MARGARET], problems=[ASTHMA])
        attends(app)
        asked = "Condition", id_of("Condition", "c1")
        with pytest.raises(NotFound):
            ItemMessages(app.records, feeds).behind(*asked, new).wait()
        assert isinstance(app.clock, FixedClock)
        app.clock.instant += timedelta(days=1)
        (message,) = ItemMessages(app.records, feeds).behind(*asked, new).wait().messages
        assert [each.field for each in message.said] == ["problem", "since"]
        send(app, COMMUNITY, patient("cx-1"))  # nor is what others sent its own
        with pytest.raises(NotFound):
            ItemMessages(app.records, feeds).behind("Patient", id_of("Patient", "cx-1", OdsCode("ZZC")), new).wait()
