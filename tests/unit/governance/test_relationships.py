"""Windows beyond the calendar: sources write the years 1 and 9999 for "unknown"."""

from datetime import UTC, datetime, timedelta

import pytest

from concord.governance.after_death import after_death
from concord.governance.agreement import Condition, When
from concord.governance.model import Death, Relationship, RelationshipKind
from concord.governance.relationships import interval

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
SPAN = timedelta(days=14)
BEGAN = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def spell(kind: RelationshipKind, start: datetime | None, end: datetime | None) -> Relationship:
    return Relationship(
        kind=kind, organisation=None, service=None, team=None, user="555000000001", start_at=start, end_at=end
    )


def test_a_window_that_ends_beyond_the_calendar_ends_with_it() -> None:
    stay = spell(RelationshipKind.INPATIENT, None, LAST)
    assert interval(Condition(word=When.DISCHARGED_WITHIN, span=SPAN), stay) == (LAST, LAST)


def test_a_window_that_begins_before_the_calendar_begins_with_it() -> None:
    visit = spell(RelationshipKind.APPOINTMENT, FIRST, None)
    assert interval(Condition(word=When.APPOINTMENT_WITHIN, span=SPAN), visit) == (FIRST, FIRST + SPAN)


def test_a_window_of_no_length_at_the_end_is_at_the_end() -> None:
    visit = spell(RelationshipKind.APPOINTMENT, LAST, None)
    assert interval(Condition(word=When.APPOINTMENT_WITHIN, span=SPAN), visit) == (LAST - SPAN, LAST)


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        (When.DISCHARGED_WITHIN, {RelationshipKind.ATTENDING, RelationshipKind.INPATIENT}),
        (When.APPOINTMENT_WITHIN, {RelationshipKind.APPOINTMENT}),
        (When.SELF_CLAIMED, {RelationshipKind.SELF_CLAIMED}),
    ],
)
def test_a_window_is_of_its_own_kinds_alone(word: When, kinds: set[RelationshipKind]) -> None:
    met = {kind for kind in RelationshipKind if interval(Condition(word=word, span=SPAN), spell(kind, BEGAN, BEGAN))}
    assert met == kinds


# -- boundaries that no random case need meet --------------------------------------------------------------------------


def test_a_claim_ends_when_its_user_ends_it() -> None:
    claimed = Condition(word=When.SELF_CLAIMED, span=SPAN)
    assert interval(claimed, spell(RelationshipKind.SELF_CLAIMED, BEGAN, None)) == (BEGAN, BEGAN + SPAN)
    assert interval(claimed, spell(RelationshipKind.SELF_CLAIMED, BEGAN, BEGAN + HOUR)) == (BEGAN, BEGAN + HOUR)
    assert interval(claimed, spell(RelationshipKind.SELF_CLAIMED, BEGAN, BEGAN + 2 * SPAN)) == (BEGAN, BEGAN + SPAN)


def test_a_stay_of_one_instant_has_its_tail() -> None:
    """As sources write it that know of a stay only that it was."""
    stay = spell(RelationshipKind.INPATIENT, BEGAN, BEGAN)
    assert interval(Condition(word=When.DISCHARGED_WITHIN, span=SPAN), stay) == (BEGAN, BEGAN + SPAN)
    backwards = spell(RelationshipKind.INPATIENT, BEGAN, BEGAN - HOUR)
    assert interval(Condition(word=When.DISCHARGED_WITHIN, span=SPAN), backwards) is None


def test_a_death_lengthens_nothing_that_had_ended() -> None:
    over = spell(RelationshipKind.INPATIENT, BEGAN, BEGAN + HOUR)
    died = Death(at=BEGAN + 2 * HOUR)
    assert interval(Condition(word=When.INPATIENT), over, died) == (BEGAN, BEGAN + HOUR)


@pytest.mark.parametrize("kind", [kind for kind, row in after_death().items() if row.again])
def test_what_begins_at_the_instant_of_death_is_not_begun_after_it(kind: RelationshipKind) -> None:
    word = next(each for each in When if each.value == kind.value)
    at, after = (spell(kind, begins, None) for begins in (BEGAN, BEGAN + HOUR))
    ended = interval(Condition(word=word), at, Death(at=BEGAN))
    assert ended is not None
    assert ended[1] is not None
    assert interval(Condition(word=word), after, Death(at=BEGAN)) == (BEGAN + HOUR, None)
