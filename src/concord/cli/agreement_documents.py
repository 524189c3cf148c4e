"""What is made of agreements for people to read, written into a folder."""

import csv
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer

from concord.cli.agreement_pages import write_page
from concord.cli.agreement_texts import DirectoryFile, Files, policy_of
from concord.cli.terminal import out
from concord.governance.agreements import Table, documents_of
from concord.portals import as_pdf


def document(
    files: Files,
    to: Annotated[Path, typer.Option("--to", help="The folder to write them into; made if it is not there.")],
    directory: DirectoryFile = None,
) -> None:
    """Write what people read: each agreement, a leaflet, a privacy notice, the record of processing, the reviews."""
    policy = policy_of(files, directory)
    made = documents_of(policy.agreements, policy.directory)
    to.mkdir(parents=True, exist_ok=True)
    names = [agreement.agreement for agreement in policy.agreements]
    pages = dict(zip(names, made.agreements, strict=True)) | {
        "leaflet": made.leaflet,
        "privacy-notice": made.notice,
        "record-of-processing": made.processing,
        "reviews": made.reviews,
    }
    for name, page in pages.items():
        write_page([page], to / f"{name}.html")
        (to / f"{name}.pdf").write_bytes(as_pdf(page))
        out.print(f"Written: {to / name}, .html and .pdf", markup=False)
    (to / "record-of-processing.csv").write_text(_csv(made.processing_rows), encoding="utf-8-sig", newline="")
    (to / "reviews.ics").write_text(made.calendar, encoding="utf-8", newline="")
    out.print(f"Written: {to / 'record-of-processing.csv'} and {to / 'reviews.ics'}", markup=False)


def _csv(table: Table) -> str:
    """As RFC 4180 has it; with its byte order mark a spreadsheet reads it as UTF-8."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(table.head)
    writer.writerows(table.rows)
    return text.getvalue()
