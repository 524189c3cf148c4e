"""Input that is wrong, late or contradictory, through the real record: what is said and kept, what a rerun does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NhsNumber, OdsCode
from concord.ingest import Assurance, LoadReport, load
from concord.record import OpenRecord, PersonQuery
from tests.small_system import ED_DOCTOR, GP, NHS_NUMBER, attendance, condition, patient, small_system

Json = dict[str, Any]


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as app:
        yield app


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    folder = tmp_path / "feed"
    folder.mkdir()
    return folder


def loaded(app: App, *paths: Path, organisation: str = "ZZP01", **more: Any) -> LoadReport:
    assurance: Assurance = "traced"
    return load(paths, app.records, organisation=OdsCode(organisation), assurance=assurance, **more)


def counts(report: LoadReport) -> tuple[int, int, int, int, int]:
    """Stored, updated, unchanged, waiting, rejected."""
    assert report.read == report.stored + report.updated + report.unchanged + report.waiting + report.rejected
    return report.stored, report.updated, report.unchanged, report.waiting, report.rejected


def put(path: Path, *resources: Json) -> Path:
    path.write_text("\n".join(map(json.dumps, resources)), encoding="utf-8")
    return path


def transaction(path: Path, *resources: Json) -> Path:
    entries = [
        {
            "fullUrl": f"urn:uuid:{number}",
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        for number, resource in enumerate(resources)
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return path


def collection(path: Path, *resources: Json) -> Path:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return path


def practitioner(value: str) -> Json:
    return {"resourceType": "Practitioner", "id": f"d{value}", "identifier": [{"system": "urn:x", "value": value}]}


def without_id(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "id"}


# what is wrong with the one item in the middle of a feed, and how its rejection begins
WRONG: list[tuple[Json, str]] = [
    ({"resourceType": "Pateint", "id": "x"}, "resourceType: one of the resource types of R4"),
    ({"resourceType": "Patient", "id": "x", "name": "Holroyd"}, "Patient.name: an array"),
    ({"resourceType": "Patient", "id": "x", "birthDate": "1942-02-30"}, "Patient.birthDate: date"),
    ({"resourceType": "Patient", "id": "x", "meta": [7]}, "Patient.meta: one value, not an array"),
    (condition("x", "p1") | {"subject": {"reference": 7}}, "Condition.subject.reference: string"),
    (
        condition("x", "p1") | {"subject": {"reference": "urn:uuid:9"}},
        "Condition.subject: A reference to urn:uuid:9 names no entry",
    ),
    (
        condition("x", "p1") | {"subject": {"reference": "Patient?"}},
        "Condition.subject: A conditional reference to Patient cannot be used",
    ),
    (
        condition("x", "p1") | {"subject": {"reference": "Patient?name=%"}},
        "Condition.subject: A conditional reference to Patient matches 0",
    ),
    (
        condition("x", "p1") | {"subject": {"reference": "Nonsense?a=b"}},
        "Condition.subject: A conditional reference to Nonsense cannot be",
    ),
    (
        condition("c9", "p1", evidence=[{"detail": [{"reference": "#15"}]}]),
        "Condition.evidence[0].detail[0].reference: a contained resource that is there",
    ),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_one_wrong_item_is_told_and_kept_and_the_others_are_in(app: App, feed: Path, wrong: Json, said: str) -> None:
    path = put(feed / "1.ndjson", patient("p1"), wrong, condition("c1", "p1"))
    report = loaded(app, feed)
    assert counts(report) == (2, 0, 0, 0, 1)
    (reject,) = report.rejects
    assert (reject.file, reject.entry, reject.position) == (str(path), 2, "line 2")
    assert reject.reason.startswith(said)
    (held,) = app.records.quarantined()
    assert (held.file, held.position, held.size) == (str(path), "line 2", len(json.dumps(wrong)) + 1)
    assert counts(loaded(app, feed)) == (0, 0, 2, 0, 1)
    assert len(app.records.quarantined()) == 1


# Odd, and right by R4: what a reference says where nothing can be looked up, and the ends of time and number.
ODD: list[Json] = [
    {"subject": {"reference": "Patient/p1"}, "evidence": [{"detail": [{"reference": "Not supported by the sender"}]}]},
    {"evidence": [{"detail": [{"reference": "https://elsewhere.example/fhir/Observation/1"}]}]},
    {"recorder": {"reference": "urn:uuid:6555b7a7-380d-46ff-a1c5-7abc4e68f8bc"}},
    {"onsetDateTime": "0001-01-01T00:00:00+14:00", "abatementDateTime": "9999-12-31T23:59:59-14:00"},
    {"onsetDateTime": "2016-12-31T23:59:60Z"},
    {"onsetAge": {"value": 1}, "recordedDate": "0001"},
]


@pytest.mark.parametrize("more", ODD)
def test_what_is_odd_and_right_is_taken_in_and_opens(app: App, feed: Path, more: Json) -> None:
    put(feed / "1.ndjson", patient("p1"), condition("c1", "p1") | more)
    assert counts(loaded(app, feed)) == (2, 0, 0, 0, 0)
    assert counts(loaded(app, feed)) == (0, 0, 2, 0, 0)
    assert opened_types(app, GP) == ["Condition", "Patient"]


@pytest.mark.parametrize("value", ["1e999999999", "-1e-999999999", "123456789012345678901234567890.123"])
def test_a_number_beyond_all_measure_is_kept_as_sent(app: App, feed: Path, value: str) -> None:
    observation = (
        '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},'
        '"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":%s,"unit":"g"}}'
    )
    (feed / "1.ndjson").write_text(f"{json.dumps(patient('p1'))}\n{observation % value}", encoding="utf-8")
    assert counts(loaded(app, feed)) == (2, 0, 0, 0, 0)
    assert counts(loaded(app, feed)) == (0, 0, 2, 0, 0)


def opened_types(app: App, viewer: Any, number: str = NHS_NUMBER) -> list[str]:
    found = app.records.find(PersonQuery(nhs_number=NhsNumber(number)), viewer).wait()
    record = app.records.open(found[0].person, viewer).wait() if found else None
    return sorted(item.type for item in record.items) if isinstance(record, OpenRecord) else []


class TestATransactionOfThousands:
    def resources(self, wrong: Json | None = None) -> list[Json]:
        subject = {"subject": {"reference": "urn:uuid:0"}}
        whole = [without_id(patient("p"))]
        whole += [without_id(condition("", "") | subject | {"code": {"text": str(n)}}) for n in range(2_999)]
        if wrong is not None:
            whole[1_700] |= wrong
        return whole

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"clinicalStatus": 7}, "Condition.clinicalStatus: an object"),
            (
                {"encounter": {"reference": "urn:uuid:none"}},
                "Condition.encounter: A reference to urn:uuid:none names no entry",
            ),
        ],
    )
    def test_one_wrong_entry_keeps_all_of_it_out_until_it_is_mended(
        self, app: App, feed: Path, wrong: Json, said: str
    ) -> None:
        path = transaction(feed / "1.json", *self.resources(wrong))
        report = loaded(app, feed)
        assert counts(report) == (0, 0, 0, 0, 3_000)
        (guilty,) = [reject for reject in report.rejects if reject.reason.startswith(said)]
        assert (guilty.entry, guilty.position) == (1_701, "entry 1701")
        others = {reject.reason for reject in report.rejects if reject is not guilty}
        assert others == {"Nothing of this transaction was stored, because of entry 1701."}
        (held,) = app.records.quarantined()
        assert held.size == path.stat().st_size
        transaction(path, *self.resources())
        assert counts(loaded(app, feed)) == (3_000, 0, 0, 0, 0)


class TestWhatComesTooLate:
    def test_the_patient_in_a_later_file(self, app: App, feed: Path) -> None:
        put(feed / "1.ndjson", condition("c1", "p1"), condition("c2", "p1"))
        put(feed / "2.ndjson", patient("p1"))
        assert counts(loaded(app, feed)) == (3, 0, 0, 0, 0)
        assert counts(loaded(app, feed)) == (0, 0, 3, 0, 0)
        assert opened_types(app, GP) == ["Condition", "Condition", "Patient"]

    def test_the_patient_in_a_later_run(self, app: App, feed: Path) -> None:
        first, second = put(feed / "1.ndjson", condition("c1", "p1")), put(feed / "2.ndjson", patient("p1"))
        for _ in range(2):
            assert counts(loaded(app, first)) == (0, 0, 0, 1, 0)
        assert counts(loaded(app, second)) == (1, 0, 0, 0, 0)
        assert opened_types(app, GP) == ["Condition", "Patient"]
        assert counts(loaded(app, feed)) == (0, 0, 2, 0, 0)

    def test_the_newest_of_what_waited_is_what_enters(self, app: App, feed: Path) -> None:
        first = put(feed / "1.ndjson", attendance("e1", "p1"))
        second = put(feed / "2.ndjson", attendance("e1", "p1", status="entered-in-error"))
        for path in (first, second, put(feed / "3.ndjson", patient("p1"))):
            loaded(app, path, organisation="ZZA")
        assert opened_types(app, ED_DOCTOR) == []

    def test_what_a_condition_asks_for_in_a_later_file(self, app: App, feed: Path) -> None:
        late = condition("c1", "p1") | {"recorder": {"reference": "Practitioner?identifier=urn:x|1"}}
        transaction(feed / "1.json", patient("p1"), late)
        put(feed / "2.ndjson", practitioner("1"))
        assert counts(loaded(app, feed)) == (3, 0, 0, 0, 0)
        assert app.records.quarantined() == []
        assert counts(loaded(app, feed)) == (0, 0, 3, 0, 0)

    def test_what_a_condition_asks_for_in_a_later_run(self, app: App, feed: Path) -> None:
        late = condition("c1", "p1") | {"recorder": {"reference": "Practitioner?identifier=urn:x|1"}}
        first = put(feed / "1.ndjson", patient("p1"), late)
        report = loaded(app, first)
        assert counts(report) == (1, 0, 0, 0, 1)
        assert report.rejects[0].reason == (
            "Condition.recorder: A conditional reference to Practitioner matches 0 items; it must match one."
        )
        loaded(app, put(feed / "2.ndjson", practitioner("1")))
        assert counts(loaded(app, first)) == (1, 0, 1, 0, 0)


class TestWhoIsWho:
    def test_one_number_on_two_people_is_held_and_never_merged(self, app: App, feed: Path) -> None:
        other = patient("p2", birthDate="1971-07-01", name=[{"family": "Okafor", "given": ["Chidi"]}])
        put(feed / "1.ndjson", patient("p1"), other, condition("c1", "p1"), condition("c2", "p2", "Asthma"))
        assert counts(loaded(app, feed)) == (4, 0, 0, 0, 0)
        number = PersonQuery(nhs_number=NhsNumber(NHS_NUMBER))
        people = {one.person for one in app.records.find(number, GP).wait()}
        for person in people:
            record = app.records.open(person, GP).wait()
            assert isinstance(record, OpenRecord)
            assert len({item.resource["subject"]["reference"] for item in record.items if item.type == "Condition"}) < 2
        assert counts(loaded(app, feed)) == (0, 0, 4, 0, 0)

    def test_the_same_person_registered_twice_is_one_person_with_both(self, app: App, feed: Path) -> None:
        put(feed / "1.ndjson", patient("p1"), patient("p2"), condition("c1", "p1"), condition("c2", "p2"))
        assert counts(loaded(app, feed)) == (4, 0, 0, 0, 0)
        assert opened_types(app, GP) == ["Condition", "Condition", "Patient", "Patient"]

    @pytest.mark.parametrize("number", ["9990003115", "999000311", "abc"])
    def test_a_wrong_number_is_kept_as_sent_and_finds_nobody(self, app: App, feed: Path, number: str) -> None:
        put(feed / "1.ndjson", patient("p1", number=number), condition("c1", "p1"))
        report = loaded(app, feed)
        assert counts(report) == (2, 0, 0, 0, 0)
        assert report.findings == {"NHS number fails the modulus 11 check": 1}
        assert app.records.find(PersonQuery(nhs_number=NhsNumber(number)), GP).wait() == []


class TestTheSameTwice:
    def test_one_file_twice_in_one_command(self, app: App, feed: Path) -> None:
        path = transaction(feed / "1.json", patient("p1"), condition("c1", "p1"))
        assert counts(loaded(app, path, path)) == (2, 0, 2, 0, 0)

    def test_one_id_twice_in_a_bundle_that_is_no_transaction(self, app: App, feed: Path) -> None:
        collection(feed / "1.json", patient("p1"), patient("p1", gender="male"), condition("c1", "p1"))
        report = loaded(app, feed)
        assert counts(report) == (2, 0, 0, 0, 1)
        assert (report.rejects[0].position, report.rejects[0].reason) == (
            "entry 2",
            "This entry has the type and id of entry 1.",
        )

    def test_the_same_entry_twice_in_a_bundle_is_passed_over_and_counted(self, app: App, feed: Path) -> None:
        collection(feed / "1.json", patient("p1"), patient("p1"), condition("c1", "p1"))
        report = loaded(app, feed)
        assert counts(report) == (2, 0, 0, 0, 0)
        assert report.passed_over == {"entry that repeats another": 1}

    def test_one_id_twice_in_lines_is_a_newer_version(self, app: App, feed: Path) -> None:
        put(feed / "1.ndjson", patient("p1"), patient("p1", gender="male"), patient("p1", gender="male"))
        assert counts(loaded(app, feed)) == (1, 1, 1, 0, 0)


def test_a_result_does_not_draw_the_patient_into_its_service(app: App, feed: Path) -> None:
    """The laboratory of sexual health repeats who the patient is; the hospital's Patient stays the hospital's."""
    pid = f"PID|1||70001^^^PAS~{NHS_NUMBER}^^^NHS||Holroyd^Margaret||19420214|F"
    admission = f"MSH|^~\\&|PAS|ZZA|C|N|20261122014700||ADT^A01|1|P|2.4\r{pid}\rPV1|1|E|Majors||||||||||||||||V1"
    result = (
        f"MSH|^~\\&|LAB|ZZA|C|N|20261122020000||ORU^R01|2|P|2.4\r{pid}\rOBR|1||F1|HIV^HIV test^L\r"
        "OBX|1|ST|HIV^HIV test^L||negative||||||F"
    )
    (feed / "1.hl7").write_text(admission, encoding="utf-8", newline="")
    (feed / "2.hl7").write_text(result, encoding="utf-8", newline="")
    assert counts(loaded(app, feed / "1.hl7", organisation="ZZA")) == (2, 0, 0, 0, 0)
    report = loaded(app, feed / "2.hl7", organisation="ZZA", service="sexual-health", services={"sexual-health"})
    assert counts(report) == (2, 0, 0, 0, 0)
    assert opened_types(app, ED_DOCTOR) == ["Encounter", "Patient"]
