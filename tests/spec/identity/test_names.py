"""Names as they vary between those who write them down: tables a linkage expert, or a registrar, can read.

Known at the practice, and what the hospital writes for somebody of the same birth date, sex and house, without a
number.
"""

from importlib.resources import files

import pytest
import yaml

from concord.fhir import fold
from concord.identity.matching import compare
from concord.identity.names import family_form, long_form, long_forms, romanised, spellings
from concord.store.people import Demographics
from tests.spec.identity.people_alike import Known, judged, saying
from tests.spec.identity.test_likeness import NUMBER

# given and family name known | as written elsewhere | what becomes of it
TABLE = [
    # Transliterated names have no one spelling.
    ("Mohammed Hussain", "Muhammad Husain", "link"),
    ("Yusuf Qureshi", "Youssef Quraishi", "link"),
    ("Fatima Choudhury", "Fatema Chowdhury", "link"),
    ("Khadija Siddiqui", "Khadeeja Siddiqi", "link"),
    ("Oleksandr Shevchenko", "Aleksandr Shevchenko", "link"),
    ("Yuliia Kovalenko", "Iuliia Kovalenko", "link"),
    ("Jürgen Müller", "Jurgen Mueller", "link"),
    # One person, two scripts.
    ("Serhii Ivanov", "Сергій Іванов", "link"),
    ("Mariia Kovalchuk", "Марія Ковальчук", "link"),
    ("Eleni Papadopoulou", "Ελένη Παπαδοπούλου", "link"),
    ("Muhammad Hussain", "محمد حسين", "link"),
    ("Fang Wang", "Fang 王", "link"),
    ("Łukasz Wójcik", "Lukasz Wojcik", "link"),
    ("Søren O'Neill", "Soren ONeill", "link"),
    # Near, and perhaps another: a human looks.
    ("Mohammed Hussain", "Mahmood Hussain", "wait"),
    ("Hassan Ali", "Hussain Ali", "wait"),
    ("Oleksandr Shevchenko", "Oleksii Shevchenko", "wait"),
    ("Mohammed Ali Khan", "Muhammad Hassan Khan", "wait"),
    ("Wei Wang", "Wei Wong", "wait"),
    ("محمد حسين", "علي حسين", "wait"),
    # A name that no table has stays as it is written, and two scripts do not agree.
    ("Haruto Tanaka", "陽翔 田中", "wait"),
]


def known_as(name: str) -> Demographics:
    given, _, family = name.rpartition(" ")
    first = given.split()[0]
    plain = [fold(part).replace("'", "").replace(" ", "") for part in (family, first)]
    return saying(family=plain[0], given=plain[1], shown_name=f"{family.upper()}, {given}")


@pytest.mark.parametrize(("known", "written", "expected"), TABLE)
def test_a_name_beside_another_way_to_write_it(known: str, written: str, expected: str) -> None:
    one, other = known_as(known), known_as(written)
    assert judged(other, Known(demographics=one)).decision == expected
    assert judged(one, Known(demographics=other)).decision == expected


@pytest.mark.parametrize(
    ("known", "written", "expected"),
    [
        ("Fatima Choudhury", "Fatema Chowdhury", "link"),
        ("Serhii Ivanov", "Сергій Іванов", "link"),
        ("Fatima Choudhury", "Fatema Shevchenko", "hold"),
        ("Hassan Ali", "Yusuf Ali", "hold"),
    ],
)
def test_under_one_number_a_spelling_is_no_other_name(known: str, written: str, expected: str) -> None:
    one, other = (saying(known_as(each), nhs_number=NUMBER) for each in (known, written))
    assert compare(other, [one], "traced").decision == expected


def test_no_spelling_stands_for_two_names_and_no_form_for_another() -> None:
    table = yaml.safe_load((files("concord.identity") / "spellings.yaml").read_text(encoding="utf-8"))
    forms = [fold(form) for name, forms in table.items() for form in {name, *forms.split()}]
    assert [form for form in forms if forms.count(form) > 1] == []
    assert [name for name in spellings().values() if long_form(name) != name or family_form(name) != name] == []
    assert {long_form(long) for long in long_forms().values()} == {long_form(short) for short in long_forms()}


def test_letters_become_letters() -> None:
    letters = [romanised(fold(name)) for name in ("Їжакевич", "Щербина", "Χατζής", "Ђорђевић")]
    assert letters == ["izhakevich", "shcherbina", "chatzis", "dordevic"]
    assert romanised("holroyd") == "holroyd"
    assert romanised("陽翔") == "陽翔"
