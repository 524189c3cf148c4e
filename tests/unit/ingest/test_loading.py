"""The load: how much at a time, what is tried again, what is counted, what is kept."""

import gzip
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from concord.base import Incorrect
from concord.fhir import encode, parse
from concord.ingest import Progress, files, loading
from concord.record import Change, Outcome
from tests.unit.ingest.fake_records import FakeRecords, loaded

Json = dict[str, Any]


def patient(id_: str, **more: Any) -> Json:
    return {"resourceType": "Patient", "id": id_, **more}


def condition(id_: str, subject: str, **more: Any) -> Json:
    return {"resourceType": "Condition", "id": id_, "subject": {"reference": subject}, **more}


def organisation(id_: str, value: str) -> Json:
    return {"resourceType": "Organization", "id": id_, "identifier": [{"system": "s", "value": value}], "name": value}


def bundle(type_: str, *resources: Json) -> bytes:
    entries = [
        {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}} for resource in resources
    ]
    return encode({"resourceType": "Bundle", "type": type_, "entry": entries})


def ndjson(*resources: Json) -> bytes:
    return b"\n".join(map(encode, resources))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, data: bytes) -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


Write = Callable[[str, bytes], Path]


def test_many_items_are_written_a_few_hundred_at_a_time(write: Write, tmp_path: Path) -> None:
    write("1", ndjson(*(organisation(f"a{number}", f"a{number}") for number in range(450))))
    for number in range(30):
        write(f"2-{number:02}", encode(organisation(f"b{number}", f"b{number}")))
    records = FakeRecords()
    report = loaded(records, tmp_path)
    assert records.writes == [(200, False), (200, False), (80, False)]
    assert (report.files, report.read, report.stored) == (31, 480, 480)


def test_patients_are_written_a_few_at_a_time_since_with_each_may_come_all_that_waited_for_it(
    write: Write, tmp_path: Path
) -> None:
    write("1", ndjson(*(patient(f"a{number}") for number in range(60))))
    records = FakeRecords()
    loaded(records, tmp_path)
    assert records.writes == [(25, False), (25, False), (10, False)]


def test_a_transaction_is_one_write_after_what_came_before_it(write: Write, tmp_path: Path) -> None:
    write("1", bundle("batch", organisation("o", "x")))
    write("2", bundle("transaction", patient("a"), condition("c", "Patient/a")))
    records = FakeRecords()
    loaded(records, tmp_path)
    assert records.writes == [(1, False), (2, True)]


def test_entries_that_name_each_other_go_in_one_write(write: Write, tmp_path: Path) -> None:
    write("1", ndjson(*(organisation(f"a{number}", f"a{number}") for number in range(150))))
    entries = [{"fullUrl": "urn:uuid:p", "resource": patient("p")}]
    entries += [{"fullUrl": f"urn:uuid:{n}", "resource": condition(f"c{n}", "urn:uuid:p")} for n in range(250)]
    write("2", encode({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    records = FakeRecords()
    report = loaded(records, tmp_path)
    assert records.writes == [(150, False), (251, False)]
    assert (report.stored, report.rejected) == (401, 0)


def test_two_bundles_about_one_thing_are_two_writes(write: Write, tmp_path: Path) -> None:
    for name in ("1", "2"):
        resource = patient("a", birthDate=f"194{name}-01-01")
        entries = [{"fullUrl": "https://x.example/Patient/a", "resource": resource}]
        write(name, encode({"resourceType": "Bundle", "type": "searchset", "entry": entries}))
    records = FakeRecords()
    report = loaded(records, tmp_path)
    assert records.writes == [(1, False), (1, False)]
    assert (report.stored, report.updated) == (1, 1)


def test_loading_again_changes_nothing_and_says_so(write: Write, tmp_path: Path) -> None:
    write("1", bundle("transaction", patient("a"), condition("c", "Patient/a")))
    write("2", ndjson(patient("b"), patient("d")))
    records = FakeRecords()
    loaded(records, tmp_path)
    report = loaded(records, tmp_path)
    assert (report.read, report.unchanged, report.exit_code) == (4, 4, 0)
    assert report.by_type == {"Condition": {"unchanged": 1}, "Patient": {"unchanged": 3}}


class TestWhatWaits:
    def test_for_a_patient_who_does_not_come(self, write: Write, tmp_path: Path) -> None:
        write("1", ndjson(condition("c", "Patient/a"), patient("b")))
        report = loaded(FakeRecords(), tmp_path)
        assert (report.read, report.stored, report.waiting, report.exit_code) == (2, 1, 1, 0)

    def test_counts_as_stored_once_the_patient_has_come(self, write: Write, tmp_path: Path) -> None:
        write("1", ndjson(*(condition(f"c{number}", "Patient/a") for number in range(250))))
        write("2", bundle("transaction", patient("a")))
        report = loaded(FakeRecords(), tmp_path)
        assert (report.read, report.stored, report.waiting) == (251, 251, 0)
        assert report.by_type["Condition"] == {"stored": 250}

    def test_and_was_read_in_an_earlier_run_is_not_counted_in_this(self, write: Write, tmp_path: Path) -> None:
        records = FakeRecords()
        loaded(records, write("1", encode(condition("c", "Patient/a"))))
        report = loaded(records, write("2", encode(patient("a"))))
        assert (report.read, report.stored, report.waiting) == (1, 1, 0)


class TestWhatIsTriedAgain:
    def wants(self, id_: str, value: str, **more: Any) -> Json:
        return patient(id_, managingOrganization={"reference": f"Organization?identifier=s|{value}"}, **more)

    @pytest.mark.parametrize("type_", ["transaction", "batch"])
    def test_after_the_rest(self, write: Write, tmp_path: Path, type_: str) -> None:
        write("1", bundle(type_, self.wants("a", "x"), patient("b")))
        write("2", encode(organisation("o", "x")))
        records = FakeRecords()
        report = loaded(records, tmp_path)
        assert (report.files, report.read, report.stored, report.rejected) == (2, 3, 3, 0)
        assert records.kept == []

    def test_through_a_chain(self, write: Write, tmp_path: Path) -> None:
        """The first needs the second, which needs the third."""
        second = organisation("o", "x") | {"partOf": {"reference": "Organization?identifier=s|y"}}
        write("1", bundle("transaction", self.wants("a", "x")))
        write("2", bundle("transaction", second))
        write("3", encode(organisation("p", "y")))
        report = loaded(FakeRecords(), tmp_path)
        assert (report.read, report.stored, report.exit_code) == (3, 3, 0)

    def test_and_then_rejected_for_good(self, write: Write, tmp_path: Path) -> None:
        sent = bundle("transaction", patient("b"), self.wants("a", "x"), patient("c"))
        write("1", sent)
        write("2", ndjson(self.wants("d", "x"), patient("e")))
        records = FakeRecords()
        report = loaded(records, tmp_path)
        assert (report.read, report.stored, report.rejected, report.exit_code) == (5, 1, 4, 3)
        assert [(Path(one.file).name, one.entry, one.position) for one in report.rejects] == [
            ("1", 1, "entry 1"),
            ("1", 2, "entry 2"),
            ("1", 3, "entry 3"),
            ("2", 1, "line 1"),
        ]
        assert report.rejects[1].reason == "A conditional reference matches 0 items."
        assert report.rejects[0].reason == "Nothing was stored, because of entry 2."
        kept = [(kept.entry, kept.kind, kept.original) for kept in records.kept]
        assert kept == [(2, "FHIR transaction", sent), (1, "FHIR resource", encode(self.wants("d", "x")) + b"\n")]

    def test_a_transaction_of_two_is_kept_under_the_reason_of_the_one_that_was_wrong(
        self, write: Write, tmp_path: Path
    ) -> None:
        write("1", bundle("transaction", patient("b"), self.wants("a", "x")))
        records = FakeRecords()
        loaded(records, tmp_path)
        assert [(kept.entry, kept.reason) for kept in records.kept] == [(2, "A conditional reference matches 0 items.")]

    def test_in_a_file_that_cannot_be_read_to_its_end(self, write: Write, tmp_path: Path) -> None:
        packed = gzip.compress(ndjson(self.wants("a", "x"), *(patient(f"b{n}", birthDate="1941") for n in range(9))))
        write("1", packed[:-4])
        write("2", encode(organisation("o", "x")))
        records = FakeRecords()
        report = loaded(records, tmp_path)
        # The last line has no end and is lost with the rest; the file is kept whole.
        assert (report.stored, report.rejected) == (10, 1)
        assert report.read == 11
        assert [(kept.kind, kept.original) for kept in records.kept] == [("file", packed[:-4])]


class TestWhatIsRejected:
    def test_by_the_record_is_kept_as_it_was_sent(self, write: Write, tmp_path: Path) -> None:
        wrong = condition("c", "Patient/a", nonsense=1)
        write("1", bundle("collection", patient("a"), wrong, condition("d", "Patient/a")))
        records = FakeRecords()
        report = loaded(records, tmp_path)
        assert (report.read, report.stored, report.rejected) == (3, 2, 1)
        (reject,), (kept,) = report.rejects, records.kept
        assert (reject.entry, reject.position) == (2, "entry 2")
        assert "Condition.nonsense" in reject.reason
        assert parse(kept.original)["resource"] == wrong

    def test_counts_in_its_list(self, write: Write, tmp_path: Path) -> None:
        write("1", bundle("transaction", *(condition(f"c{n}", "Patient/a", nonsense=1) for n in range(7))))
        write("2", b"nothing that anybody knows")
        report = loaded(FakeRecords(), tmp_path)
        assert report.rejected == len(report.rejects) == 8

    def test_every_count_adds_up(self, write: Write, tmp_path: Path) -> None:
        write("1", ndjson(patient("a"), patient("a"), patient("a", gender="male"), condition("c", "Patient/zz")))
        write("2", b'{"resourceType":"Patient"')
        numbers = loaded(FakeRecords(), tmp_path).as_json()
        assert numbers["read"] == 5
        assert [numbers[name] for name in ("stored", "updated", "unchanged", "waiting", "rejected")] == [1] * 5


def test_targets_that_are_absent_are_listed(write: Write, tmp_path: Path) -> None:
    seen = {"encounter": {"reference": "Encounter/e"}}
    first = [condition("c", "Patient/a", **seen), condition("d", "Patient/a", **seen)]
    path = write("1", ndjson(patient("a"), *first, condition("e", "Patient/a", encounter={"reference": "Encounter/f"})))
    encounter = {
        "resourceType": "Encounter",
        "id": "f",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": "Patient/a"},
    }
    write("2", encode(encounter))
    report = loaded(FakeRecords(), tmp_path)
    assert report.as_json()["unresolved"] == [
        {"target": "Encounter/e", "references": 2, "file": str(path), "position": "line 2"}
    ]


def test_numbers_that_fail_modulus_11_are_counted(write: Write, tmp_path: Path) -> None:
    system = "https://fhir.nhs.uk/Id/nhs-number"
    wrong, right = ({"system": system, "value": value} for value in ("9990003115", "9990003114"))
    write("1", ndjson(patient("a", identifier=[wrong]), patient("b", identifier=[right]), patient("c")))
    report = loaded(FakeRecords(), tmp_path)
    assert report.findings == {"NHS number fails the modulus 11 check": 1}
    assert report.exit_code == 0


def test_progress_is_told_and_ends_complete(write: Write, tmp_path: Path) -> None:
    for number in range(3):
        write(str(number), encode(patient(f"p{number}")))
    told: list[Progress] = []
    loaded(FakeRecords(), tmp_path, progress=told.append)
    assert [one.files for one in told[:3]] == [1, 2, 3]
    assert {one.files_in_all for one in told} == {3}
    assert told[-1].items == 3


def test_the_service_of_the_load_is_that_of_its_items(write: Write, tmp_path: Path) -> None:
    write("1", encode(patient("a")))
    records = FakeRecords()
    loaded(records, tmp_path, service="sexual-health")
    assert [submission.service for submission in records.submitted] == ["sexual-health"]


def test_a_path_that_does_not_exist_is_wrong_usage(write: Write, tmp_path: Path) -> None:
    records = FakeRecords()
    with pytest.raises(Incorrect):
        loaded(records, write("1", encode(patient("a"))), tmp_path / "nowhere")
    assert records.writes == []


class Forgetful(FakeRecords):
    """Stores everything and remembers nothing."""

    def write(self, changes: Sequence[Change], **more: Any) -> list[Outcome]:
        return [Outcome(status="stored", position=one.position, type="Patient", id="a") for one in changes]


def test_memory_does_not_grow_with_what_is_loaded(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_BLOCKS_AHEAD", 4)
    line = encode(patient("a", text={"status": "generated", "div": "x" * 2000})) + b"\n"
    message = b"MSH|^~\\&|A|B|||2024||ADT^A31|1\rPID|1||7^^^X||" + b"x" * 2000 + b"\r\r"
    write("1", line * 6_000)
    write("2", message * 6_000)
    tracemalloc.start()
    report = loaded(Forgetful(), tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.stored == 12_000
    assert peak < 8_000_000 < len(line) * 6_000


def test_what_the_record_raises_is_not_taken_for_a_bad_file(write: Write, tmp_path: Path) -> None:
    class Refusing(FakeRecords):
        def write(self, changes: Sequence[Change], **more: Any) -> Any:
            raise Incorrect("No organisation ZZA in the directory.")

    write("1", encode(patient("a")))
    with pytest.raises(Incorrect, match="No organisation"):
        loaded(Refusing(), tmp_path)


def test_an_unreadable_file_too_large_to_keep_is_rejected_without_its_bytes(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_LARGEST_KEPT", 10)
    write("1", b"nothing that anybody knows")
    records = FakeRecords()
    assert loaded(records, tmp_path).rejected == 1
    assert [kept.original for kept in records.kept] == [b""]
