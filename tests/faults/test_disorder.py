"""Everything three times, in any order, one in a hundred of it spoilt: nothing acknowledged is lost, nothing is
doubled, and the record ends the same."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import SystemIds
from concord.fhir import TOLD_BY, encode
from concord.ingest import Receiver, parse_feed, taker
from concord.ingest.naming import RECORDED
from tests.mllp_client import admission, result
from tests.small_system import small_system

PEOPLE = 12
FEED = "organisation: ZZA\nmessages: [ADT, ORU]\n"


def story(person: int) -> list[bytes]:
    """A stay with a move, a new name, a result that is corrected, and the discharge; each at its hour."""

    def event(type_: str, hour: int, **more: str) -> bytes:
        at = f"2024011{hour // 24}{hour % 24:02}0000"
        sent = admission(person, control=f"{type_}-{person}", at=at, **more)
        return sent.replace(b"ADT^A01", f"ADT^{type_}".encode()).replace(b"EVN|A01", f"EVN|{type_}".encode())

    corrected = result(person, person, value="141").replace(b"20240110095900", b"20240110115900")
    corrected = corrected.replace(b"|R%d|" % person, b"|RC%d|" % person).replace(b"|||||F", b"|||||C")
    return [
        event("A01", 9),
        event("A02", 12).replace(b"Ash^1^A", b"Oak^2^B"),
        result(person, person),
        corrected,
        event("A08", 15, family="Hallam").replace(b"Ash^1^A", b"Oak^2^B"),
        event("A03", 30, family="Hallam").replace(b"Ash^1^A", b"Oak^2^B"),
    ]


def spoilt(message: bytes, number: int) -> bytes:
    """A message that cannot be read, under a number of its own."""
    cut = message.replace(b"|2.4", b"|2.4", 1).split(b"\rPID")[0]
    return cut.replace(b"|P|2.4", b"X%d|P|2.4" % number) + b"\rPID|1||"


def state(app: App) -> dict[str, bytes]:
    """What is held of each person, without what only the record knows, and when and in which message it was told."""
    earlier = app.records.earlier(parse_feed(FEED, filename="pas.yaml", folder=Path()).organisation)
    found: dict[str, bytes] = {}
    for person in range(PEOPLE):
        names = [
            ("Patient", str(70000 + person)), ("Encounter", f"V{person}"), ("DiagnosticReport", f"F{person}"),
            ("Observation", f"F{person}.-NA"),
        ]  # fmt: skip
        for type_, id_ in names:
            if (resource := earlier.resource(type_, id_)) is not None:
                found[f"{type_}/{id_}"] = encode(_bare(resource))
    return found


def _bare(resource: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in resource.items() if name != "meta"}
    kept["extension"] = [one for one in kept.get("extension", ()) if one["url"] not in (RECORDED, TOLD_BY)]
    return dict(sorted(kept.items()))


def count(app: App, table: str) -> int:
    with app.store.reading() as reading:
        row = reading.row(f"SELECT count(*) FROM {table}")
    assert row is not None
    return int(row[0])


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path / "concord.db") as system:
        yield system


def take(app: App, messages: Sequence[bytes]) -> list[str]:
    feed = parse_feed(FEED, filename="pas.yaml", folder=Path())
    receiver = Receiver(feed, app.records, services=(), clock=app.clock, ids=SystemIds())
    return [receiver.take(message).became for message in messages]


STORIES = [message for person in range(PEOPLE) for message in story(person)]
POISON = [spoilt(STORIES[number], number) for number in range(0, len(STORIES), 100)]


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    with small_system(tmp_path_factory.mktemp("order") / "concord.db") as app:
        assert set(take(app, STORIES)) == {"stored"}
        return state(app)


SEEDS = [*range(2), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 200))]


@pytest.mark.parametrize("seed", SEEDS)
def test_messages(app: App, in_order: dict[str, bytes], seed: int) -> None:
    messages = 3 * (STORIES + POISON)
    random.Random(seed).shuffle(messages)
    became = take(app, messages)
    assert became.count("stored") == len(STORIES)
    assert became.count("rejected") == len(POISON), "what is held is known when it comes again"
    assert became.count("known") == 2 * (len(STORIES) + len(POISON))
    assert len(in_order) == 4 * PEOPLE
    assert state(app) == in_order
    assert count(app, "item") == len(in_order)
    assert len(app.records.quarantined()) == len(POISON)


MAPPING = """\
tables:
  people:
    columns:
      {key: {needed: yes}, name: text, state: {codes: {Open: active, Shut: inactive}, needed: yes}, changed: instant}
    makes:
      - {resource: Patient, id: $key, recorded: $changed, elements: {name: [{text: $name}]}}
      - resource: Flag
        id: $key
        recorded: $changed
        elements: {status: $state, code: {text: $name}, subject: {reference: Patient/$key}}
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_rows(app: App, tmp_path: Path, seed: int) -> None:
    """Ten nights of a table, each row with the hour at which it was changed; a row in a hundred has a strange word."""
    (tmp_path / "people.yaml").write_text(MAPPING, encoding="utf-8")
    feed = parse_feed("organisation: ZZA\nkind: table\nmapping: people.yaml\n", filename="f.yaml", folder=tmp_path)
    rows = [
        f"{key},Name {night},{'Shut' if night == 9 else 'Open'},2024-01-{night + 1:02}T00:00:00Z"
        for key in range(10)
        for night in range(10)
    ]
    chance = random.Random(seed)
    poison = [f"{100 + key},X,Strange,2024-01-01T00:00:00Z" for key in range(1)]
    every = 3 * (rows + poison)
    chance.shuffle(every)
    run = taker(feed, app.records, services=(), clock=app.clock, ids=SystemIds())
    for number in range(0, len(every), 50):
        file = tmp_path / "people.csv"
        file.write_text("\n".join(["key,name,state,changed", *every[number : number + 50]]), encoding="utf-8")
        run(file)
    earlier = app.records.earlier(feed.organisation)
    for key in range(10):
        patient, flag = (earlier.resource(type_, str(key)) for type_ in ("Patient", "Flag"))
        assert patient is not None
        assert flag is not None
        assert (patient["name"], flag["status"]) == ([{"text": "Name 9"}], "inactive")
    assert count(app, "item") == 20
    assert len(app.records.quarantined()) == 1
