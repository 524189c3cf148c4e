"""What the pages say."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from concord.base import Forbidden, OdsCode, Unavailable
from concord.fhir import Told
from concord.portals import error_page
from concord.record import Namesake
from concord.terminology import Heading
from tests.unit.portals.conftest import Screen
from tests.unit.portals.fake_doors import FakeRecord
from tests.unit.portals.made_up import HOSPITAL, MARGARET, MARJORIE, card, entry, margaret, opened, source, sources


def record_page(screens: Callable[..., Screen], **changes: object) -> str:
    screen = screens(record=FakeRecord(record=opened(**changes))).sign_in("ada.nwosu")
    return screen.client.get(f"/person/{MARGARET}").text


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_title_names_the_page_and_the_person(ada: Screen) -> None:
    assert "<title>Summary: HOLROYD, Margaret - Concord</title>" in ada.client.get(f"/person/{MARGARET}").text


def test_every_anchor_stands_once_and_every_alert_leads_to_one(ada: Screen) -> None:
    html = ada.client.get(f"/person/{MARGARET}").text
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_every_item_says_why_it_is_shown(ada: Screen) -> None:
    html = ada.client.get(f"/person/{MARGARET}").text
    entries = re.findall(r'<li id="[^"]+">(.*?)</li>', html, re.DOTALL)
    assert len(entries) > 30
    assert all("Why?" in entry for entry in entries)
    assert "Clause <b>ed-and-acute-medicine-see-gp-core</b>, Northfield direct care, version 3." in html


def test_why_says_from_which_fields_of_which_message_an_item_was_read(screens: Callable[..., Screen]) -> None:
    told = [Told((f"1 ORU^R01 M{number}",), ("id", "code", "valueQuantity")) for number in range(8)]
    line = replace(source(HOSPITAL), told=told[:1])
    html = record_page(screens, summary=replace(margaret(), allergies=card("", entry("a-1", "Penicillin", line, line))))
    assert html.count("Message M0 (ORU^R01): code OBX-3; value OBX-2, OBX-5, OBX-6.") == 1
    many = replace(line, told=told)
    html = record_page(screens, summary=replace(margaret(), allergies=card("", entry("a-1", "Penicillin", many))))
    assert html.count("(ORU^R01): code OBX-3") == 6
    assert "And 2 more messages." in html


def test_a_text_of_several_lines_keeps_them(screens: Callable[..., Screen]) -> None:
    culture = entry("culture", "Urine culture", source(HOSPITAL), detail="E. coli <grown>\nTrimethoprim R")
    html = record_page(screens, summary=replace(margaret(), results=replace(margaret().results, reports=(culture,))))
    assert '<span class="c-lines">E. coli &lt;grown&gt;\nTrimethoprim R</span>' in html


def test_an_empty_card_never_says_none(screens: Callable[..., Screen]) -> None:
    summary = replace(margaret(), allergies=card(""))
    late = words(record_page(screens, summary=summary))
    assert "Not known now. Northfield Community Health and Northfield Mental Health are late" in late
    heard = words(record_page(screens, summary=summary, sources=()))
    assert "Nothing to show. Every source that shares allergies with your role is up to date." in heard
    assert not re.search(r"\bno (known )?allerg(y|ies) recorded", heard, re.IGNORECASE)


def test_a_card_that_is_closed_is_named_and_not_drawn(screens: Callable[..., Screen]) -> None:
    summary = replace(margaret(), allergies=card(""))
    html = record_page(screens, summary=summary, closed=frozenset({Heading.ALLERGIES}))
    said = "Not shared with your role, for any person linked to you like this, under Northfield direct care, version 3"
    assert f"{said}: allergies and reactions." in words(html)
    assert 'id="allergies"' not in html


def test_a_card_that_ones_own_organisation_alone_could_fill_is_named_and_not_drawn(
    screens: Callable[..., Screen],
) -> None:
    own = OdsCode("ZZA01")  # where Dr Nwosu works
    shared = [replace(each, shares=each.shares - {Heading.ALLERGIES} if each.organisation != own else each.shares)
              for each in sources()]  # fmt: skip
    html = record_page(screens, summary=replace(margaret(), allergies=card("")), sources=shared)
    said = "Not shared by other organisations with your role, for any person, under Northfield direct care, version 3"
    assert f"{said}: allergies and reactions. Your own organisation has nothing to show." in words(html)
    assert 'id="allergies"' not in html


def test_an_empty_card_speaks_of_the_sources_that_share_such_things_alone(screens: Callable[..., Screen]) -> None:
    late = {each.organisation for each in sources() if each.state == "late"}
    shared = [replace(each, shares=each.shares - {Heading.ALLERGIES}) if each.organisation in late else each
              for each in sources()]  # fmt: skip
    text = words(record_page(screens, summary=replace(margaret(), allergies=card("")), sources=shared))
    assert "Every source that shares allergies with your role is up to date. Canal Row Surgery shares nothing" in text
    few = [replace(each, shares=frozenset({Heading.PROBLEMS})) if each.organisation != "ZZP01" else each
           for each in sources()]  # fmt: skip
    text = words(record_page(screens, summary=replace(margaret(), allergies=card("")), sources=few))
    assert "Only Millbrook Surgery shares allergies with your role, and is up to date." in text


def test_the_warning_line_says_who_else_it_may_be_worst_first(screens: Callable[..., Screen]) -> None:
    namesake = Namesake(name="Margaret Ann HOLROYD", born="14 Sep 1947")
    text = words(record_page(screens, namesakes=[namesake], shares_number=True))
    number, name = (text.index(said) for said in (
        "May hold another record under the same NHS number.",
        "Same name: another Margaret Ann HOLROYD, born 14 Sep 1947, is here now. Check the NHS number.",
    ))  # fmt: skip
    assert number < name


def test_the_notice_of_withholding_stands_once_or_not_at_all(screens: Callable[..., Screen]) -> None:
    sentence = "Something in this record is withheld from you."
    assert record_page(screens, withheld=True).count(sentence) == 1
    assert sentence not in record_page(screens, withheld=False)


def test_sources_that_are_late_are_named_at_the_top_and_on_their_items(ada: Screen) -> None:
    text = words(ada.client.get(f"/person/{MARGARET}").text)
    assert "Northfield Community Health is late, last heard 21 Nov 2026 18:12" in text
    assert "As of Sat 18:12" in text
    assert "Canal Row Surgery: not sharing yet" in text


def test_the_banner_of_someone_who_died(screens: Callable[..., Screen]) -> None:
    summary = margaret()
    died = replace(summary.identity, died="Died 3 Mar 2025, aged 80", age="")
    text = words(record_page(screens, summary=replace(summary, identity=died)))
    assert "† Died 3 Mar 2025, aged 80. Nothing can be booked or prescribed." in text


def test_a_shut_record_says_why_and_what_to_do(ada: Screen) -> None:
    answer = ada.client.get(f"/person/{MARJORIE}")
    assert answer.status_code == 403
    assert "Nothing links this person to Northfield General" in answer.text
    assert "register the attendance" in answer.text


def test_absent_and_hidden_are_the_same_page(ada: Screen) -> None:
    pages = [ada.client.get(path) for path in ("/person/nobody", "/no/such/page", f"/person/{MARGARET}/document/x")]
    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1
    assert ada.client.get(f"/person/{MARGARET}/who-looked").text == pages[0].text, "not for an emergency doctor"


def test_a_document_is_shown_as_text_as_sent(ada: Screen) -> None:
    html = ada.client.get(f"/person/{MARGARET}/document/letter-1").text
    assert "admitted with &lt;b&gt;AKI&lt;/b&gt; and delirium" in html


def test_the_privacy_officer_sees_who_looked(screens: Callable[..., Screen]) -> None:
    ines = screens().sign_in("ines.marques")
    text = words(ines.client.get(f"/person/{MARGARET}/who-looked").text)
    assert "Dr Ada Nwosu Doctor, Northfield General 22 Nov 2026 03:12 Concord Attending Northfield General" in text
    assert "Sam Okoro Physiotherapist, Westmoor Hospital 19 Nov 2026 03:12 Concord ✕ Refused Nothing links" in text
    assert f'href="/person/{MARGARET}/who-looked"' in ines.find(number="999 000 3114")


@pytest.mark.parametrize("number", ["9990003114", "999 000 3114", "999-000-3114", " 999000 3114 "])
def test_a_number_is_found_however_it_is_spaced(ada: Screen, number: str) -> None:
    html = ada.find(number=number)
    assert "1 person matches" in html
    assert "9990003114" not in html.replace(number, "")
    assert [query.nhs_number for query in ada.record.queries] == ["9990003114"]


def test_people_with_like_names_are_told_apart(ada: Screen) -> None:
    html = ada.find(family="Holroyd", given="Margaret", born="14/2/1942")
    assert "4 people match" in html
    assert "HOLROYD, Mar<mark>jorie</mark>" in html
    assert "14 <mark>Sep</mark> 194<mark>7</mark>" in html
    assert "No link to you" in html


def test_nobody_found_is_said_in_the_words_that_fit_a_hidden_person_too(ada: Screen) -> None:
    assert "There is nobody you can open with these details." in ada.find(family="Nobody", given="A", born="1 1 1980")


def test_a_mistake_is_said_at_the_top_in_the_title_and_at_the_field(ada: Screen) -> None:
    html = ada.find(family="Holroyd", born="31 2 1942")
    assert "<title>Error: Find a person - Concord</title>" in html
    assert '<a href="#given">Enter the first name</a>' in html
    assert 'id="born-error"' in html
    assert ada.record.queries == []


def test_a_role_that_does_not_trace_works_from_its_lists(screens: Callable[..., Screen]) -> None:
    html = screens().sign_in("carol.dean").client.get("/").text
    assert "Your role does not search for people." in html
    assert 'action="/find"' not in html
    assert "HOLROYD, Margaret" in html


def test_an_empty_list_says_how_people_come_onto_it(ada: Screen) -> None:
    assert "People appear here when a team adds them to you." in ada.client.get("/lists/caseload").text


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (RuntimeError("HOLROYD has an allergy"), 500, "This does not mean that there is nothing in the record."),
        (Unavailable("The database does not answer."), 503, "<p>The database does not answer.</p>"),
        (Forbidden("Users are picked in a demo alone"), 403, "<p>Users are picked in a demo alone.</p>"),
        (HTTPException(405), 405, "This page cannot be used in that way"),
    ],
)
def test_an_error_is_said_in_plain_words_and_tells_nothing_of_a_person(
    error: Exception, status: int, says: str
) -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "scheme": "http", "headers": []})
    page = error_page(request, error)
    assert page.status_code == status
    assert says in bytes(page.body).decode()
    assert "HOLROYD" not in bytes(page.body).decode()


def test_reloading_a_search_leads_back_to_the_form(ada: Screen) -> None:
    assert "<h1>Find a person</h1>" in ada.client.get("/find").text
