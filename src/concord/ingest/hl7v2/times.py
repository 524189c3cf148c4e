"""Times in the fields of a segment, as FHIR's."""

from concord.ingest.hl7v2.clocks import fhir_time
from concord.ingest.hl7v2.message import NotMapped, Segment


def date_time(segment: Segment, number: int, component: int = 1) -> str | None:
    """The field (a component of it) as a FHIR dateTime, as precise as it was sent; None when absent.

    Raises NotMapped.
    """
    text = segment.text(number, component)
    if not text:
        return None
    try:
        return fhir_time(text, segment.sent_at)
    except (ValueError, OverflowError):
        raise NotMapped(segment.where(number), "The field is not a time that the calendar knows.") from None


def date(segment: Segment, number: int) -> str | None:
    """The field's date as a FHIR date; its time, if any, is passed over. Raises NotMapped."""
    found = date_time(segment, number)
    return found and found[:10]


def instant(segment: Segment, number: int) -> str | None:
    """The field as a FHIR instant; None when it is absent or less precise than a minute. Raises NotMapped."""
    found = date_time(segment, number)
    return found if found and "T" in found else None
