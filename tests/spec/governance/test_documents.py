"""What is made of agreements for people: leaflet, privacy notice, record of processing, review calendar."""

import re
import sys
from dataclasses import replace
from datetime import date

import pytest

from concord.base import Incorrect
from concord.demo import write_northfield
from concord.governance import Policy, parse_agreement, parse_directory
from concord.governance.agreements import Documents, Page, documents_of
from concord.governance.words import words
from concord.terminology import HEADINGS, Heading
from tests.spec.governance.northfield import AGREEMENT, agreement, directory
from tests.spec.governance.readability import grade, syllables, texts_of

PROCESSING = """processing:
  why: A duty to share (Health and Social Care Act 2012, section 251B).
  in_plain_words: So that those who look after you know what they need to know.
  people: People who are looked after by one of us.
  controllers: Each of us answers for what we wrote.
  contact: Data protection officer, Northfield General, 01632 960801
  retention: We keep it for 8 years.
  security: Every look is written down.
  transfers: No. All of it stays in the UK.
"""
TOLD = AGREEMENT.replace("clauses:\n", f"{PROCESSING}clauses:\n", 1)


@pytest.fixture(scope="module")
def northfield(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    folder = tmp_path_factory.mktemp("northfield")
    write_northfield(folder, people=40, seed=1, today=date(2026, 11, 22), progress=lambda done, total: None)
    known = parse_directory((folder / "organisations.yaml").read_text(encoding="utf-8"), filename="organisations.yaml")
    agreements = [
        parse_agreement(path.read_text(encoding="utf-8"), filename=path.name, directory=known)
        for path in sorted((folder / "agreements").glob("*.yaml"))
    ]
    return documents_of(agreements, known)


def told(text: str = TOLD) -> Documents:
    return documents_of([agreement(text)], directory())


def section(page: Page, title: str) -> tuple[str, ...]:
    return next(each.sentences for each in page.sections if each.title == title)


@pytest.mark.parametrize(
    ("word", "number"),
    [("nurse", 1), ("people", 2), ("medicines", 3), ("allergies", 3), ("emergency", 4), ("shared", 1), ("needed", 2),
     ("agreement", 3), ("GP", 2), ("pharmacies", 3), ("who", 1), ("closes", 2), ("little", 2), ("being", 2)],
)  # fmt: skip
def test_syllables_are_counted_as_they_are_spoken(word: str, number: int) -> None:
    assert syllables(word) == number


def test_a_contract_is_harder_to_read_than_a_childs_book() -> None:
    assert grade(["The cat sat on the mat. It was fat."]) < 1
    assert grade(["Notwithstanding contrary provisions, controllers shall be jointly and severally accountable."]) > 12


def test_leaflet_and_notice_are_read_by_a_child_of_eleven(
    northfield: Documents, capsys: pytest.CaptureFixture[str]
) -> None:
    grades = {}
    for page in (northfield.leaflet, northfield.notice):
        grades[page.title] = grade(list(texts_of(page)))
        grades[f"{page.title}, its sentences alone"] = grade(
            [each for part in page.sections for each in part.sentences]
        )
    with capsys.disabled():
        sys.stdout.write("".join(f"\n{what}: Flesch-Kincaid grade {each:.1f}" for what, each in grades.items()) + "\n")
    assert max(grades.values()) <= 6


def test_each_heading_stands_in_one_theme_of_the_leaflet() -> None:
    themes = [heading for _, headings in words(lay=True).themes for heading in headings]
    assert sorted(themes) == sorted(each for each in HEADINGS if each is not Heading.UNCLASSIFIED)


def test_the_leaflet_says_who_sees_what_of_others_and_when() -> None:
    found = next(each for each in told().leaflet.sections if each.title == "Who can see what")
    assert found.tables[0].rows == (
        (
            "GPs at Millbrook Surgery and Hilltop Surgery",
            "Your medicines and allergies. Your health problems and care for them. Your visits and stays.",
            "You are registered there.",
        ),
        (
            "Doctors and nurses at Northfield General",
            "Warnings and risks. Your medicines and allergies. Your health problems and care for them.",
            (
                "You are being seen there. You are in hospital there. You left there less than 14 days ago. "
                "You have a visit there less than 7 days away."
            ),
        ),
        (
            "Social workers for adults at Northfield Council",
            "Your visits and stays.",
            "You are on the list of people that they look after.",
        ),
        (
            "Community pharmacists at Canal Pharmacy",
            "Your medicines and allergies.",
            "You chose that pharmacy.",
        ),
    )


def test_a_role_that_sees_its_own_place_alone_stands_apart() -> None:
    clause = (
        "  - id: reception\n    from: {organisations: practices}\n    shares: [person-demographics]\n"
        "    with: {organisations: own, roles: [receptionist, gp]}\n    when: [registered]\n"
    )
    found = next(each for each in told(f"{TOLD}{clause}").leaflet.sections if each.title == "Who can see what")
    assert found.tables[1].title == "Who can see only what their own team wrote"
    assert found.tables[1].rows == (
        (
            "Receptionists at Millbrook Surgery and Hilltop Surgery",
            "Your name and who to call.",
            "You are registered there.",
        ),
    )


def test_the_leaflet_says_how_far_what_is_private_goes() -> None:
    _, stays, some, law = section(told().leaflet, "What stays private")
    assert "HIV" in stays
    assert some == "Only some staff can see what is about: mental health and sexual health."
    assert "your gender history" in law


@pytest.mark.parametrize(
    ("written", "instead", "expected"),
    [
        ("share-out: explicit, share-in: explicit", "share-out: implied", "you do not need to do anything"),
        ("share-out: explicit, share-in: explicit", "share-out: explicit", "Your own team asks you first."),
        ("share-out: explicit, share-in: explicit", "share-in: explicit", "Those who want to look must ask you too."),
        ("", "", "Even if you say no, some of us still share: worries about your safety."),
    ],
)
def test_the_leaflet_says_what_the_person_can_choose(written: str, instead: str, expected: str) -> None:
    said = " ".join(section(told(TOLD.replace(written, instead)).leaflet, "What you can choose"))
    assert expected in said


def test_the_leaflet_speaks_of_emergencies_only_where_there_is_an_override() -> None:
    override = "    override: {roles: [doctor], lifts: [relationship], for: 4h}\n"
    broken = TOLD.replace(
        "    objection: {except: [safeguarding]}\n", override + "    objection: {except: [safeguarding]}\n"
    )
    assert "In an emergency" not in [each.title for each in told().leaflet.sections]
    assert section(told(broken).leaflet, "In an emergency")[0].endswith("They are: doctors.")


def test_the_record_of_processing_answers_article_30() -> None:
    rows = told().processing_rows
    assert [re.findall(r"30\(1\)\([a-g]\)", name) for name in rows.head] == [
        [], ["30(1)(a)"], ["30(1)(b)"], [], ["30(1)(c)"], ["30(1)(c)"], ["30(1)(d)"], ["30(1)(e)"], ["30(1)(f)"],
        ["30(1)(g)"], [],
    ]  # fmt: skip
    (row,) = rows.rows
    assert row[0] == "Northfield direct care, version 3 (northfield-direct-care)"
    assert "Community pharmacists at Canal Pharmacy" in row[6]
    assert row[-1] == "1 April 2026 to 31 March 2028; review 1 April 2027"
    assert [each[1] for each in told().processing.sections[0].tables[0].rows] == list(row[1:])


def test_reviews_are_warned_of_90_30_and_7_days_before() -> None:
    (table,) = told().reviews.sections[0].tables
    assert [row[:2] for row in table.rows] == [
        ("1 January 2027", "90 days to go: review"),
        ("2 March 2027", "30 days to go: review"),
        ("25 March 2027", "7 days to go: review"),
        ("1 April 2027", "Review"),
        ("1 January 2028", "90 days to go: last day"),
        ("1 March 2028", "30 days to go: last day"),
        ("24 March 2028", "7 days to go: last day"),
        ("31 March 2028", "Last day"),
    ]


def test_a_calendar_takes_the_reviews() -> None:
    lines = told(
        TOLD.replace("title: Northfield direct care", "title: Dwyrain, gogledd a gorllewin " + "ŵ" * 40)
    ).calendar
    assert all(len(line.encode()) <= 75 for line in lines.split("\r\n"))
    unfolded = lines.replace("\r\n ", "")
    assert unfolded.count("BEGIN:VEVENT") == 2
    assert unfolded.count("TRIGGER:-P30D") == 2
    assert "DTSTART;VALUE=DATE:20270401\r\nDTEND;VALUE=DATE:20270402\r\n" in unfolded
    assert f"SUMMARY:Dwyrain\\, gogledd a gorllewin {'ŵ' * 40}\\, version 3: Review\r\n" in unfolded


def test_an_agreement_that_says_nothing_of_its_processing_is_named() -> None:
    with pytest.raises(Incorrect, match="northfield-direct-care says nothing under `processing:`"):
        told(AGREEMENT)


def test_what_is_said_of_the_processing_is_part_of_what_is_signed() -> None:
    signed = agreement(TOLD)
    assert signed.processing is not None
    longer = replace(signed, processing=replace(signed.processing, retention="We keep it for 9 years."))
    assert signed.digest != longer.digest
    assert Policy(agreements=[signed], signatures=(), directory=directory()).version != (
        Policy(agreements=[longer], signatures=(), directory=directory()).version
    )
