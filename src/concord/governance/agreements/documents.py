"""All that is made of agreements for people to read: those who sign, those whom the record is about, the regulator."""

from collections.abc import Sequence
from dataclasses import dataclass

from concord.governance.agreement import Agreement
from concord.governance.agreements.leaflet import leaflet_page, notice_page
from concord.governance.agreements.pages import Page, Table
from concord.governance.agreements.processing_record import processing_record, processing_record_page
from concord.governance.agreements.reading_out import agreement_page
from concord.governance.agreements.reviews import reviews_calendar, reviews_page
from concord.governance.directory import Directory


@dataclass(frozen=True, kw_only=True, slots=True)
class Documents:
    """`agreements`: a page each, in the order given. `processing_rows`: the page `processing` as a spreadsheet has it.
    `calendar`: the page `reviews` as an iCalendar file."""

    agreements: tuple[Page, ...]
    leaflet: Page
    notice: Page
    processing: Page
    processing_rows: Table
    reviews: Page
    calendar: str


def documents_of(agreements: Sequence[Agreement], directory: Directory) -> Documents:
    """All documents of the agreements together. Raises Incorrect for one that says nothing under `processing`."""
    return Documents(
        agreements=tuple(agreement_page(agreement, directory) for agreement in agreements),
        leaflet=leaflet_page(agreements, directory),
        notice=notice_page(agreements, directory),
        processing=processing_record_page(agreements, directory),
        processing_rows=processing_record(agreements, directory),
        reviews=reviews_page(agreements, directory),
        calendar=reviews_calendar(agreements, directory),
    )
