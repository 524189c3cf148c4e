"""The page of counts: for whoever a signed clause lets count, of nobody who opted out, and audited."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from concord.accounts import User
from concord.app import App
from concord.governance import Viewer
from tests.small_system import (
    ED_DOCTOR,
    POLICY,
    PRACTICE,
    condition,
    enforce,
    patient,
    send,
    small_system,
    viewer,
)
from tests.spec.governance.test_headcount import COUNTING
from tests.unit.portals.test_own_choices import visiting

ANALYST = viewer("population-analyst", "ZZA")
COUNTED = replace(POLICY, agreements={**POLICY.agreements, "counting.yaml": COUNTING.format(purpose="public-health")})
NUMBERS = [f"999000{each}" for each in ("3114", "3122", "3130", "3149", "3157", "3165", "3173", "3181", "3203", "3211")]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path, COUNTED) as app:
        for nth, number in enumerate(NUMBERS):
            family = [{"family": f"Family{chr(97 + nth)}", "given": ["Ann"]}]
            person = patient(f"gp-{nth}", number=number, name=family, birthDate=f"19{50 + nth}-01-01")
            send(app, PRACTICE, person, condition(f"gp-c{nth}", f"gp-{nth}"))
        for each in (ANALYST, ED_DOCTOR):
            app.accounts.add_user(_user(each))
        yield app


def _user(of: Viewer) -> User:
    return User(
        user=of.user, name=of.name, title=of.title, staff_id=of.staff_id, organisation=of.organisation,
        service=of.service, role=of.role, teams=of.teams,
    )  # fmt: skip


def page(app: App, of: Viewer, path: str = "/population") -> tuple[int, str]:
    with visiting(app, of.user) as visitor:
        return visitor.get(path)


def test_whoever_may_count_sees_numbers_and_nobody(app: App) -> None:
    status, text = page(app, ANALYST)
    assert status == 200
    assert "No record of a person can be opened from here" in text
    assert '<th scope="row">Problems</th><td data-l="People">10</td>' in text
    assert "7 or fewer" in text
    assert not any(fact in text for fact in ("Family", *NUMBERS, "Heart failure"))


def test_whoever_opts_out_or_objects_is_not_counted_at_the_next_look(app: App) -> None:
    for nth, code in ((0, "national-data-opt-out"), (1, "objection"), (2, "share-out")):
        consent = {
            "resourceType": "Consent", "id": f"choice-{nth}", "status": "active",
            "scope": {"text": "privacy"}, "policyRule": {"text": "opt out"}, "provision": {"type": "deny"},
            "category": [{"coding": [{"system": "https://concord.example/CodeSystem/choice", "code": code}]}],
            "patient": {"reference": f"Patient/gp-{nth}"},
        }  # fmt: skip
        (stored,) = send(app, PRACTICE, consent)
        assert stored.status == "stored", stored.reason
    assert '<th scope="row">Problems</th><td data-l="People">7 or fewer</td>' in page(app, ANALYST)[1]


def test_nobody_else_may_and_for_no_other_purpose(app: App) -> None:
    assert page(app, ED_DOCTOR)[0] == 404
    for purpose in ("research", "direct-care", "nothing"):
        assert page(app, ANALYST, f"/population?purpose={purpose}")[0] == 404
    assert page(app, ANALYST, "/population?purpose=public-health")[0] == 200
    enforce(app, POLICY)
    assert page(app, ANALYST)[0] == 404


def test_that_somebody_counted_is_audited_and_names_nobody(app: App) -> None:
    page(app, ANALYST)
    page(app, ED_DOCTOR)
    rows = app.records.audit.listed(number=None, user=ANALYST.user, since=None, most=5).wait()
    (row,) = [each.event for each in rows if each.event.action == "count"]
    assert (row.outcome, row.person, row.context["purpose"]) == ("shown", None, "public-health")
    refused = app.records.audit.listed(number=None, user=ED_DOCTOR.user, since=None, most=5).wait()
    assert [each.event.outcome for each in refused if each.event.action == "count"] == ["nothing"]


def test_whoever_only_counts_begins_there(app: App) -> None:
    with visiting(app, ANALYST.user) as visitor:
        assert visitor.get("/")[0] == 303
