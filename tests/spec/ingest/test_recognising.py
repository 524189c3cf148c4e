"""What a file is, by its content; and what is said of one that is none of what Concord reads."""

import gzip
from pathlib import Path

import pytest

from concord.fhir import encode
from tests.unit.ingest.fake_records import FakeRecords, loaded

PATIENT = encode({"resourceType": "Patient", "id": "a"})
OTHER = encode({"resourceType": "Patient", "id": "b"})
BUNDLE = encode(
    {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient", "id": "a"}}]}
)
PRETTY = b'{\n  "resourceType": "Patient",\n  "id": "a"\n}\n'
ADT = b"MSH|^~\\&|PAS|ZZA|C|N|20240301100000||ADT^A31|7|P|2.4\rPID|1||70001^^^PAS"
LAST = b"\n\n" + ADT.replace(b"70001", b"70002")
UNREAD = ADT.replace(b"ADT^A31|7", b"ADT^A60|8")
CSV = b"service_id,service,name,kind,telephone\nS1,adult-social-care,Adults,council,"

# what it is, its bytes, what is stored
READ = [
    ("a resource", PATIENT, ["Patient/a"]),
    ("a resource over several lines", PRETTY, ["Patient/a"]),
    ("a resource with a byte order mark", b"\xef\xbb\xbf" + PATIENT, ["Patient/a"]),
    ("a resource after blank lines", b"\n\n  " + PRETTY, ["Patient/a"]),
    ("a Bundle", BUNDLE, ["Patient/a"]),
    ("NDJSON", PATIENT + b"\n" + OTHER + b"\n", ["Patient/a", "Patient/b"]),
    ("NDJSON with CRLF and blank lines", PATIENT + b"\r\n\r\n" + OTHER, ["Patient/a", "Patient/b"]),
    ("NDJSON with a Bundle in it", BUNDLE + b"\n" + OTHER, ["Patient/a", "Patient/b"]),
    ("an HL7 v2 message", ADT, ["Patient/70001"]),
    ("HL7 v2 with LF", ADT.replace(b"\r", b"\n"), ["Patient/70001"]),
    ("HL7 v2 with CRLF and byte order mark", b"\xef\xbb\xbf" + ADT.replace(b"\r", b"\r\n"), ["Patient/70001"]),
    ("HL7 v2 with other delimiters", ADT.replace(b"|", b"*").replace(b"^", b":"), ["Patient/70001"]),
    ("HL7 v2 in MLLP frames", b"\x0b" + ADT + b"\r\x1c\r\x0b" + ADT.replace(b"70001", b"70002") + b"\r\x1c\r",
     ["Patient/70001", "Patient/70002"]),
    ("HL7 v2, blank lines between", ADT + LAST, ["Patient/70001", "Patient/70002"]),
    ("HL7 v2, CRLF and blank lines between", (ADT + b"\r" + LAST).replace(b"\r", b"\r\n"),
     ["Patient/70001", "Patient/70002"]),
    ("HL7 v2, nothing between", ADT + b"\r" + ADT.replace(b"70001", b"70002"), ["Patient/70001", "Patient/70002"]),
    ("an HL7 v2 batch", b"FHS|^~\\&\rBHS|^~\\&\r" + ADT + b"\rBTS|1\rFTS|1\r", ["Patient/70001"]),
    ("the council's services", CSV, ["HealthcareService/S1"]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "stored"), [(data, stored) for _, data, stored in READ])
def test_read(tmp_path: Path, data: bytes, stored: list[str]) -> None:
    (tmp_path / "whatever.bin").write_bytes(data)
    records = FakeRecords()
    report = loaded(records, tmp_path)
    assert [f"{type_}/{id_}" for type_, id_ in records.held] == stored
    assert (report.read, report.stored, report.exit_code) == (len(stored), len(stored), 0)


# its bytes, position, what is said
REFUSED = [
    (b"", "file", "The file is empty."),
    (b" \n\n", "file", "The file is empty."),
    (b"hello", "file", "The file is none of FHIR JSON, NDJSON, HL7 v2 and the council's CSV set."),
    (b"name,colour\nred,blue\n", "file", "The file is none of FHIR JSON, NDJSON, HL7 v2 and the council's CSV set."),
    (b"<Patient/>", "file", "The file looks like XML, which is not supported. Send FHIR as JSON."),
    (b"[{}]", "file", "The file is a JSON array. Send a FHIR Bundle, or NDJSON with one resource a line."),
    ('{"resourceType"'.encode("utf-16"), "file", "The file is UTF-16. Send UTF-8."),
    (b"PK\x03\x04rest", "file", "The file is a zip archive. Unpack it first."),
    (BUNDLE[:40], "line 1, column 41 (byte 40)", "The JSON ends in the middle of a value"),
    (PRETTY[:-3], "line 3, column 12 (byte 42)", "The JSON ends in the middle of a value"),
    (PATIENT.replace(b'"a"', b'"\xe9"'), "line 1, column 33 (byte 32)", "The text is not UTF-8"),
    (PATIENT + b"x", "line 1, column 37 (byte 36)", "This is not JSON"),
    (gzip.compress(PATIENT, mtime=0)[:20], "byte 20", "The file is cut short or damaged"),
    (gzip.compress(b"", mtime=0), "file", "The file is empty."),
]


@pytest.mark.parametrize(("data", "position", "said"), REFUSED)
def test_refused_whole(tmp_path: Path, data: bytes, position: str, said: str) -> None:
    (tmp_path / "file").write_bytes(data)
    records = FakeRecords()
    report = loaded(records, tmp_path)
    (reject,) = report.rejects
    assert (report.read, report.rejected, report.exit_code) == (1, 1, 3)
    assert (reject.file, reject.entry, reject.position) == (str(tmp_path / "file"), None, position)
    assert reject.reason.startswith(said)
    assert [(kept.kind, kept.original) for kept in records.kept] == [("file", data)]


# its bytes, entry, position, what is said: the rest of the file is taken in all the same
REFUSED_IN_PART = [
    (PATIENT + b"\n" + OTHER[:-3] + b"\n" + OTHER, 2, "line 2", "This is not JSON: invalid character at column 33"),
    (b"{]\n" + PATIENT + b"\n" + OTHER, 1, "line 1", "This is not JSON"),
    (PATIENT + b"\n\xff\n" + OTHER, 2, "line 2", "This is not JSON"),
    (PATIENT + b'\n{"resourceType":7}\n' + OTHER, 2, "line 2", "The resource does not say its type"),
    (ADT + b"\n\nPID|1||70009^^^PAS" + LAST, 2, "message 2, MSH", "The message has no MSH"),
    (b"PID|1||70009^^^PAS\n\n" + ADT + LAST, 1, "message 1, MSH", "The message has no MSH"),
    (ADT + b"\n\nMSH|^~\\&|PAS" + LAST, 2, "message 2, MSH-9", "The message does not say its type"),
    (ADT + b"\n\nMSH" + LAST, 2, "message 2, MSH-2", "MSH-1 and MSH-2 do not give"),
    (ADT + b"\n\nMSHA^~BC" + ADT[8:] + LAST, 2, "message 2, MSH-2", "MSH-1 and MSH-2 do not give"),
    (ADT + b"\n\n" + ADT.replace(b"ADT^A31", b"Holroyd") + LAST, 2, "message 2, MSH-9", "The field does not hold a"),
    (ADT + b"\n\n" + ADT + b"^\xe9" + LAST, 2, "message 2, MSH-18", "The text is not UTF-8 at byte 72"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "entry", "position", "said"), REFUSED_IN_PART)
def test_refused_in_part(tmp_path: Path, data: bytes, entry: int, position: str, said: str) -> None:
    (tmp_path / "file").write_bytes(data)
    records = FakeRecords()
    report = loaded(records, tmp_path)
    (reject,) = report.rejects
    assert (report.read, report.stored, report.rejected, report.exit_code) == (3, 2, 1, 3)
    assert (reject.entry, reject.position) == (entry, position)
    assert reject.reason.startswith(said)
    assert len(records.kept) == 1
    assert records.kept[0].original.strip() in data


def test_other_message_types_wait_and_are_counted(tmp_path: Path) -> None:
    (tmp_path / "messages").write_bytes(ADT + b"\n\n" + UNREAD + b"\n\n" + UNREAD.replace(b"|8|", b"|9|"))
    records = FakeRecords()
    report = loaded(records, tmp_path)
    assert (report.read, report.stored, report.waiting, report.exit_code) == (3, 1, 2, 0)
    assert report.held == {"ADT^A60": 2}
    assert [(kept.entry, kept.kind) for kept in records.kept] == [(2, "HL7 v2 ADT^A60"), (3, "HL7 v2 ADT^A60")]
    assert records.kept[0].original == UNREAD
