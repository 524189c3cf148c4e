"""A hospital number that comes with other details: the same person still, or somebody else?"""

from pathlib import Path

import pytest

from concord.identity import Told, is_another
from tests.small_system import small_system
from tests.spec.identity.test_merges import lies, message, pid, registered, rejected, told, visit

NUMBER, OTHER = "9990003114", "9990003203"


def said(family: str = "holroyd", given: str = "margaret", born: str = "1942-02-14", number: str = "") -> Told:
    return Told(
        nhs_numbers={number} - {""}, families={family} - {""}, givens={given} - {""}, born_on=born
    )  # fmt: skip


KNOWN = said(number=NUMBER)
# what comes under the same number -> somebody else?
CASES = [
    ("the same", said(number=NUMBER), False),
    ("a new name by marriage", said(family="ackroyd", number=NUMBER), False),
    ("another sex and first name", said(given="martin", number=NUMBER), False),
    ("both names new, as after a baby is named", said(family="smith", given="james", number=NUMBER), False),
    ("a date of birth put right", said(born="1942-02-15", number=NUMBER), False),
    ("a year of birth alone", said(family="x", given="y", born="1942"), False),
    ("an NHS number that replaces another", said(number=OTHER), False),
    ("a new name and date, the first name kept", said(family="ackroyd", born="1942-02-15"), False),
    ("nothing but the number", Told(), False),
    ("another number and another date of birth", said(born="1990-05-01", number=OTHER), True),
    ("another number and all names new, as after an adoption", said("smith", "james", number=OTHER), True),
    ("names and date of birth all others", said("smith", "james", "1990-05-01"), True),
]


@pytest.mark.parametrize(("now", "another"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_is_it_somebody_else(now: Told, another: bool) -> None:
    assert is_another(KNOWN, now) == another
    assert is_another(now, KNOWN) == another


def test_somebody_unknown_may_turn_out_to_be_anybody() -> None:
    assert not is_another(said("unknown", "unknown", "1900-01-01"), said(number=NUMBER))


def test_what_comes_under_a_number_given_out_again_is_held_whole(tmp_path: Path) -> None:
    somebody = registered("A", nhs=NUMBER)
    other = pid("A", family="Smith", born="19900501").replace("Margaret", "James")
    admitted = message("A01", "20240301090000", other, f"PV1|1|I|Ash^1^A{'|' * 16}V9")
    result = message("A08", "20240302", other).replace("ADT^A08", "ORU^R01") + "\rOBR|1||F1|X\rOBX|1|NM|K||4"
    merge = message("A40", "20240303", other, "MRG|B^^^PAS^MR")
    with small_system(tmp_path) as app:
        assert rejected(told(app, tmp_path, somebody, visit("A01", "20240110", "V1", "A"))) == 0
        reports = told(app, tmp_path, admitted, result, merge)
        assert rejected(reports) == 3
        assert all("somebody else" in report.rejects[0].reason for report in reports)
        assert lies(app, "Encounter", "V1") == "A"
        with app.store.reading() as reading:
            assert reading.rows("SELECT count(*) FROM item") == [(2,)]
