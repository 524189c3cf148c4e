"""A feed on its way to its first day: each step is ticked by what is held, never by hand."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from concord.app import App, compose
from concord.base import FixedClock, NhsNumber, NotFound, OdsCode, SystemIds
from concord.ingest import Receiver, read_feed
from concord.record import PersonQuery
from concord.store import open_store
from tests.mllp_client import admission
from tests.small_system import KEYS, NHS_NUMBER, NOW, POLICY, enforce, viewer

ZZA = OdsCode("ZZA")
TESTER = viewer("doctor", "ZZA", service="emergency-department", user="dr.tester")
STEPS = [
    "Its file is read", "Its rhythm is set", "Something has come", "It keeps its rhythm",
    "What would be rejected is understood", "What nothing is made of is counted",
    "Its data quality is measured", "An agreement that is signed opens it",
    "Testers have seen it", "It is live",
]  # fmt: skip


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def app(tmp_path: Path, clock: FixedClock) -> Iterator[App]:
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    app = compose(open_store(tmp_path / "a.db"), clock=clock, ids=SystemIds(), keys=KEYS, feeds_in=feeds)
    try:
        yield app
    finally:
        app.close()


def described(tmp_path: Path, *more: str) -> None:
    text = "\n".join(["organisation: ZZA", "messages: [ADT]", *more, ""])
    (tmp_path / "feeds/pas.yaml").write_text(text, encoding="utf-8")


def sent(app: App, tmp_path: Path, message: bytes) -> None:
    feed = read_feed(tmp_path / "feeds/pas.yaml")
    Receiver(feed, app.records, services=(), clock=app.clock, ids=app.ids).take(message)


def done(app: App) -> set[str]:
    return {step.says for step in app.onboarding.of("pas") if step.state == "done"}


def left_out(app: App) -> list[str]:
    return [step.told for step in app.onboarding.of("pas") if step.state == "left out"]


def told(app: App, says: str) -> str:
    return next(step.told for step in app.onboarding.of("pas") if step.says == says)


def test_from_a_description_to_the_first_day(app: App, tmp_path: Path, clock: FixedClock) -> None:
    described(tmp_path, "shadow: yes")
    assert [step.says for step in app.onboarding.of("pas")] == STEPS
    assert done(app) == {"Its file is read"}

    described(tmp_path, "shadow: yes", "rhythm: 1w")
    enforce(app, replace(POLICY))
    assert done(app) == {STEPS[0], STEPS[1], "An agreement that is signed opens it"}

    sent(app, tmp_path, admission(1))
    assert done(app) >= {"Something has come", "What would be rejected is understood"}, "its shadow is no reject"
    sent(app, tmp_path, b"MSH|^~\\&|PAS|ZZA|CONCORD|NN|20240110090000||ORU^R01|C9|P|2.4\r")
    assert told(app, "What would be rejected is understood").startswith("1 are held or failed")
    (held,) = (each.number for each in app.records.quarantined() if "shadow" not in each.reason)
    app.records.rejects.end(held, "discarded", "Not of this feed")
    assert "What would be rejected is understood" in done(app)

    app.records.trials.begin(ZZA, [TESTER.user])
    described(tmp_path, "rhythm: 1w")
    sent(app, tmp_path, admission(2, control="again"))
    assert told(app, "Testers have seen it") == "0 of 1 testers have looked."
    assert told(app, "It is live") == "`concord feed go-live pas`"
    app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), TESTER).wait()
    for person in app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), TESTER).wait():
        app.records.open(person.person, TESTER).wait()
    app.quality.measure(ZZA, lambda people: None)
    assert "Its data quality is measured" in done(app)
    assert told(app, "What nothing is made of is counted") == "Something was made of every field that came."

    clock.instant += timedelta(days=3)
    sent(app, tmp_path, admission(3, control="later"))
    app.records.trials.go_live(ZZA, lambda linked: None)
    assert set(STEPS) - done(app) == {"Testers have seen it"}
    assert left_out(app) == ["ZZA went live on 25 November 2026: no tester had looked."]
    assert told(app, "It is live") == "Whoever agreements let see it has seen it since 25 November 2026."


def test_what_went_live_without_a_trial_says_so_and_since_when(app: App, tmp_path: Path, clock: FixedClock) -> None:
    described(tmp_path)
    enforce(app, replace(POLICY))
    assert told(app, "Testers have seen it") == "`concord feed trial pas --tester USER`"
    assert told(app, "It is live") == "Nothing has come yet."
    sent(app, tmp_path, b"MSH|^~\\&|PAS|ZZA|CONCORD|NN|20240110090000||ORU^R01|C9|P|2.4\r")
    assert left_out(app) == [], "nothing of it is in anybody's record"
    sent(app, tmp_path, admission(1))
    clock.instant += timedelta(days=3)
    sent(app, tmp_path, admission(2, control="later"))
    live = "has been in people's records since 22 November 2026, when its system first sent some"
    assert [live in each for each in left_out(app)] == [True]
    assert told(app, "It is live") == "Whoever agreements let see it has seen it since 22 November 2026."
    described(tmp_path, "shadow: yes")
    assert [live in each for each in left_out(app)] == [True], "of its organisation, whatever this feed is tried for"
    assert told(app, "It is live").startswith("It is in its shadow")


def test_a_feed_that_is_not_described(app: App) -> None:
    with pytest.raises(NotFound, match="concord feed check"):
        app.onboarding.of("pas")
