"""When a legitimate relationship holds, and for whom."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from concord.base import OdsCode
from concord.governance.after_death import after_death
from concord.governance.agreement import Condition, When
from concord.governance.model import Death, Relationship, RelationshipKind, Viewer
from concord.governance.seats import Asked

Interval = tuple[datetime | None, datetime | None]
"""From the first instant (None: ever) up to, not including, the second (None: still open)."""

_STAYS = (RelationshipKind.ATTENDING, RelationshipKind.INPATIENT)


def held_by(relationship: Relationship, viewer: Viewer, seats: Collection[OdsCode]) -> bool:
    """Whether the viewer is whom the relationship names: every narrowing that it makes must fit. `seats`: the
    organisations as which they see records.

    One that names neither an organisation nor a user is nobody's: teams and services are named by their
    organisations, and two organisations may use one name.
    """
    if relationship.organisation is None and relationship.user is None:
        return False
    return (
        (relationship.organisation is None or relationship.organisation in seats)
        and relationship.service in (None, viewer.service)
        and (relationship.team is None or relationship.team in viewer.teams)
        and relationship.user in (None, viewer.staff_id)
    )


def interval(condition: Condition, relationship: Relationship, death: Death | None = None) -> Interval | None:
    """When the relationship meets the condition; None if never."""
    period = _in_life(condition, relationship)
    if period is None or death is None:
        return period
    row = after_death()[relationship.kind]
    if death.at is None:
        return period if row.lasts else None
    if row.again and relationship.start_at is not None and relationship.start_at > death.at:
        return period
    start, end = period
    last = _shifted(death.at, row.lasts)
    return start, last if end is None else min(end, last)


def _in_life(condition: Condition, relationship: Relationship) -> Interval | None:
    start, end = relationship.start_at, relationship.end_at
    if start is not None and end is not None and end < start:
        return None
    if condition.word is When.DISCHARGED_WITHIN:
        if relationship.kind not in _STAYS or end is None or condition.span is None:
            return None
        return end, _shifted(end, condition.span)
    if condition.word is When.APPOINTMENT_WITHIN:
        if relationship.kind is not RelationshipKind.APPOINTMENT or start is None or condition.span is None:
            return None
        return _shifted(start, -condition.span), _shifted(end or start, condition.span)
    if condition.word is When.SELF_CLAIMED:
        if relationship.kind is not RelationshipKind.SELF_CLAIMED or start is None or condition.span is None:
            return None
        ends = _shifted(start, condition.span)
        return start, ends if end is None else min(end, ends)
    return (start, end) if relationship.kind.value == condition.word.value else None


def spans(period: Interval, now: datetime) -> bool:
    """Whether `now` lies in the interval."""
    start, end = period
    return (start is None or start <= now) and (end is None or now < end)


def conditions_met(
    conditions: Sequence[Asked], relationships: Sequence[Relationship], now: datetime, death: Death | None = None
) -> tuple[int, list[datetime]]:
    """The conditions that hold now (bit by position), and every instant at which one may change."""
    met = 0
    edges: list[datetime] = []
    for position, asked in enumerate(conditions):
        for relationship in relationships:
            if asked.held_with and relationship.organisation not in asked.held_with:
                continue
            period = interval(asked.condition, relationship, death)
            if period is not None:
                edges.extend(edge for edge in period if edge is not None)
                if spans(period, now):
                    met |= 1 << position
    return met, edges


def _shifted(instant: datetime, span: timedelta) -> datetime:
    """Sources write the years 1 and 9999 for "unknown": a window beyond the calendar ends with it."""
    try:
        return instant + span
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if span > timedelta() else datetime.min.replace(tzinfo=UTC)
