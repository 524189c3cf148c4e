"""Labels under review: who sees what, why an item is labelled, corrections and that they last, words that suggest."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.audit import looks
from concord.base import Incorrect, NhsNumber, NotFound
from concord.governance import Viewer
from concord.record import Deletion, ItemInReview, ItemLine
from concord.terminology import Label
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NHS_NUMBER,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
    small_system,
    viewer,
)
from tests.unit.record.writes import medicine_for, person_of, shown

LEAD, ELSEWHERE, OFFICER = viewer("ig-lead", "ZZP01"), viewer("ig-lead", "ZZA"), viewer("privacy-officer", "ZZP01")
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
NUMBER = NhsNumber(NHS_NUMBER)


def coded(code: str, words: str = "Words") -> dict[str, Any]:
    system = "https://concord.example/CodeSystem/clinical-finding"
    return {"code": {"coding": [{"system": system, "code": code}], "text": words}}


def marked(*codes: str, system: str = ACT) -> dict[str, Any]:
    return {"meta": {"security": [{"system": system, "code": code} for code in codes]}}


SEALED = marked("locked", system="https://concord.example/CodeSystem/seal")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as system:
        send(system, PRACTICE, patient("p1"))
        send(system, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        yield system


def listed(app: App, by: Viewer = LEAD) -> list[ItemLine]:
    return list(app.records.label_reviews.under_number(NUMBER, by).wait())


def waiting(app: App, by: Viewer = LEAD) -> list[str]:
    return [line.title for line in app.records.label_reviews.waiting(by).wait()]


def at(app: App, source_id: str, type_: str = "Condition") -> str:
    return app.records.standing(PRACTICE.organisation, type_, source_id).id


def reviewed(app: App, source_id: str, by: Viewer = LEAD, type_: str = "Condition") -> ItemInReview:
    return app.records.label_reviews.item(type_, at(app, source_id, type_), by).wait()


def say(app: App, source_id: str, says: str, label: Label, *, mistake: bool = False, by: Viewer = LEAD) -> None:
    reviews, why = app.records.label_reviews, "I asked the practice"
    reviews.say("Condition", at(app, source_id), by, label=label, says=says, mistake=mistake, why=why).wait()


def seen(app: App) -> list[str]:
    """What the doctor of the emergency department sees of what the practice sent."""
    return shown(app, ED_DOCTOR)


# -- why an item is labelled -------------------------------------------------------------------------------------------


def test_an_item_says_which_label_it_carries_and_why(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", **coded("hiv-infection"), **marked("SEX")), medicine_for("Condition/c1"))
    item = reviewed(app, "c1")
    assert [(each.label, each.by_mark, [g.reason for g in each.grounds]) for each in item.labels] == [
        (Label.SEXUAL_HEALTH, True, ["sexually transmitted disease; sexuality and reproductive health"]),
        (Label.HIV, False, ["names it"]),
    ]
    medicine = reviewed(app, "m1", type_="MedicationRequest")
    flowing = {each.label: [near.title for near in each.flows_from] for each in medicine.labels if not each.own}
    assert flowing == {Label.SEXUAL_HEALTH: ["Words"], Label.HIV: ["Words"]}


def test_those_with_labels_stand_first_under_a_number(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "A cold"), condition("c2", "p1", **coded("hiv-infection", "Zebra")))
    assert [(line.title, sorted(line.labels)) for line in listed(app)] == [
        ("Zebra", ["hiv"]), ("Personal details", []), ("A cold", []),
    ]  # fmt: skip


# -- who sees what -----------------------------------------------------------------------------------------------------


def test_only_what_the_own_organisation_contributed_is_there(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "Of the practice"))
    send(app, HOSPITAL, condition("c2", "h1", "Of the hospital"))
    assert "Of the hospital" not in {line.title for line in listed(app)}
    assert "Of the hospital" in {line.title for line in listed(app, ELSEWHERE)}
    with pytest.raises(NotFound):
        reviewed(app, "c1", ELSEWHERE)
    with pytest.raises(NotFound):
        say(app, "c1", "carries", Label.HIV, by=ELSEWHERE)


@pytest.mark.parametrize(
    "hidden", [SEALED, coded("adopted-person", "Adopted, and depressed")], ids=["sealed", "barred"]
)
def test_what_is_sealed_or_barred_is_shown_to_no_reviewer(app: App, hidden: dict[str, Any]) -> None:
    send(app, PRACTICE, condition("c1", "p1", "Depressed") | hidden, medicine_for("Condition/c1"))
    assert [line.type for line in listed(app)] == ["Patient"]
    assert waiting(app) == []
    for by in (LEAD, OFFICER):
        with pytest.raises(NotFound):
            reviewed(app, "c1", by)


def test_whoever_has_another_role_and_whose_record_it_is_sees_nothing(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "Depressed"))
    reviews, id_ = app.records.label_reviews, at(app, "c1")
    for other in (GP, viewer("administrator", "ZZP01")):
        with pytest.raises(NotFound):
            reviews.under_number(NUMBER, other).wait()
        with pytest.raises(NotFound):
            reviews.waiting(other).wait()
        with pytest.raises(NotFound):
            reviews.item("Condition", id_, other).wait()
        with pytest.raises(NotFound):
            reviews.nothing_sensitive("Condition", id_, other).wait()
    own = viewer("ig-lead", "ZZP01", nhs_number=NUMBER)
    assert (listed(app, own), waiting(app, own)) == ([], [])
    with pytest.raises(NotFound):
        reviewed(app, "c1", own)


def test_every_look_and_word_is_audited_with_the_person_and_without_what_it_was(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", **coded("hiv-infection")))
    listed(app)
    say(app, "c1", "lacks", Label.HIV)
    with app.store.reading() as reading:
        rows = [row.event for row in looks(reading, most=9) if row.event.action == "label"]
    assert {(row.action, row.outcome, row.person) for row in rows} == {
        ("label", "done", person_of(app)), ("label", "shown", person_of(app)),
    }  # fmt: skip
    assert "hiv" not in str([row.detail for row in rows])


# -- corrections -------------------------------------------------------------------------------------------------------


def test_a_label_added_withholds_on_the_next_request_with_what_refers_to_it(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "Plain words"), medicine_for("Condition/c1"))
    assert "Plain words" in seen(app)
    say(app, "c1", "carries", Label.HIV)
    assert "Plain words" not in seen(app)
    assert reviewed(app, "m1", type_="MedicationRequest").line.labels == {Label.HIV}


def test_a_label_removed_opens_on_the_next_request_and_what_was_said_is_kept(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", **coded("hiv-infection", "Not what it seems")))
    assert "Not what it seems" not in seen(app)
    say(app, "c1", "lacks", Label.HIV)
    assert "Not what it seems" in seen(app)
    item = reviewed(app, "c1")
    assert (item.labels, item.lacks) == ([], [Label.HIV])
    (said,) = item.said
    assert (said.label, said.says, said.why, said.by) == (Label.HIV, "lacks", "I asked the practice", "A user")
    say(app, "c1", "as-labelled", Label.HIV)
    assert "Not what it seems" not in seen(app)
    assert [each.says for each in reviewed(app, "c1").said] == ["lacks", "as-labelled"]


def test_both_last_when_the_source_sends_it_again_and_when_all_is_labelled_anew(app: App) -> None:
    def arrive(words: str) -> None:
        send(app, PRACTICE, condition("c1", "p1", **coded("hiv-infection", words)))

    arrive("First")
    say(app, "c1", "lacks", Label.HIV)
    say(app, "c1", "carries", Label.GENETIC)
    for words in ("First", "Second"):
        arrive(words)
        assert reviewed(app, "c1").line.labels == {Label.GENETIC}
    assert app.records.labelling.apply(lambda looked_at, changed: None).changed == 0
    assert reviewed(app, "c1").line.labels == {Label.GENETIC}


def test_they_last_when_the_item_is_deleted_and_comes_back(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", **coded("hiv-infection")))
    say(app, "c1", "carries", Label.GENETIC)
    gone = Deletion(type="Condition", source_id="c1")
    app.records.write([gone], by=PRACTICE, atomic=False, assurance="traced")
    send(app, PRACTICE, condition("c1", "p1", **coded("hiv-infection")))
    assert reviewed(app, "c1").line.labels == {Label.HIV, Label.GENETIC}


def test_a_ground_that_comes_later_gives_the_label_again(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", **coded("hiv-infection", "First")))
    say(app, "c1", "lacks", Label.HIV)
    send(app, PRACTICE, condition("c1", "p1", **coded("hiv-infection", "Second"), **marked("HIV")))
    assert reviewed(app, "c1").line.labels == {Label.HIV}


def test_a_mark_of_the_source_goes_only_by_its_mistake(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "Marked", **marked("HIV")))
    with pytest.raises(Incorrect, match="by mistake"):
        say(app, "c1", "lacks", Label.HIV)
    assert "Marked" not in seen(app)
    say(app, "c1", "lacks", Label.HIV, mistake=True)
    assert "Marked" in seen(app)
    send(app, PRACTICE, condition("c1", "p1", "Marked, again", **marked("HIV")))
    assert "Marked, again" in seen(app)


@pytest.mark.parametrize("label", [Label.SEALED_FLAGGED, Label.SEALED_LOCKED, Label.ADOPTION])
def test_no_seal_and_no_bar_is_said_of_an_item(app: App, label: Label) -> None:
    send(app, PRACTICE, condition("c1", "p1"))
    for says in ("carries", "lacks"):
        with pytest.raises(Incorrect, match="law's"):
            say(app, "c1", says, label)


@pytest.mark.parametrize(
    ("given", "told"),
    [({"why": "  no "}, "Say why"), ({"label": "hvi"}, "Choose a label"), ({"says": "perhaps"}, "Choose a label")],
)
def test_what_cannot_be_read_is_told(app: App, given: dict[str, str], told: str) -> None:
    send(app, PRACTICE, condition("c1", "p1"))
    words = {"label": "hiv", "says": "carries", "why": "Because I looked"} | given
    with pytest.raises(Incorrect, match=told):
        app.records.label_reviews.say("Condition", at(app, "c1"), LEAD, mistake=False, **words)


# -- words that suggest ------------------------------------------------------------------------------------------------

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">Seen for self-<b>harm</b></div>'
LETTER = {"contentType": "text/plain", "data": b64encode(b"He told us in confidence.").decode()}


@pytest.mark.parametrize(
    ("more", "label"),
    [
        ({"note": [{"text": "Known to be HIV positive."}]}, Label.HIV),
        ({"text": {"status": "additional", "div": DIV}}, Label.MENTAL_HEALTH),
        ({"code": {"text": "Drinks heavily"}}, Label.SUBSTANCE_MISUSE),
        ({"extension": [{"url": "urn:x", "valueAttachment": LETTER}]}, Label.THIRD_PARTY),
    ],
)
def test_words_put_an_item_before_a_reviewer_and_label_nothing(app: App, more: dict[str, Any], label: Label) -> None:
    send(app, PRACTICE, condition("c1", "p1") | more)
    assert len(waiting(app)) == 1
    item = reviewed(app, "c1")
    assert (set(item.line.labels), set(item.line.suggests)) == (set(), {label})
    assert [each.label for each in item.cues] == [label]
    assert len(seen(app)) == 1


def test_an_excerpt_shows_the_words_where_they_stand(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", note=[{"text": "She said that her father was Schizophrenic, once."}]))
    ((excerpt,),) = [each.excerpts for each in reviewed(app, "c1").cues]
    assert (excerpt.before[-4:], excerpt.word, excerpt.after) == ("was ", "Schizophrenic", ", once.")


def test_what_carries_the_label_or_is_no_word_of_the_table_waits_for_nobody(app: App) -> None:
    send(
        app, PRACTICE, condition("c1", "p1", **coded("depression", "Depression")),
        condition("c2", "p1", "Grape allergy, hived off"),
    )  # fmt: skip
    assert waiting(app) == []


def test_it_waits_no_longer_when_it_is_judged_and_again_when_other_words_come(app: App) -> None:
    def arrive(words: str) -> None:
        send(app, PRACTICE, condition("c1", "p1", words))

    arrive("Anxiety about exams")
    app.records.label_reviews.nothing_sensitive("Condition", at(app, "c1"), LEAD).wait()
    arrive("Anxiety about exams, as before")
    assert waiting(app) == []
    arrive("Anxiety and panic attacks")
    assert waiting(app) == ["Anxiety and panic attacks"]
    say(app, "c1", "carries", Label.MENTAL_HEALTH)
    assert waiting(app) == []
    say(app, "c1", "lacks", Label.MENTAL_HEALTH)
    assert waiting(app) == []


def test_it_waits_for_nobody_when_its_words_or_the_item_have_gone(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "Bulimia"), condition("c2", "p1", "Bulimia"))
    send(app, PRACTICE, condition("c1", "p1", "A cold"))
    app.records.write([Deletion(type="Condition", source_id="c2")], by=PRACTICE, atomic=False, assurance="traced")
    assert waiting(app) == []


def test_a_pass_over_what_is_held_finds_words_that_nobody_looked_for_before(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("concord.record.prepare.suggested", lambda resource: {})
        send(app, PRACTICE, condition("c1", "p1", "Bulimia"))
    assert waiting(app) == []
    apply = app.records.labelling.apply
    assert apply(lambda looked_at, changed: None).changed == 0
    assert waiting(app) == ["Bulimia"]


def test_the_longest_waiting_stands_first_and_no_more_than_a_page(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.record.label_reviews.MOST_WAITING", 2)
    send(app, PRACTICE, *(condition(f"c{number}", "p1", "Bulimia") for number in range(3)))
    assert len(waiting(app)) == 2


def test_a_site_that_publishes_again_keeps_what_was_said(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "Plain"))
    say(app, "c1", "carries", Label.HIV)
    enforce(app)
    assert "Plain" not in seen(app)


# -- at a glance -------------------------------------------------------------------------------------------------------


def counted(app: App, by: Viewer = LEAD) -> dict[str, tuple[int, ...]]:
    """By label: to review, added, removed, of those mistakes of the source, carried."""
    overview = app.records.label_reviews.overview(by).wait()
    return {
        each.label: (each.to_review, each.added, each.removed, each.mistakes, each.carried) for each in overview.counts
    }


def test_how_labels_stand_is_counted_of_the_own_organisation(database: Path | str) -> None:
    with small_system(database) as app:
        send(app, PRACTICE, patient("p1"))
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"), condition("c9", "h1", **coded("hiv-infection")))
        assert counted(app) == {}
        send(
            app, PRACTICE, condition("c1", "p1", "Depressed"), condition("c2", "p1", **coded("hiv-infection")),
            condition("c3", "p1", "Marked", **marked("HIV")), condition("c4", "p1", "Plain"),
            condition("c5", "p1", "Sealed, and depressed") | SEALED,
        )  # fmt: skip
        assert counted(app) == {"mental-health": (1, 0, 0, 0, 0), "hiv": (0, 0, 0, 0, 2)}
        say(app, "c2", "lacks", Label.HIV)
        say(app, "c3", "lacks", Label.HIV, mistake=True)
        say(app, "c4", "carries", Label.HIV)
        say(app, "c4", "carries", Label.GENETIC)
        say(app, "c4", "as-labelled", Label.GENETIC)
        say(app, "c1", "carries", Label.MENTAL_HEALTH)
        assert counted(app) == {"mental-health": (0, 1, 0, 0, 1), "hiv": (0, 1, 2, 1, 1)}
        assert counted(app, ELSEWHERE) == {"hiv": (0, 0, 0, 0, 1)}
        assert counted(app, viewer("ig-lead", "ZZP01", nhs_number=NUMBER)) == {}, "their own record is not counted"
        with pytest.raises(NotFound):
            app.records.label_reviews.overview(GP).wait()


def test_what_was_corrected_stands_newest_first_and_by_label(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "First"), condition("c2", "p1", "Second"))
    say(app, "c1", "carries", Label.HIV)
    say(app, "c2", "carries", Label.GENETIC)
    say(app, "c2", "as-labelled", Label.GENETIC)
    reviews = app.records.label_reviews
    told = [(each.line.title, each.label, each.says) for each in reviews.overview(LEAD).wait().corrected]
    assert sorted(told) == [("First", "hiv", "carries"), ("Second", "genetic", "as-labelled")], "the last word of each"
    assert [each.line.title for each in reviews.overview(LEAD, Label.HIV).wait().corrected] == ["First"]
    assert not reviews.overview(ELSEWHERE).wait().corrected


def test_what_waits_is_found_by_label_and_in_either_order(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "Depressed"), condition("c2", "p1", "Drinks heavily"))
    reviews = app.records.label_reviews
    assert [line.title for line in reviews.waiting(LEAD, Label.MENTAL_HEALTH).wait()] == ["Depressed"]
    assert [line.title for line in reviews.waiting(LEAD, Label.SUBSTANCE_MISUSE).wait()] == ["Drinks heavily"]
    assert {line.title for line in reviews.waiting(LEAD, newest=True).wait()} == {"Depressed", "Drinks heavily"}
    assert not reviews.waiting(LEAD, Label.HIV).wait()
