"""Many writers at once, on each engine: a condition finds one, and no update is lost."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from concord.app import App, compose
from concord.base import FixedClock, SystemIds
from concord.fhir import parse
from concord.record import Outcome, Submission
from concord.store import open_store
from tests.small_system import KEYS, NOW, POLICY, PRACTICE, condition, enforce, patient, send

WRITERS, UPDATES = 64, 24


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    app = compose(open_store(database), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS)
    try:
        enforce(app, POLICY)
        send(app, PRACTICE, patient("p1"), condition("c1", "p1", "0"))
        yield app
    finally:
        app.close()


def write(app: App, submission: Submission) -> Outcome:
    return app.records.write([submission], by=PRACTICE, atomic=True, assurance="stated")[0]


@pytest.mark.parametrize("query", ["identifier=urn:x|1", "category=problem-list-item&onset-date=2020"])
def test_of_many_conditional_creations_one_is_kept(app: App, query: str) -> None:
    def create(_: int) -> Outcome:
        resource = condition("x", "p1", onsetDateTime="2020", identifier=[{"system": "urn:x", "value": "1"}])
        return write(app, Submission(resource=resource, source_id=None, if_none_exist=query))

    with ThreadPoolExecutor(WRITERS) as writers:
        outcomes = list(writers.map(create, range(WRITERS)))
    assert sorted(each.status for each in outcomes) == ["stored"] + ["unchanged"] * (WRITERS - 1)
    assert len({each.id for each in outcomes}) == 1


def test_no_update_is_lost(app: App) -> None:
    """Each adds one to a number that it read, and tries again when somebody was faster."""

    def add_one(_: int) -> None:
        while True:
            held = app.records.read("Condition", "c1", PRACTICE).wait()
            words = str(int(parse(held.wire)["code"]["text"]) + 1)
            sent = Submission(resource=condition("c1", "p1", words), source_id="c1", if_match=held.version)
            outcome = write(app, sent)
            if outcome.status == "updated":
                return
            assert outcome.problem == "stale"

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(add_one, range(UPDATES)))
    assert parse(app.records.read("Condition", "c1", PRACTICE).wait().wire)["code"]["text"] == str(UPDATES)
