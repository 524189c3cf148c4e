"""Windows beyond the calendar: sources write the years 1 and 9999 for "unknown"."""

from datetime import UTC, datetime, timedelta

from concord.governance.agreement import Condition, When
from concord.governance.model import Relationship, RelationshipKind
from concord.governance.relationships import interval

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
SPAN = timedelta(days=14)


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
