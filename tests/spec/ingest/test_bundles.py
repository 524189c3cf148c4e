"""What a Bundle's entries become: one write or many, under which id, and what is refused where."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from concord.fhir import encode, parse
from concord.ingest import load
from concord.ingest.bundles import pieces
from concord.ingest.model import Group, Piece, Refusal, Remark, Sent
from concord.ingest.stream import Stream
from tests.small_system import PRACTICE, small_system
from tests.unit.ingest.fake_records import feed

POST = {"method": "POST", "url": "Patient"}
Json = dict[str, Any]


def patient(id_: str | None = "a") -> Json:
    return {"resourceType": "Patient"} | ({"id": id_} if id_ else {})


def bundle(type_: str, *entries: Any) -> Json:
    return {"resourceType": "Bundle", "type": type_, "entry": list(entries)}


def read(document: Json) -> list[Piece]:
    stream = Stream(iter([encode(document)]))
    stream.head(10)
    return [piece for piece in pieces(stream, feed()) if not isinstance(piece, Group) or piece.sent]


def sent(found: Sequence[Piece]) -> list[Sent]:
    return [one for piece in found if isinstance(piece, Group) for one in piece.sent]


def refused(found: Sequence[Piece]) -> dict[str, str]:
    return {piece.position: piece.reason for piece in found if isinstance(piece, Refusal)}


def entry(resource: Any = None, **more: Any) -> Json:
    return {"resource": resource or patient(), "request": POST} | more


@pytest.mark.parametrize(
    ("type_", "atomic"),
    [("transaction", True), ("message", True), ("batch", False), ("collection", False), ("searchset", False),
     ("document", False)],
)  # fmt: skip
def test_a_transaction_or_message_is_one_write_and_the_others_are_many(type_: str, atomic: bool) -> None:
    found = read(bundle(type_, entry(patient("a")), entry(patient("b"))))
    assert [piece.atomic for piece in found if isinstance(piece, Group)] == [atomic]
    assert [(one.entry, one.submission.position, one.submission.source_id) for one in sent(found)] == [
        (1, "entry 1", "a"),
        (2, "entry 2", "b"),
    ]


# the entry, its source id, its condition
NAMES = [
    (entry(patient("a"), fullUrl="urn:uuid:1"), "a", None),
    (entry(patient(None), fullUrl="urn:uuid:1"), "urn:uuid:1", None),
    (entry(patient("a"), request={"method": "PUT", "url": "Patient/a"}), "a", None),
    (entry(patient(None), request={"method": "PUT", "url": "Patient/a"}), "a", None),
    (entry(patient("a"), request=POST | {"ifNoneExist": "identifier=x|1"}), "a", "identifier=x|1"),
    (entry(patient(None), request=POST | {"ifNoneExist": "identifier=x|1"}), None, "identifier=x|1"),
]


@pytest.mark.parametrize(("one", "source_id", "condition"), NAMES)
def test_what_an_entry_is_called(one: Json, source_id: str | None, condition: str | None) -> None:
    (found,) = sent(read(bundle("transaction", one)))
    assert (found.submission.source_id, found.submission.if_none_exist) == (source_id, condition)


def test_what_nothing_names_is_known_by_its_content() -> None:
    ids = [
        sent(read(patient(None) | {"gender": gender}))[0].submission.source_id for gender in ("male", "male", "other")
    ]
    assert ids[0] == ids[1] != ids[2]
    assert len(str(ids[0])) == 40


@pytest.mark.parametrize("type_", ["transaction", "collection"])
def test_equals_that_nothing_names_stay_as_many_as_they_are(type_: str) -> None:
    document = bundle(type_, *[entry(patient(None))] * 3)
    ids = [one.submission.source_id for one in sent(read(document))]
    assert len(set(ids)) == 3
    assert [one.submission.source_id for one in sent(read(document))] == ids


NOT_TAKEN = "is not taken from files; POST and PUT are."
NO_CONDITION = "A conditional update (request.url with a query) is not taken from files; PUT [type]/[id] is."
NOT_THE_URL = "request.url of a PUT is [type]/[id] with the id of the resource."
NOT_THE_TYPE = "request.url does not name the type of the resource"

# the entry, what is said of it
WRONG = [
    ("not an object", "The entry is not an object."),
    ({"request": POST}, "The entry has no resource."),
    ({"resource": patient()}, "The entry has no request, which each entry of a transaction has."),
    (entry({"id": "a"}), "The resource does not say its type: resourceType is missing or is not a string."),
    (entry({"resourceType": "Patient", "id": 7}), "Patient.id is not a string."),
    (entry(fullUrl=7), "The entry's fullUrl is not a string."),
    (entry(request="POST"), "The entry's request is not an object."),
    (entry(request={"url": "Patient"}), "The entry's request has no method."),
    (entry(request={"method": "POST"}), "The entry's request has no url."),
    ({"request": {"method": "DELETE", "url": "Patient/a"}}, f"The method DELETE {NOT_TAKEN}"),
    (entry(request={"method": "PATCH", "url": "Patient/a"}), f"The method PATCH {NOT_TAKEN}"),
    (entry(request={"method": "Smith", "url": "Patient/a"}), f"The request.method of this entry {NOT_TAKEN}"),
    (entry(request={"method": "PUT", "url": "Patient?identifier=1"}),
     NO_CONDITION),
    (entry(request={"method": "PUT", "url": "Patient/b"}), NOT_THE_URL),
    (entry(request={"method": "PUT", "url": "Patient"}), NOT_THE_URL),
    (entry(request={"method": "POST", "url": "Patient/a"}), "request.url of a POST names the type alone."),
    (entry(request={"method": "POST", "url": "Encounter"}), f"{NOT_THE_TYPE}, Patient."),
    (entry(request=POST | {"ifMatch": "1"}), "request.ifMatch is not taken from files: versions are Concord's own."),
    (entry(request=POST | {"ifNoneExist": 7}), "request.ifNoneExist is not a string."),
    (entry(bundle("collection")), f"{NOT_THE_TYPE}, Bundle."),
    (entry(bundle("batch"), request=POST | {"url": "Bundle"}), "A transaction takes no Bundle as an entry."),
    (entry(patient("z")), "This entry has the type and id of entry 1."),
    (entry(patient("c"), fullUrl="urn:uuid:z"), "This entry has the fullUrl of entry 1."),
]  # fmt: skip


@pytest.mark.parametrize(("one", "said"), WRONG)
def test_one_wrong_entry_refuses_a_transaction_whole(one: Any, said: str) -> None:
    document = bundle("transaction", entry(patient("z"), fullUrl="urn:uuid:z"), one)
    found = read(document)
    assert refused(found) == {
        "entry 1": "Not stored, because its transaction was rejected for entry 2.",
        "entry 2": said,
    }
    assert [piece.original and parse(piece.original()) for piece in found if isinstance(piece, Refusal)] == [
        None,
        document,
    ]


def test_one_wrong_entry_of_a_batch_is_refused_alone() -> None:
    wrong = {"request": {"method": "DELETE", "url": "Patient/a"}}
    found = read(bundle("batch", entry(patient("a")), wrong, entry(patient("b")), entry(patient("a"))))
    assert [one.submission.source_id for one in sent(found)] == ["a", "b"]
    assert refused(found) == {
        "entry 2": "The method DELETE is not taken from files; POST and PUT are.",
        "entry 4": "This entry has the type and id of entry 1.",
    }
    (first, _) = (piece for piece in found if isinstance(piece, Refusal))
    assert first.original is not None
    assert parse(first.original()) == wrong


@pytest.mark.parametrize("type_", ["transaction", "batch"])
def test_entries_that_only_ask_are_passed_over(type_: str) -> None:
    asks = {"request": {"method": "GET", "url": "Patient/a"}}
    found = read(bundle(type_, asks, entry()))
    assert [one.entry for one in sent(found)] == [2]
    assert [list(piece.passed_over) for piece in found if isinstance(piece, Remark)] == [["GET request"]]


def test_bundles_in_a_bundle_are_unwrapped() -> None:
    inner = bundle("transaction", entry(patient("b")))
    found = read(bundle("collection", entry(patient("a")), entry(inner), entry(patient("c"))))
    groups = [piece for piece in found if isinstance(piece, Group)]
    assert [(group.atomic, group.position) for group in groups] == [(False, ""), (True, "entry 2"), (False, "")]
    assert [(one.entry, one.submission.position) for one in sent(found)] == [
        (1, "entry 1"),
        (2, "entry 2, entry 1"),
        (3, "entry 3"),
    ]


def test_one_wrong_entry_refuses_a_message_whole_bundles_in_it_too() -> None:
    letter = bundle("document", {"resource": patient("b")}, {"resource": {"id": "x"}})
    document = bundle("message", {"resource": patient("a")}, {"resource": letter})
    found = read(document)
    because = "Not stored, because its message was rejected for entry 2, entry 2."
    untyped = "The resource does not say its type: resourceType is missing or is not a string."
    assert refused(found) == {"entry 1": because, "entry 2, entry 1": because, "entry 2, entry 2": untyped}
    kept = [piece.original() for piece in found if isinstance(piece, Refusal) and piece.original]
    assert [parse(each) for each in kept] == [document]


def test_what_a_search_says_of_itself_is_no_item() -> None:
    """R4 lets a server put an OperationOutcome among what it found (search.mode outcome); it tells of the search."""
    says = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]}
    found = read(bundle("searchset", {"resource": says, "search": {"mode": "outcome"}}, entry(), {"resource": says}))
    assert [one.submission.resource["resourceType"] for one in sent(found)] == ["Patient"]
    remarks = [each for piece in found if isinstance(piece, Remark) for each in piece.passed_over]
    assert remarks == ["OperationOutcome of a search"] * 2


@pytest.mark.parametrize("type_", ["history", "batch-response", "transaction-response", "", None, 7, ["batch"], {}])
def test_other_bundles_are_refused(type_: Any) -> None:
    (found,) = read({"resourceType": "Bundle", "entry": []} | ({"type": type_} if type_ is not None else {}))
    assert isinstance(found, Refusal)
    assert found.reason == (
        "The type of the Bundle is not one that files may have: batch, collection, document, message, searchset, "
        "transaction."
    )


def test_what_is_kept_is_what_was_sent_not_what_the_record_made_of_it() -> None:
    (one,) = sent(read(bundle("collection", entry({"resourceType": "Observation", "valueDecimal": 1}))))
    one.submission.resource["id"] = "rewritten"
    assert parse(one.original())["resource"] == {"resourceType": "Observation", "valueDecimal": 1}


# -- shapes in which suppliers send: messages, documents, answers to a search, lines of an export ----------------------

HERE, THERE = "urn:uuid:0d4a7a2e-0000-4000-8000-000000000001", "urn:uuid:0d4a7a2e-0000-4000-8000-000000000002"
ELSEWHERE = "https://supplier.example/fhir/Patient/p1"
PERSON = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Holroyd"}]}
HEADER = {
    "resourceType": "MessageHeader", "id": "h1", "source": {"endpoint": "https://supplier.example"},
    "eventCoding": {"system": "https://supplier.example/events", "code": "discharge"}, "focus": [{"reference": THERE}],
}  # fmt: skip
LETTER = {
    "resourceType": "Composition", "id": "l1", "status": "final", "type": {"text": "Discharge summary"},
    "date": "2026-11-20", "title": "Discharge summary", "subject": {"reference": HERE}, "author": [{"display": "Dr A"}],
    "section": [{"title": "Problems", "entry": [{"reference": THERE}]}],
}  # fmt: skip


def problem(of: str, id_: str = "c1") -> Json:
    return {"resourceType": "Condition", "id": id_, "code": {"text": "Asthma"}, "subject": {"reference": of}}


@pytest.mark.parametrize(
    ("sent_as", "becomes"),
    [
        (
            bundle("message", entry(HEADER), entry(PERSON, fullUrl=HERE), entry(problem(HERE), fullUrl=THERE)),
            {"MessageHeader": 1, "Patient": 1, "Condition": 1},
        ),
        (
            bundle("document", entry(LETTER), entry(PERSON, fullUrl=HERE), entry(problem(HERE), fullUrl=THERE)),
            {"Composition": 1, "Patient": 1, "Condition": 1},
        ),
        (
            bundle(
                "searchset", entry(PERSON, fullUrl=ELSEWHERE), entry(problem(ELSEWHERE)),
                entry(problem("Patient/p1", "c2")),
            ),
            {"Patient": 1, "Condition": 2},
        ),
        (bundle("collection", entry(problem("Patient/p1")), entry(PERSON)), {"Patient": 1, "Condition": 1}),
    ],
    ids=["a message", "a document", "an answer to a search, by address and by type", "the Patient last"],
)  # fmt: skip
def test_what_suppliers_send_is_one_persons_record(sent_as: Json, becomes: Json, tmp_path: Path) -> None:
    """By a whole system: nothing waits, nothing is rejected, and again it changes nothing."""
    (tmp_path / "sent.json").write_bytes(b"\xef\xbb\xbf" + encode(sent_as))
    (tmp_path / "data").mkdir()
    with small_system(tmp_path / "data") as app:
        first, again = (
            load([tmp_path / "sent.json"], app.records, organisation=PRACTICE.organisation, assurance="stated")
            for _ in range(2)
        )
        with app.store.reading() as reading:
            (held,) = reading.rows("SELECT count(DISTINCT source_patient) FROM item")
    assert {type_: counts["stored"] for type_, counts in first.by_type.items()} == becomes
    assert (first.waiting, first.rejected, again.stored, again.updated) == (0, 0, 0, 0)
    assert held[0] <= 2, "the person's own, and the shelf of what names nobody"
