"""`concord agreements document`: every file is there, whole, and the same each time."""

import csv
import re
import zlib
from base64 import a85decode
from pathlib import Path

from concord.governance.agreements import Page, Section, Table
from concord.portals import as_pdf
from tests.unit.cli.test_agreement_texts import Run, northfield, run

__all__ = ["northfield", "run"]

AGREEMENTS = ("care-homes", "childrens-safeguarding", "direct-care", "population-health", "urgent-care")
PAGES = (*(f"northfield-{name}" for name in AGREEMENTS), "leaflet", "privacy-notice", "record-of-processing", "reviews")


def said(paper: bytes) -> str:
    """The words of a PDF, in order."""
    streams = re.findall(rb"stream\r?\n(.*?~>)\s*endstream", paper, re.DOTALL)
    text = b" ".join(zlib.decompress(a85decode(b"<~" + stream, adobe=True)) for stream in streams)
    return b" ".join(re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", text)).decode("cp1252").replace("\\", "")


def test_everything_is_written_and_is_the_same_each_time(run: Run, northfield: Path, tmp_path: Path) -> None:
    folders = tmp_path / "one", tmp_path / "other"
    for folder in folders:
        status, told, _ = run("document", northfield, "--to", folder)
        assert status == 0
        assert "leaflet" in told
    expected = {f"{name}.{kind}" for name in PAGES for kind in ("html", "pdf")}
    expected |= {"record-of-processing.csv", "reviews.ics"}
    assert {path.name for path in folders[0].iterdir()} == expected
    for name in expected:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_the_record_of_processing_opens_as_a_spreadsheet(run: Run, northfield: Path, tmp_path: Path) -> None:
    run("document", northfield, "--to", tmp_path)
    with (tmp_path / "record-of-processing.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert len(rows) == len(AGREEMENTS)
    assert {len(row) for row in rows} == {len(head)}


def test_paper_says_what_the_page_says() -> None:
    table = Table(title="Ward", head=("Who", "Sees", "When"), rows=(("Nurses", "all & <more>", "now"),) * 90)
    page = Page(
        title="Tŷ Gwyn",
        lead="One lead.",
        sections=(Section(title="Part", sentences=("One.", "Two."), tables=(table,)),),
    )
    text = said(as_pdf(page))
    assert text.count("Nurses") == 90
    assert "all & < more >" in text
    assert text.count("Who") > 1  # the head stands on every page
    assert "Ty Gwyn" in text  # what PDF's own fonts do not have, without its accent
    assert "Page 2" in text


def test_an_agreement_without_words_for_people_is_refused(run: Run, northfield: Path, tmp_path: Path) -> None:
    text = (northfield / "agreements" / "northfield-urgent-care.yaml").read_text(encoding="utf-8")
    draft = northfield / "draft.yaml"
    draft.write_text(re.sub(r"(?m)^processing:\n(?:  .*\n)+", "", text), encoding="utf-8")
    status, _, complained = run("document", draft, "--to", tmp_path / "none")
    assert status != 0
    assert "northfield-urgent-care says nothing under `processing:`" in complained
    assert not (tmp_path / "none").exists()
