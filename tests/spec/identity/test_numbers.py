"""NHS numbers as sources send them, and how far they are trusted: a table a records manager can read.

Held is Margaret Holroyd at her practice, under 999 000 3114. The hospital, whose feed's numbers are traced, sends the
same person from another address under another first name ("Peggy"), so that a stated number would be held.
"""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.record.numbers import is_untraced, number_of, tracing_of
from tests.small_system import COMMUNITY, HOSPITAL, NHS_NUMBER, PRACTICE, patient, send, small_system, viewer

UK_CORE = "https://fhir.hl7.org.uk"
NHS = "https://fhir.nhs.uk/Id/nhs-number"
ELSEWHERE: dict[str, Any] = {
    "name": [{"family": "Holroyd", "given": ["Peggy"]}],
    "address": [{"line": ["3 Canal Row"], "postalCode": "NF1 1AA"}],
}


def number(status: str = "", value: str = NHS_NUMBER, **more: Any) -> dict[str, Any]:
    coding = {"system": f"{UK_CORE}/CodeSystem/UKCore-NHSNumberVerificationStatusEngland", "code": status}
    extension = {
        "url": f"{UK_CORE}/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
        "valueCodeableConcept": {"coding": [coding]},
    }
    return {"system": NHS, "value": value} | ({"extension": [extension]} if status else {}) | more


# status of the number | does it find the person? | what becomes of the hospital's record
STATUSES = [
    ("", True, "linked"),
    ("01", True, "linked"),  # present and verified
    ("02", True, "waits"),  # present, not traced
    ("03", True, "waits"),  # a trace is required
    ("04", False, "waits"),  # traced: nobody, or several
    ("05", False, "waits"),  # to be resolved: the details are somebody else's
    ("06", True, "waits"),  # a trace is under way
    ("07", True, "waits"),  # no trace required
    ("08", True, "waits"),  # a trace is put off, as for a baby of less than six weeks
    # by the words that UK Core had before, and by what nobody knows
    ("number-present-and-verified", True, "linked"),
    ("number-present-but-not-traced", True, "waits"),
    ("trace-attempted-no-match-or-multiple-match-found", False, "waits"),
    ("trace-needs-to-be-resolved-(nhs-number-or-patient-detail-conflict)", False, "waits"),
    ("trace-in-progress", True, "waits"),
    ("a-code-of-next-year", True, "waits"),
]


@pytest.mark.parametrize(("status", "finds", "becomes"), STATUSES)
def test_a_number_is_trusted_as_far_as_its_source_says_that_it_was_traced(
    status: str, finds: bool, becomes: str, tmp_path: Path
) -> None:
    assert (number_of({"identifier": [number(status)]}) == NHS_NUMBER) is finds
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp"))
        send(app, HOSPITAL, patient("ed", identifier=[number(status)], **ELSEWHERE), assurance="traced")
        waiting = [each.why for each in app.records.held_for_review()]
        with app.store.reading() as reading:
            persons = {row[0] for row in reading.rows("SELECT person FROM link")}
    assert (len(persons), len(waiting)) == {"linked": (1, 0), "waits": (2, 1)}[becomes]
    if finds and waiting:
        assert waiting == ["stated number; neither given name nor postcode agrees"]


@pytest.mark.parametrize(
    ("identifiers", "found"),
    [
        ([number()], NHS_NUMBER),
        ([number(value="999 000 3114")], NHS_NUMBER),
        ([number(value="9990003115")], None),  # fails its check digit
        ([number(use="old")], None),  # superseded, and nothing instead
        ([number(use="old"), number(value="9990003203")], "9990003203"),
        ([{"system": NHS, "extension": [{"url": "unavailable", "valueCode": "05"}]}], None),  # why there is none
        ([{"system": "urn:hospital", "value": NHS_NUMBER}], None),  # a local identifier that looks like one
        ([], None),
    ],
)
def test_which_number_of_several_is_the_persons(identifiers: list[dict[str, Any]], found: str | None) -> None:
    assert number_of({"identifier": identifiers}) == found
    assert not is_untraced({"identifier": identifiers})


def test_a_number_that_is_traced_later_is_judged_anew_and_one_that_falls_in_doubt_too(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:

        def persons() -> int:
            with app.store.reading() as reading:
                return len({row[0] for row in reading.rows("SELECT person FROM link")})

        send(app, PRACTICE, patient("gp"))
        send(app, HOSPITAL, patient("ed", identifier=[number("06")], **ELSEWHERE))
        assert persons() == 2
        send(app, HOSPITAL, patient("ed", identifier=[number("01")], **ELSEWHERE))
        assert persons() == 1
        send(app, HOSPITAL, patient("ed", identifier=[number("05")], **ELSEWHERE))
        assert persons() == 2


NEW = "9990003203"
REPLACED = patient("ed", identifier=[number(use="old"), number(value=NEW)])
OFFICER = viewer("data-quality-officer", "ZZA")
WHY = "one NHS number is said to stand in the place of the other"


def waiting(app: App) -> list[str]:
    return [row.why for row in app.records.links.worklist(OFFICER).wait()]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_where_one_number_stands_in_the_place_of_another_a_human_is_asked(
    order: tuple[int, int], tmp_path: Path
) -> None:
    arrivals = ((PRACTICE, patient("gp")), (HOSPITAL, REPLACED))
    with small_system(tmp_path) as app:
        for at in order:
            send(app, *arrivals[at])
        assert waiting(app) == [WHY]
        (row,) = app.records.links.worklist(OFFICER).wait()
        say = partial(
            app.records.links.say, row.one.patient, row.other.patient, OFFICER, why="The tracing service says so"
        )
        say(same=True).wait()
        assert waiting(app) == []
        send(app, HOSPITAL, REPLACED | {"active": True})
        assert waiting(app) == []
        say(same=False).wait()
        send(app, HOSPITAL, REPLACED | {"birthDate": "1942-02-15"})
        send(app, PRACTICE, patient("gp", birthDate="1942-02-15"))
        assert waiting(app) == []


def test_a_number_that_nobody_else_bears_is_nothing_to_ask_about(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, HOSPITAL, REPLACED)
        send(app, PRACTICE, patient("gp", number=NEW))
        assert waiting(app) == []
        send(app, HOSPITAL, patient("ed", number=NEW))  # it says so no more
        send(app, COMMUNITY, patient("c"))
        assert waiting(app) == []


def unavailable(code: str) -> dict[str, Any]:
    url = f"{UK_CORE}/StructureDefinition/Extension-UKCore-NHSNumberUnavailableReason"
    return {"url": url, "valueCodeableConcept": {"coding": [{"code": code}]}}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"identifier": [number("01")]}, "Traced"),
        ({"identifier": [number("02")]}, "Not traced"),
        ({"identifier": [number("05")]}, "In doubt: tracing found nobody, or others"),
        ({"identifier": [number()]}, "Not said of this one"),
        ({}, "No number, and not said why"),
        ({"extension": [unavailable("overseas-patient")]}, "No number: from overseas"),
        ({"extension": [unavailable("devolved-nation")]}, "No number: from another nation of the United Kingdom"),
        ({"extension": [unavailable("nhs-number-not-known")]}, "No number: not known"),
        ({"extension": [unavailable("new")]}, "No number: another reason"),
        ({"identifier": [number("01")], "extension": [unavailable("overseas-patient")]}, "Traced"),
    ],
)
def test_a_reviewer_is_told_how_far_a_number_was_traced_or_why_there_is_none(said: dict[str, Any], told: str) -> None:
    assert tracing_of(said) == told
