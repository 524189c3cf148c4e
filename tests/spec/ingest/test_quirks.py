"""What suppliers' FHIR is like, quirk by quirk: what is forgiven, what is refused, and in which words.

Each is a file by a whole system. What is refused is held whole, so that nothing is lost; what cannot be told to be
somebody's is refused, since it would be in nobody's record.
"""

from pathlib import Path
from typing import Any

import pytest

from concord.fhir import encode
from concord.ingest import LoadReport, load
from tests.small_system import PRACTICE, small_system

Json = dict[str, Any]
PERSON: Json = {"resourceType": "Patient", "id": "p1"}
AT = "https://supplier.example/fhir"
URN = "urn:uuid:0D4A7A2E-0000-4000-8000-00000000000F"
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">Dr A</div>'
OWN_META = {"versionId": "7", "lastUpdated": "2020-01-01T00:00:00Z", "source": "urn:theirs"}
SAYS = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]}
DOCTOR = {"resourceType": "Practitioner", "id": "a", "text": {"status": "generated", "div": DIV}}


def problem(of: str = "Patient/p1", **more: Any) -> Json:
    return {"resourceType": "Condition", "id": "c1", "subject": {"reference": of}, "code": {"text": "Asthma"}} | more


def found(*resources: Json, kind: str = "searchset") -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in resources]}


def named(of: Json, url: str, pointing: str) -> Json:
    entries = [{"resource": of, "fullUrl": url}, {"resource": problem(pointing)}]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def taken(sent: bytes, folder: Path) -> tuple[LoadReport, int]:
    """The report, and how many items lie with nobody."""
    (folder / "sent.json").write_bytes(sent)
    (folder / "data").mkdir()
    with small_system(folder / "data") as app:
        report = load([folder / "sent.json"], app.records, organisation=PRACTICE.organisation)
        homes = "SELECT count(*) FROM item WHERE (home, source_patient) NOT IN (SELECT home, source_patient FROM item "
        with app.store.reading() as reading:
            (row,) = reading.rows(f"{homes} JOIN word ON word.number = item.type WHERE word.text = 'Patient')")
    return report, int(row[0])


BOTH = {"Patient": 1, "Condition": 1}
FORGIVEN = {
    "a byte order mark": (b"\xef\xbb\xbf" + encode(found(PERSON, problem())), BOTH, {}),
    "lines that end in CR LF": (
        b"\r\n".join(map(encode, (PERSON, problem()))) + b"\r\n", BOTH, {},
    ),
    "the address of an entry": (encode(named(PERSON, f"{AT}/Patient/p1", f"{AT}/Patient/p1")), BOTH, {}),
    "an entry's address, relative": (encode(named(PERSON, f"{AT}/Patient/p1", "Patient/p1")), BOTH, {}),
    "a version in the reference": (encode(found(PERSON, problem("Patient/p1/_history/3"))), BOTH, {}),
    "a UUID in capitals here, in small letters there": (encode(named(PERSON, URN, URN.lower())), BOTH, {}),
    "the other way round": (encode(named(PERSON, URN.lower(), URN)), BOTH, {}),
    "an OID for an entry": (encode(named(PERSON, "urn:oid:1.2.3", "urn:oid:1.2.3")), BOTH, {}),
    "the Patient after what is theirs": (encode(found(problem(), PERSON)), BOTH, {}),
    "the supplier's own version, time and source": (encode(found(PERSON | {"meta": OWN_META}, problem())), BOTH, {}),
    "the same entry twice, as several matches include it": (
        encode(found(PERSON, problem(), PERSON)), BOTH, {"entry that repeats another": 1},
    ),
    "what a search says of itself": (
        encode(found(PERSON, problem(), SAYS)), BOTH, {"OperationOutcome of a search": 1},
    ),
    "narrative in what is contained, as STU3 forbade": (
        encode(found(PERSON, problem(contained=[DOCTOR], asserter={"reference": "#a"}))), BOTH, {},
    ),
    "a subject by a condition": (
        encode(found(PERSON | {"identifier": [{"system": AT, "value": "7"}]}, problem(f"Patient?identifier={AT}|7"))),
        BOTH, {},
    ),
    "an answer that found nothing": (b'{"resourceType": "Bundle", "type": "searchset", "total": 0}', {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("quirk", FORGIVEN)
def test_what_is_forgiven(quirk: str, tmp_path: Path) -> None:
    sent, becomes, passed_over = FORGIVEN[quirk]
    report, astray = taken(sent, tmp_path)
    assert {type_: counts["stored"] for type_, counts in report.by_type.items()} == becomes
    assert (report.rejects, dict(report.passed_over), astray) == ((), passed_over, 0)


WHOSE = "Condition.subject: This is not written as a reference, so nobody can say whose the item is."
LOWER = encode(found({"resourceType": "patient", "id": "p1"}))
OBSERVED = {
    "resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "Weight"},
    "subject": {"reference": "Patient/p1"}, "valueQuantity": {"value": "5.5"},
}  # fmt: skip
TIMED = problem(recordedDate="2020-01-01T10:00:00")
REFUSED = {
    "a type in small letters": (LOWER, "entry 1", "resourceType: one of the resource types of R4"),
    "no type": (encode(found({"id": "p1"})), "entry 1", "The resource does not say its type"),
    "a reference that begins with a slash": (encode(found(PERSON, problem("/Patient/p1"))), "entry 2", WHOSE),
    "one in small letters": (encode(found(PERSON, problem("patient/p1"))), "entry 2", WHOSE),
    "an id alone": (encode(found(PERSON, problem("p1"))), "entry 2", WHOSE),
    "an id with a letter that ids have not": (encode(found(problem("Patient/p_1"))), "entry 1", WHOSE),
    "such an id of a Patient": (encode(found(PERSON | {"id": "p_1"})), "entry 1", "Patient.id: id: 1 to 64 letters"),
    "an id that is a number": (encode(found(PERSON | {"id": 1})), "entry 1", "Patient.id is not a string."),
    "an address that is no entry's": (
        encode(found(PERSON, problem(f"{AT}/Patient/p1"))), "entry 2",
        "Condition.subject: This is an address elsewhere",
    ),
    "the urn of no entry": (encode(found(PERSON, problem(URN))), "entry 2", "Condition.subject: A reference to urn:"),
    "two entries of one id that differ": (
        encode(found(PERSON, PERSON | {"gender": "male"})), "entry 2", "This entry has the type and id of entry 1.",
    ),
    "an entry without a resource": (encode({"resourceType": "Bundle", "type": "searchset", "entry": [{"link": []}]}),
                                    "entry 1", "The entry has no resource."),
    "one entry that is no list": (encode({"resourceType": "Bundle", "type": "searchset", "entry": {}}),
                                  "resource", "Bundle.entry is not a list."),
    "null for what is not known": (b'{"resourceType": "Patient", "id": "p1", "gender": null}', "resource",
                                   "Patient.gender: no null"),
    "an empty list": (encode(PERSON | {"name": []}), "resource", "Patient.name: no empty array"),
    "an empty text": (encode(PERSON | {"gender": ""}), "resource", "Patient.gender: no empty text"),
    "a number in quotes": (encode(found(OBSERVED)), "entry 1", "Observation.valueQuantity.value: decimal: a number"),
    "a boolean in quotes": (encode(PERSON | {"active": "true"}), "resource", "Patient.active: boolean: true or false"),
    "a date as people write it": (encode(PERSON | {"birthDate": "14/02/1942"}), "resource", "Patient.birthDate: date:"),
    "a time without its offset": (encode(found(TIMED)), "entry 1", "Condition.recordedDate: dateTime:"),
    "a code of another version": (encode(PERSON | {"gender": "M"}), "resource", "Patient.gender: a code of the value"),
    "an element of their own": (encode(PERSON | {"nhsNumber": "1"}), "resource", "Patient.nhsNumber: R4 has no such"),
    "HTML for a narrative": (
        encode(PERSON | {"text": {"status": "generated", "div": "<p>x</p>"}}), "resource", "Patient.text.div: xhtml:",
    ),
    "a comma too many": (b'{"resourceType": "Patient", "id": "p1",}', "line 1, column", "This is not JSON"),
    "UTF-16": ("{}".encode("utf-16"), "file", "The file is UTF-16. Send UTF-8."),
    "Windows-1252": (
        '{"resourceType": "Patient", "id": "p1", "name": [{"family": "Noël"}]}'.encode("cp1252"), "line 1, column",
        "The text is not UTF-8",
    ),
}  # fmt: skip


@pytest.mark.parametrize("quirk", REFUSED)
def test_what_is_refused(quirk: str, tmp_path: Path) -> None:
    sent, position, reason = REFUSED[quirk]
    report, astray = taken(sent, tmp_path)
    ((at, why),) = [(each.position, each.reason) for each in report.rejects]
    assert at.startswith(position), at
    assert why.startswith(reason), why
    assert astray == 0, "nothing is kept where nobody looks"
