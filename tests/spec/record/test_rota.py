"""When somebody was at work, by the rota that is given: examples that a privacy officer can read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from concord.base import Incorrect
from concord.record.misuse import Access, Near, Tie, Why, parse_rota, rank

ROTA = """\
user,starts_at,ends_at
yara.haddad,2026-11-20T07:00:00Z,2026-11-20T15:30:00Z
yara.haddad,2026-11-21T21:00:00+00:00,2026-11-22T07:30:00+00:00
"""


@pytest.mark.parametrize(
    ("user", "at", "on_shift"),
    [
        ("yara.haddad", "2026-11-20T12:00:00Z", True),
        ("yara.haddad", "2026-11-20T06:15:00Z", True),  # handing over
        ("yara.haddad", "2026-11-20T16:20:00Z", True),  # writing up
        ("yara.haddad", "2026-11-20T19:00:00Z", False),
        ("yara.haddad", "2026-11-22T03:00:00Z", True),  # a night
        ("yara.haddad", "2026-12-24T12:00:00Z", None),  # the rota does not speak of that time
        ("sam.kelly", "2026-11-20T12:00:00Z", None),  # nor of everybody
    ],
)
def test_whether_somebody_was_at_work(user: str, at: str, on_shift: bool | None) -> None:
    assert parse_rota(ROTA).on_shift(user, datetime.fromisoformat(at)) is on_shift


def test_without_a_rota_nothing_is_known() -> None:
    assert parse_rota("").on_shift("yara.haddad", datetime(2026, 11, 20, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("who,from,to\n", "begins with the line user,starts_at,ends_at"),
        (ROTA + "a,b\n", "line 4: a shift is"),
        (ROTA + "a,2026-11-20T07:00:00,2026-11-20T15:30:00Z\n", "line 4: an instant must be such as"),
        (ROTA + "a,2026-11-20T15:00:00Z,2026-11-20T07:30:00Z\n", "line 4: a shift ends after it starts"),
        (ROTA + "a,2026-11-20T15:00:00Z,2026-11-30T07:30:00Z\n", "within 36 hours"),
    ],
)
def test_a_rota_that_cannot_be_read_is_refused_by_line(text: str, says: str) -> None:
    with pytest.raises(Incorrect, match=says):
        parse_rota(text)


NURSE = Access(
    user="nurse", organisation="ZZA", service="medicine", role="nurse", person="somebody",
    at=datetime(2026, 11, 20, 22, tzinfo=UTC), looks=1, near=Near.NOT, related=True, contact=False, listed=False,
    own_word=False,
)  # fmt: skip


def test_an_access_off_shift_is_odder_and_one_on_shift_is_not_odd_by_its_hour() -> None:
    """A neighbour looked at: what the rota says decides over what is usual for the user."""
    usual = [
        replace(NURSE, person=f"p{day}", near=Near.NAMED, at=NURSE.at.replace(hour=10) - timedelta(days=day))
        for day in range(1, 40)
    ]
    whys = {
        on_shift: set(rank([*usual, replace(NURSE, ties=frozenset({Tie.NEIGHBOUR}), on_shift=on_shift)])[0].whys)
        for on_shift in (None, True, False)
    }
    assert {each: whys[each] & {Why.HOUR, Why.OFF_SHIFT} for each in whys} == {
        None: {Why.HOUR}, True: set(), False: {Why.OFF_SHIFT},
    }  # fmt: skip
