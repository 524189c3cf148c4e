"""A proposed version: signed while the last one is in force, and in its place when those who share have signed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from concord.app import App
from concord.audit import looks
from concord.base import Conflict, Incorrect, NotFound
from concord.fhir import parse_search
from concord.governance import Intent, StatementRefused
from tests.signing import signed
from tests.small_system import (
    AGREEMENT,
    ED_DOCTOR,
    HOSPITAL,
    PARTIES,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
    small_system,
    viewer,
)

PARTIES_IN_ORDER = tuple(sorted(PARTIES))
LEAD, OTHER = viewer("ig-lead", "ZZA"), viewer("ig-lead", "ZZC")
# The emergency department would see no problems any more.
NARROWER = AGREEMENT.replace("version: 1", "version: 2").replace(
    "[core]\n    with: {organisations: hospital", "[allergies]\n    with: {organisations: hospital"
)
WITHOUT_COMMUNITY = re.sub(r"  - id: community-sees-gp-core\n(    .*\n)+", "", NARROWER).replace(
    ", community: [ZZC]", ""
)
BY = "duty:test"
WITH_COUNCIL = POLICY.directory + "  - {code: ZZL, name: Northfield Council, short: Council, kind: council}\n"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp-1"), condition("gp-c1", "gp-1"))
        send(app, HOSPITAL, patient("hx-1"), attendance("hx-e1", "hx-1"))
        yield app


def proposed(app: App, text: str = NARROWER) -> str:
    reference = app.agreements.begin(LEAD, "Narrower", text)
    app.agreements.propose(LEAD, reference)
    return reference


def sign(app: App, *parties: str, version: int = 2) -> None:
    for party in parties:
        app.signing.receive(signed(app, party, "direct-care", version), by=BY)


def problems(app: App) -> int:
    return len(app.records.search(parse_search("Condition", []), ED_DOCTOR).wait().items)


def names(app: App) -> list[str]:
    return [each.agreement for each in app.agreements.policy(LEAD).agreements]


def in_force(app: App) -> int:
    return app.agreements.standing(LEAD, "direct-care").agreement.version


def test_the_last_version_stays_in_force_until_the_last_who_shares_has_signed(app: App) -> None:
    proposed(app)
    seen = []
    for party in PARTIES:
        seen.append((in_force(app), problems(app)))
        sign(app, party)
    assert seen == [(1, 1), (1, 1), (1, 1)]
    assert (in_force(app), problems(app)) == (2, 0)
    assert app.agreements.drafts(LEAD) == []
    assert [each.version for each in app.agreements.history(LEAD, "direct-care")] == [2, 1]


def test_whom_it_waits_for_is_told(app: App) -> None:
    proposed(app)
    sign(app, "ZZA")
    (waiting,) = app.agreements.proposed(OTHER)
    assert waiting.waits_for == ("ZZC", "ZZP01")
    assert waiting.standing.signed == 1


def test_who_has_not_signed_the_last_version_is_not_waited_for(tmp_path: Path) -> None:
    with small_system(tmp_path, signed_by=("ZZP01", "ZZA")) as app:
        proposed(app)
        sign(app, "ZZP01", "ZZA")
        assert in_force(app) == 2


def test_who_withdraws_from_the_last_version_is_not_waited_for(app: App) -> None:
    proposed(app)
    sign(app, "ZZP01", "ZZA")
    assert in_force(app) == 1
    app.signing.receive(signed(app, "ZZC", "direct-care", 1, intent=Intent.WITHDRAW), by=BY)
    assert in_force(app) == 2


def test_a_new_agreement_is_in_force_when_the_parties_of_a_flow_have_signed(app: App) -> None:
    proposed(app, NARROWER.replace("agreement: direct-care", "agreement: another").replace("version: 2", "version: 1"))
    app.signing.receive(signed(app, "ZZC", "another"), by=BY)
    assert names(app) == ["direct-care"]
    app.signing.receive(signed(app, "ZZP01", "another"), by=BY)
    assert names(app) == ["another", "direct-care"]


def test_the_publication_is_audited_with_the_signature_that_brought_it(app: App) -> None:
    reference = proposed(app)
    sign(app, *PARTIES)
    with app.store.reading() as reading:
        newest = [row.event for row in looks(reading, most=2)]
    assert {event.action for event in newest} == {"sign", "publish"}
    published = next(event for event in newest if event.action == "publish")
    assert (published.detail["agreement"], published.detail["draft"]) == ("direct-care 2", reference)


def test_what_is_proposed_is_read_by_all_and_changed_by_nobody(app: App) -> None:
    reference = app.agreements.begin(LEAD, "Narrower", NARROWER)
    with pytest.raises(NotFound):
        app.agreements.draft(OTHER, reference)
    app.agreements.propose(LEAD, reference)
    assert app.agreements.draft(OTHER, reference).text == NARROWER
    with pytest.raises(Conflict, match="proposed for signature"):
        app.agreements.keep(LEAD, reference, title="x", text=AGREEMENT, revision=1)
    with pytest.raises(NotFound):
        app.agreements.take_back(OTHER, reference)


def test_what_was_taken_back_cannot_be_signed(app: App) -> None:
    reference = proposed(app)
    text = signed(app, "ZZA", "direct-care", 2)
    app.agreements.take_back(LEAD, reference)
    with pytest.raises(StatementRefused, match="not proposed"):
        app.signing.receive(text, by=BY)


@pytest.mark.parametrize("end", ["taken back", "discarded"])
def test_what_was_signed_before_it_was_taken_back_does_not_count_when_the_same_is_proposed_again(
    app: App, end: str
) -> None:
    reference = proposed(app)
    old = signed(app, "ZZP01", "direct-care", 2)
    app.signing.receive(old, by=BY)
    sign(app, "ZZC")
    if end == "taken back":
        app.agreements.take_back(LEAD, reference)
        app.agreements.propose(LEAD, reference)
    else:
        app.agreements.discard(LEAD, reference)
        proposed(app)
    (waiting,) = app.agreements.proposed(OTHER)
    assert waiting.standing.signed == 0
    sign(app, "ZZA")
    assert in_force(app) == 1
    with pytest.raises(StatementRefused, match="number 2"):
        app.signing.receive(old, by=BY)
    sign(app, "ZZP01", "ZZC")
    assert in_force(app) == 2


def test_to_discard_a_draft_takes_back_nothing_that_was_published(app: App) -> None:
    reference = app.agreements.begin(LEAD, "The one in force", AGREEMENT)
    app.agreements.discard(LEAD, reference)
    assert problems(app) == 1


def test_a_signature_of_another_text_does_not_count(app: App) -> None:
    reference = proposed(app)
    sign(app, "ZZP01", "ZZC")
    app.agreements.take_back(LEAD, reference)
    app.agreements.keep(LEAD, reference, title="x", text=NARROWER.replace("[allergies]", "[medications]"), revision=1)
    app.agreements.propose(LEAD, reference)
    sign(app, "ZZA")
    assert in_force(app) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("agreement: x", "Mend the draft first"),
        (AGREEMENT, "Mend the draft first"),  # the version that is in force
        (NARROWER.replace("from: 2026-01-01", "from: 2026-12-01"), "between its dates"),
    ],
)
def test_what_cannot_be_proposed(app: App, text: str, why: str) -> None:
    reference = app.agreements.begin(LEAD, "x", text)
    with pytest.raises(Incorrect, match=why):
        app.agreements.propose(LEAD, reference)


def test_one_draft_is_proposed_as_one_version(app: App) -> None:
    proposed(app)
    with pytest.raises(Incorrect, match="Write `version: 3` in yours"):
        proposed(app, NARROWER)


def test_a_proposal_that_nobody_signs_holds_up_no_other(app: App) -> None:
    proposed(app, WITHOUT_COMMUNITY)
    proposed(app, NARROWER.replace("version: 2", "version: 3"))
    assert {each.standing.agreement.version for each in app.agreements.proposed(OTHER)} == {2, 3}
    sign(app, *PARTIES, version=3)
    assert in_force(app) == 3
    assert app.agreements.proposed(OTHER) == []
    with pytest.raises(StatementRefused, match="not proposed"):
        sign(app, "ZZP01", version=2)


def test_of_two_that_are_proposed_each_takes_over_when_it_is_signed(app: App) -> None:
    proposed(app)
    proposed(app, AGREEMENT.replace("version: 1", "version: 3"))
    sign(app, *PARTIES)
    assert (in_force(app), problems(app)) == (2, 0)
    (waiting,) = app.agreements.proposed(OTHER)
    assert waiting.waits_for == PARTIES_IN_ORDER
    sign(app, *PARTIES, version=3)
    assert (in_force(app), problems(app)) == (3, 1)


def test_a_party_alone_proposes(tmp_path: Path) -> None:
    with small_system(tmp_path, replace(POLICY, directory=WITH_COUNCIL)) as app:
        stranger = viewer("ig-lead", "ZZL")
        reference = app.agreements.begin(stranger, "x", NARROWER)
        with pytest.raises(Incorrect, match="Only a party"):
            app.agreements.propose(stranger, reference)


def test_a_stranger_does_not_propose_by_making_itself_a_party(tmp_path: Path) -> None:
    with small_system(tmp_path, replace(POLICY, directory=WITH_COUNCIL)) as app:
        stranger = viewer("ig-lead", "ZZL")
        reference = app.agreements.begin(stranger, "x", NARROWER.replace("ZZC", "ZZL"))
        with pytest.raises(Incorrect, match="Only a party"):
            app.agreements.propose(stranger, reference)


def test_whom_a_version_leaves_out_is_not_shut_out_by_the_others(app: App) -> None:
    proposed(app, WITHOUT_COMMUNITY)
    sign(app, "ZZP01", "ZZA")
    (waiting,) = app.agreements.proposed(OTHER)
    assert (in_force(app), waiting.waits_for) == (1, ("ZZC",))
    app.signing.receive(signed(app, "ZZC", "direct-care", 1, intent=Intent.WITHDRAW), by=BY)
    assert in_force(app) == 2


def test_a_version_that_nobody_has_signed_is_not_replaced_by_one_that_nobody_has(tmp_path: Path) -> None:
    with small_system(tmp_path, signed_by=()) as app:
        proposed(app)
        sign(app, "ZZC")
        assert in_force(app) == 1
        sign(app, "ZZP01")
        assert in_force(app) == 2


def test_an_older_version_is_not_published_over_a_newer(app: App) -> None:
    proposed(app)
    sign(app, *PARTIES)
    with pytest.raises(Incorrect, match="concord agreements save"):
        enforce(app)
    assert in_force(app) == 2


def test_a_signature_for_a_later_day_does_not_take_over_before_it(app: App) -> None:
    proposed(app)
    sign(app, "ZZP01", "ZZA")
    app.signing.receive(signed(app, "ZZC", "direct-care", 2, from_on=date(2026, 12, 1)), by=BY)
    assert in_force(app) == 1
