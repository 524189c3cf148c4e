"""How a feed does: what is told of it, of messages over a connection and of files."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from concord.app import App, compose
from concord.base import FixedClock, SystemIds
from concord.ingest import FeedHealth, Receiver, read_feed, taker
from concord.ingest.health import span_in_words
from concord.ingest.mllp.framing import Frame
from concord.record import Arrival
from concord.store import Store
from tests.mllp_client import admission
from tests.small_system import KEYS, NOW, enforce

PAS = "organisation: ZZA\nmessages: [ADT]\nrhythm: 15min\n"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEN_SECONDS_AGO = "20261122031150"


class Desk:
    """A composed system with a clock that is moved by hand, and a folder of feeds."""

    def __init__(self, app: App, clock: FixedClock, folder: Path) -> None:
        self.app, self.clock, self.folder = app, clock, folder

    def describe(self, name: str, text: str) -> None:
        (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    def receiver(self) -> Receiver:
        feed = read_feed(self.folder / "pas.yaml")
        return Receiver(feed, self.app.records, services=(), clock=self.clock, ids=SystemIds())

    def sends(self, *numbers: int, at: str = TEN_SECONDS_AGO) -> None:
        receiver = self.receiver()
        for number in numbers:
            receiver.take(admission(number, at=at))

    def later(self, span: timedelta) -> None:
        self.clock.instant += span

    def one(self, name: str = "pas") -> FeedHealth:
        return next(each for each in self.app.feeds.health().feeds if each.feed.name == name)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[Desk]:
    """On each engine."""
    clock = FixedClock(NOW)
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    app = compose(store, clock=clock, ids=SystemIds(), keys=KEYS, feeds_in=feeds)
    enforce(app)
    made = Desk(app, clock, feeds)
    made.describe("pas", PAS)
    yield made
    app.close()


def test_a_feed_that_nothing_came_by_is_overdue_where_it_has_a_rhythm(desk: Desk) -> None:
    desk.describe("lab", "organisation: ZZA\nmessages: [ORU]\n")
    assert (desk.one().state, desk.one().is_overdue, desk.one().traffic) == ("never heard", True, None)
    assert (desk.one("lab").state, desk.one("lab").is_overdue) == ("never heard", False)


def test_silence_is_told_a_moment_after_the_rhythm(desk: Desk) -> None:
    desk.sends(1)
    assert (desk.one().state, desk.one().last_at) == ("heard", NOW)
    desk.later(15 * MINUTE)
    assert desk.one().state == "heard"
    desk.later(timedelta(seconds=1))
    silent = desk.one()
    assert (silent.state, silent.is_overdue, silent.silence) == ("silent", True, 15 * MINUTE + timedelta(seconds=1))
    desk.sends(1)  # the same again: whoever repeats is there
    assert desk.one().state == "heard"


def test_a_night_without_anybody_is_no_silence(desk: Desk) -> None:
    """NOW is 03:12 on a Sunday."""
    desk.describe("pas", PAS + "hours: 07:00-20:00\ndays: [sat, sun]\n")
    desk.sends(1)
    desk.later(3 * HOUR)
    assert (desk.one().state, desk.one().is_overdue) == ("heard", False)
    desk.later(timedelta(hours=1, minutes=2))  # 07:14
    assert desk.one().state == "heard"
    desk.later(2 * MINUTE)
    assert (desk.one().state, desk.one().is_overdue) == ("silent", True)


def test_a_day_on_which_nothing_is_expected_is_not_slow(desk: Desk) -> None:
    """NOW is a Sunday."""
    desk.describe("pas", PAS.replace("15min", "1w"))
    desk.sends(*range(40))
    desk.later(2 * DAY - HOUR)
    assert desk.one().state == "slow"
    desk.describe("pas", PAS.replace("15min", "1w") + "days: [sun]\n")
    assert desk.one().state == "heard"


def test_what_came_what_was_rejected_and_how_long_it_took(desk: Desk) -> None:
    desk.sends(1, 2)
    desk.sends(3, at="20261122031130")
    receiver = desk.receiver()
    receiver.take(admission(4, at=TEN_SECONDS_AGO).replace(b"ADT^A01", b"ORU^R01"))
    receiver.answer(Frame(b"", too_long=True))
    came = desk.one().traffic
    assert came is not None
    assert (came.messages, came.rejected, came.usual) == (5, 2, None)
    assert came.lag == timedelta(seconds=(10 + 10 + 30 + 10) / 4)
    assert came.longest_lag == timedelta(seconds=30)
    assert desk.one().held == 1


@pytest.mark.parametrize("sent", ["", "2026", "20261122", "not a time", "99999999999999"])
def test_what_does_not_say_when_it_was_sent_has_no_lag(desk: Desk, sent: str) -> None:
    desk.sends(1, at=sent)
    came = desk.one().traffic
    assert came is not None
    assert (came.messages, came.lag, came.longest_lag) == (1, None, None)


def test_a_sender_whose_clock_is_fast_is_seen_at_once(desk: Desk) -> None:
    desk.sends(1, at="20261122041200")
    came = desk.one().traffic
    assert came is not None
    assert came.lag == timedelta()


def test_fewer_than_usual_is_told_of_a_feed_that_is_known_for_a_day(desk: Desk) -> None:
    desk.describe("pas", PAS.replace("15min", "2d"))
    desk.sends(*range(40))
    desk.later(DAY)
    assert desk.one().traffic is not None
    desk.sends(*range(100, 119))
    desk.later(DAY - HOUR)
    slow = desk.one()
    assert slow.traffic is not None
    assert slow.traffic.messages == 19
    assert slow.traffic.usual == pytest.approx(40, rel=0.1)
    assert (slow.state, slow.is_overdue) == ("slow", False)
    desk.sends(*range(200, 202))
    assert desk.one().state == "heard"


def test_files_are_counted_and_an_api_is_known_by_its_organisation(desk: Desk, tmp_path: Path) -> None:
    desk.describe("extract", "organisation: ZZA\nkind: fhir\ntransport: folder\nrhythm: 1d\n")
    desk.describe("api", "organisation: ZZA\nkind: fhir\ntransport: fhir\nrhythm: 1d\n")
    assert desk.one("api").state == "never heard"
    path = tmp_path / "one.json"
    path.write_text('{"resourceType": "Patient", "id": "p", "name": [{"family": "Holroyd"}]}', encoding="utf-8")
    feed = read_feed(desk.folder / "extract.yaml")
    taker(feed, desk.app.records, services=(), clock=desk.clock, ids=SystemIds())(path)
    came = desk.one("extract").traffic
    assert came is not None
    assert (came.messages, came.rejected, came.lag) == (1, 0, None)
    assert (desk.one("extract").waiting, desk.one("extract").failed) == (0, 0)
    assert (desk.one("api").state, desk.one("api").last_at, desk.one("api").traffic) == ("heard", NOW, None)


def test_an_api_is_silent_whatever_else_its_organisation_sends(desk: Desk) -> None:
    desk.describe("api", "organisation: ZZA\nkind: fhir\ntransport: fhir\nrhythm: 1h\n")
    desk.app.records.arrived(Arrival(feed="api"))
    desk.later(HOUR + MINUTE)
    desk.sends(1)
    assert (desk.one("api").state, desk.one("pas").state) == ("silent", "heard")


def test_a_file_that_cannot_be_read_is_told_and_hides_no_other(desk: Desk) -> None:
    desk.describe("slip", "organisation: ZZA\nmesages: [ADT]\n")
    health = desk.app.feeds.health()
    assert [each.feed.name for each in health.feeds] == ["pas"]
    assert len(health.refused) == 1
    assert "slip.yaml, line 2" in health.refused[0]


def test_the_metrics_tell_each_feed(desk: Desk) -> None:
    desk.sends(1)
    desk.later(HOUR)
    with desk.app.measures.told_on(0) as port, urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        told = answer.read().decode()
    assert 'concord_feed_silence_seconds{feed="pas"} 3600.0' in told
    assert 'concord_feed_overdue{feed="pas"} 1.0' in told
    assert 'concord_feed_messages_in_24_hours{feed="pas"} 1.0' in told


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(milliseconds=400), "0.4 s"),
        (MINUTE, "1 minute"),
        (59 * MINUTE, "59 minutes"),
        (HOUR, "1 hour"),
        (47 * HOUR, "1 day"),
        (15 * DAY, "2 weeks"),
    ],
)
def test_a_span_in_words(span: timedelta, words: str) -> None:
    assert span_in_words(span) == words
