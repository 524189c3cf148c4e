"""`$process-message`: what becomes of a message by its feed, what its sender is told; again it changes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.base import Busy, SystemIds
from concord.fhir import NOTHING_KNOWN, parse, validate
from concord.ingest import Replays, read_feed
from tests.small_system import ED_DOCTOR, PRACTICE, condition, patient
from tests.spec.api.interactions import Server, bundle, said, server

Json = dict[str, Any]
ENDPOINT = "https://supplier.example/out"
EVENT = {"system": "https://supplier.example/events", "code": "discharge"}
MESSAGE = "$process-message"
HERE = "urn:uuid:0d4a7a2e-0000-4000-8000-000000000001"


def header(id_: str = "m-1", **more: Any) -> Json:
    return {"resourceType": "MessageHeader", "id": id_, "eventCoding": EVENT, "source": {"endpoint": ENDPOINT}} | more


def message(*resources: Json, id_: str = "m-1", **more: Any) -> Json:
    return bundle("message", {"resource": header(id_)}, *({"resource": each} for each in resources)) | more


PERSON, PROBLEM = patient("p-1"), condition("c-1", "p-1")
RIGHT = message(PERSON, PROBLEM)
WRONG = message(PERSON, condition("c-1", "p-1") | {"onsetDateTime": "yesterday"})
WHOLE = {"MessageHeader": 1, "Patient": 1, "Condition": 1}


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "feeds").mkdir()
    with server(tmp_path, practice=PRACTICE, doctor=ED_DOCTOR) as served:
        yield served


def described(folder: Path, text: str = "", name: str = "out") -> None:
    path = folder / "feeds" / f"{name}.yaml"
    path.write_text(f"organisation: ZZP01\nkind: fhir\ntransport: fhir\n{text}", encoding="utf-8")


def items(on: Server) -> dict[str, int]:
    with on.app.store.reading() as reading:
        return dict(
            reading.rows("SELECT word.text, count(*) FROM item JOIN word ON word.number = item.type GROUP BY word.text")
        )


def held(on: Server) -> list[str]:
    return [each.reason for each in on.app.records.quarantined()]


def told(answer: Any) -> tuple[int, str]:
    """Status and code, of a response that keeps R4's rules and answers the message m-1."""
    response = parse(answer.content)
    assert [each for each in validate(response, known=NOTHING_KNOWN) if each.severity in ("error", "fatal")] == []
    first = response["entry"][0]["resource"]
    assert (response["type"], first["resourceType"], first["response"]["identifier"]) == (
        "message", "MessageHeader", "m-1",
    )  # fmt: skip
    assert (first["eventCoding"], first["destination"]) == (EVENT, [{"endpoint": ENDPOINT}])
    return answer.status_code, first["response"]["code"]


def why(answer: Any) -> str:
    return str(parse(answer.content)["entry"][1]["resource"]["issue"][0]["diagnostics"])


def test_a_message_is_taken_in_whole(on: Server) -> None:
    assert told(on.ask("practice", "POST", MESSAGE, RIGHT)) == (200, "ok")
    assert items(on) == WHOLE
    assert on.ask("practice", "GET", "Condition/c-1").status_code == 200


@pytest.mark.parametrize("again", [RIGHT, RIGHT | {"id": "another", "timestamp": "2026-11-22T04:00:00Z"}])
def test_the_same_message_again_is_answered_alike_and_changes_nothing(on: Server, again: Json) -> None:
    first = on.ask("practice", "POST", MESSAGE, RIGHT)
    newer = condition("c-1", "p-1") | {"code": {"text": "Newer words"}}
    assert on.ask("practice", "PUT", "Condition/c-1", newer).status_code == 200
    second = on.ask("practice", "POST", MESSAGE, again)
    assert (second.status_code, second.content) == (200, first.content)
    assert parse(on.ask("practice", "GET", "Condition/c-1").content)["code"] == {"text": "Newer words"}
    assert held(on) == []


OTHER = message(PERSON, PROBLEM, condition("c-2", "p-1"))
STRANGE = "sending_applications: [https://other.example]\n"
# the feed's file, what is sent, what is answered where what is rejected is held, where it is refused, why, what is in.
HELD = (200, "ok")
REFUSED = (422, "fatal-error")
CASES = {
    "all in order": ("", [RIGHT], HELD, HELD, "", WHOLE),
    "of the types that the feed allows": ("resources: [Patient, Condition]\n", [RIGHT], HELD, HELD, "", WHOLE),
    "one entry is wrong": ("", [WRONG], HELD, REFUSED, "Condition.onsetDateTime: ", {}),
    "the same id with other content": ("", [RIGHT, OTHER], HELD, REFUSED, "A message of this id came before", WHOLE),
    "another sender than the feed's": (STRANGE, [RIGHT], HELD, REFUSED, "The feed does not allow this sender.", {}),
    "a type that the feed does not allow": (
        "resources: [Patient]\n", [RIGHT], HELD, REFUSED, "The feed does not allow resources of", {},
    ),
    "two entries of one id": (
        "", [message(PERSON, PERSON | {"gender": "male"})], HELD, REFUSED, "This entry has the type", {},
    ),
    "a feed in its shadow": ("shadow: yes\n", [RIGHT], HELD, HELD, "The feed is in its shadow", {}),
}  # fmt: skip


@pytest.mark.parametrize("on_reject", ["accept-and-hold", "refuse"])
@pytest.mark.parametrize("case", CASES)
def test_what_its_feed_says_becomes_of_a_message(case: str, on_reject: str, on: Server, tmp_path: Path) -> None:
    """It is held whole either way; and sent again it is answered alike, and held once."""
    text, sent, accepting, refusing, reason, stored = CASES[case]
    described(tmp_path, f"{text}on_reject: {on_reject}\n")
    *_, last = [on.ask("practice", "POST", MESSAGE, each) for each in sent]
    again = on.ask("practice", "POST", MESSAGE, sent[-1])
    assert told(last) == (accepting if on_reject == "accept-and-hold" else refusing)
    assert (again.status_code, again.content) == (last.status_code, last.content)
    assert items(on) == stored
    assert [each[: len(reason)] for each in held(on)] == ([reason] if reason else [])
    if last.status_code != 200:
        assert reason in why(last)
        assert "yesterday" not in last.text, "a reason quotes no value"


def test_without_a_file_what_is_rejected_is_held(on: Server) -> None:
    assert told(on.ask("practice", "POST", MESSAGE, WRONG)) == (200, "ok")
    assert len(held(on)) == 1


def test_the_feed_is_the_one_that_allows_the_sender(on: Server, tmp_path: Path) -> None:
    described(tmp_path, f"{STRANGE}on_reject: refuse\n", "a")
    described(tmp_path, f"sending_applications: ['{ENDPOINT}']\nservice: out-of-hours\n", "b")
    assert told(on.ask("practice", "POST", MESSAGE, RIGHT)) == (200, "ok")
    assert items(on) == WHOLE


def test_while_the_feeds_file_cannot_be_read_nothing_is_taken_and_nothing_lost(on: Server, tmp_path: Path) -> None:
    """It might say that the feed is in its shadow."""
    described(tmp_path, "shadow: perhaps\n")
    assert told(on.ask("practice", "POST", MESSAGE, RIGHT)) == (503, "transient-error")
    assert (items(on), held(on)) == ({}, [])
    described(tmp_path)
    assert told(on.ask("practice", "POST", MESSAGE, RIGHT)) == (200, "ok")


class _Fails:
    """The record, failing once: before it writes, or after what it wrote is durable."""

    def __init__(self, records: Any, error: Exception, *, after: bool) -> None:
        self._records, self._error, self._after = records, error, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def write(self, *args: Any, **named: Any) -> Any:
        if self._after:
            self._records.write(*args, **named)
        raise self._error


@pytest.mark.parametrize("error", [Busy("Too many at once."), OSError("the database went away")])
@pytest.mark.parametrize("after", [False, True])
def test_a_fault_of_ours_is_told_as_one_that_passes_and_loses_nothing(
    on: Server, error: Exception, after: bool
) -> None:
    messages: Any = on.app.messages
    messages._records = _Fails(on.app.records, error, after=after)
    answer = on.ask("practice", "POST", MESSAGE, RIGHT)
    assert told(answer) == (503, "transient-error")
    assert int(answer.headers["retry-after"]) > 0
    assert "went away" not in answer.text
    assert (items(on), held(on)) == (WHOLE if after else {}, [])
    messages._records = on.app.records
    assert told(on.ask("practice", "POST", MESSAGE, RIGHT)) == (200, "ok")
    assert items(on) == WHOLE


def test_what_is_held_comes_in_when_it_is_replayed(on: Server, tmp_path: Path) -> None:
    described(tmp_path, "shadow: yes\n")
    on.ask("practice", "POST", MESSAGE, RIGHT)
    described(tmp_path)
    replays = Replays(
        on.app.records, feed=lambda name: read_feed(tmp_path / "feeds" / f"{name}.yaml"), clock=on.app.clock,
        ids=SystemIds(),
    )  # fmt: skip
    assert [each.became for each in replays.every(lambda _: True)] == ["replayed"]
    assert (items(on), held(on)) == (WHOLE, [])


NOT_MESSAGES = [
    (patient("p-1"), "A message is a Bundle of the type message."),
    (bundle("collection", {"resource": header()}), "A message is a Bundle of the type message."),
    (bundle("message"), "Bundle.entry[0]: the first entry of a message is its MessageHeader."),
    (bundle("message", {"resource": PERSON}, {"resource": header()}), "Bundle.entry[0]: the first entry"),
    (bundle("message", {"resource": header("")}), "Bundle.entry[0].resource: id and source.endpoint"),
    (bundle("message", {"resource": header("no id is so")}), "Bundle.entry[0].resource: id and source.endpoint"),
    (bundle("message", {"resource": header(source={"name": "x"})}), "Bundle.entry[0].resource: id and source.endpoint"),
    (bundle("message", {"resource": header(eventUri="urn:x")}), "Bundle.entry[0].resource: eventCoding or eventUri"),
]


@pytest.mark.parametrize(("sent", "reason"), NOT_MESSAGES)
def test_what_is_no_message_is_refused(on: Server, sent: Json, reason: str) -> None:
    answer = on.ask("practice", "POST", MESSAGE, sent)
    assert (answer.status_code, said(answer).startswith(reason)) == (400, True), said(answer)
    assert (items(on), held(on)) == ({}, [])


def test_who_and_how(on: Server) -> None:
    assert on.ask("doctor", "POST", MESSAGE, RIGHT).status_code == 403
    assert on.ask("practice", "POST", f"{MESSAGE}?async=true", RIGHT).status_code == 400
    assert on.ask("practice", "GET", MESSAGE).status_code == 405
    assert (items(on), held(on)) == ({}, [])
