"""What was seen is rebuilt from the row and the history, or it is said why not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.app import App, compose
from concord.base import FixedClock, NotFound, SystemIds
from concord.fhir import parse_search
from concord.governance import policy
from concord.governance.after_death import AfterDeath, after_death
from concord.governance.model import RelationshipKind
from concord.record import Deletion, OpenRecord, Past, PersonQuery
from concord.store import SqliteStore
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    KEYS,
    NHS_NUMBER,
    NOW,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
)


class Story:
    """A system whose clock goes on."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock(NOW)
        self.app: App = compose(SqliteStore(folder / "a.db"), clock=self.clock, ids=SystemIds(), keys=KEYS)
        enforce(self.app, POLICY)
        self.send(PRACTICE, patient("p1"), condition("c1", "p1"), condition("c2", "p1", "Asthma"))
        self.send(HOSPITAL, patient("h1"), attendance("e1", "h1"))

    def send(self, by: Any, *resources: dict[str, Any]) -> None:
        outcomes = send(self.app, by, *resources)
        assert {each.status for each in outcomes} <= {"stored", "updated"}, outcomes
        self.clock.instant += timedelta(minutes=1)

    def person(self) -> Any:
        return self.app.records.find(PersonQuery(nhs_number=NHS_NUMBER), ED_DOCTOR).wait()[0].person

    def newest(self, user: str) -> int:
        rows = self.app.records.audit.listed(number=None, user=user, since=None, most=1).wait()
        return rows[0].number


@pytest.fixture
def story(tmp_path: Path) -> Any:
    story = Story(tmp_path)
    yield story
    story.app.close()


def texts(rebuilt: Any) -> set[str]:
    return {each.resource.get("code", {}).get("text", each.type) for each in rebuilt.items}


def test_what_was_open_then_is_rebuilt_after_it_has_changed(story: Story) -> None:
    opened = story.app.records.open(story.person(), ED_DOCTOR).wait()
    assert isinstance(opened, OpenRecord)
    row = story.newest("doctor.zza")
    story.clock.instant += timedelta(minutes=1)
    story.send(PRACTICE, condition("c1", "p1", "Heart failure, severe"), condition("c3", "p1", "Gout"))
    rebuilt = story.app.records.audit.rebuilt(row).wait()
    assert rebuilt.exact, rebuilt.told
    assert "Heart failure" in texts(rebuilt)
    assert not texts(rebuilt) & {"Heart failure, severe", "Gout"}
    assert {each.id for each in rebuilt.items} == {each.id for each in opened.items}
    assert rebuilt.policy.startswith("1 (")


def test_it_says_whether_the_policy_that_decided_is_held_as_it_was(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.app.records.open(story.person(), ED_DOCTOR).wait()
    row = story.newest("doctor.zza")
    assert "have that hash" in story.app.records.audit.rebuilt(row).wait().policy_told
    rows = after_death()
    longer = dict(rows) | {RelationshipKind.ATTENDING: AfterDeath(lasts=timedelta(days=400), again=True)}
    monkeypatch.setattr(policy, "after_death", lambda: longer)
    rebuilt = story.app.records.audit.rebuilt(row).wait()
    assert rebuilt.exact, "which items were shown is told by the row and the history, whatever decides today"
    assert "another hash" in rebuilt.policy_told


def test_one_item_and_a_search_are_rebuilt(story: Story) -> None:
    found = story.app.records.search(parse_search("Condition", [("code:not", "x")]), GP).wait()
    searched = story.newest("gp.zzp01")
    story.app.records.read("Condition", found.items[0].id, GP).wait()
    read = story.newest("gp.zzp01")
    story.clock.instant += timedelta(minutes=1)
    story.send(PRACTICE, condition("c1", "p1", "Changed"), condition("c2", "p1", "Changed"))
    for row, ids in ((searched, {each.id for each in found.items}), (read, {found.items[0].id})):
        rebuilt = story.app.records.audit.rebuilt(row).wait()
        assert rebuilt.exact
        assert {each.id for each in rebuilt.items} == ids
        assert "Changed" not in texts(rebuilt)


def test_past_versions_and_what_was_deleted_since_are_rebuilt(story: Story) -> None:
    story.send(PRACTICE, condition("c1", "p1", "Heart failure, severe"))
    held = story.app.records.search(parse_search("Condition", []), PRACTICE).wait().items
    item = next(each for each in held if b"severe" in each.wire)
    past = story.app.records.history("Condition", item.id, PRACTICE, past=Past(), count=None, page=None).wait()
    row = story.newest("system:ZZP01")
    story.clock.instant += timedelta(minutes=1)
    story.app.records.write(
        [Deletion(type="Condition", source_id="c1", position="entry 0")],
        by=PRACTICE,
        atomic=False,
        assurance="traced",
    )
    rebuilt = story.app.records.audit.rebuilt(row).wait()
    assert rebuilt.exact, rebuilt.told
    assert len(rebuilt.items) == len(past.versions)
    assert {each.version for each in rebuilt.items} == {each.served.version for each in past.versions}


def test_a_version_that_is_gone_is_said_plainly(story: Story) -> None:
    story.app.records.open(story.person(), ED_DOCTOR).wait()
    row = story.newest("doctor.zza")
    story.clock.instant += timedelta(minutes=1)
    story.send(PRACTICE, condition("c1", "p1", "Changed"))
    with story.app.store.writing() as writing:
        writing.run("DELETE FROM item_version")
    rebuilt = story.app.records.audit.rebuilt(row).wait()
    assert not rebuilt.exact
    assert "not what was shown" in rebuilt.told


def test_what_shows_no_items_and_what_was_erased_are_said_plainly(story: Story) -> None:
    story.person()
    row = story.newest("doctor.zza")
    assert "not about items" in story.app.records.audit.rebuilt(row).wait().told
    story.app.records.open(story.person(), ED_DOCTOR).wait()
    row = story.newest("doctor.zza")
    with story.app.store.writing() as writing:
        writing.run("UPDATE audit SET detail = '', salt = NULL WHERE number = ?", (row,))
    assert "were erased" in story.app.records.audit.rebuilt(row).wait().told
    with pytest.raises(NotFound):
        story.app.records.audit.rebuilt(10_000)


def test_listing_and_rebuilding_are_audited_too(story: Story) -> None:
    person = story.person()
    listed = story.app.records.audit.listed(number=NHS_NUMBER, user=None, since=None, most=5).wait()
    assert {each.event.person for each in listed} == {person}
    story.app.records.audit.rebuilt(listed[0].number).wait()
    story.app.records.audit.exported().wait()
    rows = story.app.records.audit.listed(number=None, user=None, since=NOW, most=3).wait()
    assert [each.event.who for each in rows] == ["duty:audit-export", "duty:audit-rebuild", "duty:audit-show"]
    assert {each.event.person for each in rows[1:]} == {person}


def test_the_rows_of_a_user_say_what_decided(story: Story) -> None:
    story.app.records.open(story.person(), replace(ED_DOCTOR, service="emergency-department")).wait()
    (kept,) = story.app.records.audit.listed(number=None, user="doctor.zza", since=None, most=1).wait()
    told = kept.event.context
    assert told["held"] == ["attending"]
    assert told["agreements"].keys() == {"direct-care 1"}
    assert len(told["policy_hash"]) == len(told["agreements"]["direct-care 1"]) == 64
    assert set(told["cells"]) <= {"ZZP01", "ZZA"}
    assert (told["via"], told["service"]) == ("command", "emergency-department")
    assert set(kept.event.detail) == {"count", "headings", "shown", "versions", "sent"}
