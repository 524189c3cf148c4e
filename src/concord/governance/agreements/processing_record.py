"""The record of processing activities that UK GDPR article 30 asks of each controller, made from agreements."""

from collections.abc import Sequence

from concord.governance.agreement import Agreement
from concord.governance.agreements.leaflet import processing_of
from concord.governance.agreements.pages import Page, Section, Table
from concord.governance.directory import Directory
from concord.governance.words import listed, places, words
from concord.terminology import Heading

COLUMNS = (
    "Processing activity",
    "Controllers and how to reach them, article 30(1)(a)",
    "Purposes, article 30(1)(b)",
    "Lawful basis",
    "Categories of data subjects, article 30(1)(c)",
    "Categories of personal data, article 30(1)(c)",
    "Categories of recipients, article 30(1)(d)",
    "Transfers to third countries, article 30(1)(e)",
    "Time limits for erasure, article 30(1)(f)",
    "Security measures, article 30(1)(g)",
    "In force, review",
)


def processing_record(agreements: Sequence[Agreement], directory: Directory) -> Table:
    """One row an agreement, as a spreadsheet has it. Raises Incorrect for one that says nothing under `processing`."""
    rows = []
    for agreement, told in zip(agreements, processing_of(agreements), strict=True):
        shared = frozenset[Heading]().union(*(clause.headings for clause in agreement.clauses))
        basis = f"UK GDPR article {listed(agreement.lawful_basis)}"
        confidence = listed([each.replace("-", " ") for each in agreement.confidence])
        rows.append(
            (
                f"{agreement.title}, version {agreement.version} ({agreement.agreement})",
                f"{_capital(places(agreement.parties, directory))}. {told.controllers} {told.contact}.",
                f"{agreement.purpose.replace('-', ' ').capitalize()}. {told.why}",
                f"{basis}; in confidence: {confidence}",
                told.people,
                f"Data concerning health and care: {words(lay=False).of_headings(shared)}",
                _recipients(agreement, directory),
                told.transfers,
                told.retention,
                told.security,
                _dates(agreement),
            )
        )
    return Table(title="", head=COLUMNS, rows=tuple(rows))


def processing_record_page(agreements: Sequence[Agreement], directory: Directory) -> Page:
    """The same to read: one table an agreement. Raises like `processing_record`."""
    return Page(
        title="Record of processing activities",
        lead="What UK GDPR article 30 asks each controller to keep, made from the agreements as they are enforced.",
        sections=tuple(
            Section(
                title=row[0],
                tables=(Table(title="", head=("", ""), rows=tuple(zip(COLUMNS[1:], row[1:], strict=True))),),
            )
            for row in processing_record(agreements, directory).rows
        ),
    )


def _dates(agreement: Agreement) -> str:
    days = f"{agreement.from_on:%-d %B %Y} to {agreement.until_on:%-d %B %Y}"
    return f"{days}; review {agreement.review_on:%-d %B %Y}"


def _recipients(agreement: Agreement, directory: Directory) -> str:
    """Who sees, by organisation; each of them by role."""
    by_place: dict[str, set[str]] = {}
    for clause in agreement.clauses:
        by_place.setdefault(places(clause.recipients, directory), set()).update(clause.roles)
    seen = [f"{words(lay=False).of_roles(roles)} at {place}" for place, roles in sorted(by_place.items())]
    return _capital("; ".join(seen))


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
