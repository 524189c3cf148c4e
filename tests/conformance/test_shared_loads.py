"""Data that nobody here wrote, loaded into the real record: what is in, what is refused, and that again is nothing new.

The whole of Synthea is a soak test; the ordinary run takes the two shared bundles and twelve people of it.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import App
from concord.base import OdsCode
from concord.ingest import LoadReport, load
from tests.small_system import small_system

REFUSALS = Path(__file__).with_name("ukcore_refusals.csv")
MESSAGES = Path("simulated-hospital") / "messages.hl7"
MAPPED = (
    "ADT-A01", "ADT-A02", "ADT-A03", "ADT-A04", "ADT-A05", "ADT-A06", "ADT-A07", "ADT-A08", "ADT-A11", "ADT-A13",
    "ADT-A14", "ADT-A28", "ADT-A31", "MDM", "OMG", "OML", "ORM", "ORU", "OUL", "RDE", "REF", "SIU", "VXU",
)  # fmt: skip


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as app:
        yield app


def loaded(app: App, *paths: Path) -> LoadReport:
    report = load(paths, app.records, organisation=OdsCode("ZZA"))
    assert report.read == report.stored + report.updated + report.unchanged + report.waiting + report.rejected
    return report


class TestSynthea:
    @pytest.fixture
    def files(self, shared_data: Path) -> list[Path]:
        """By name: the hospitals, the practitioners, then a transaction a person."""
        files = sorted((shared_data / "synthea").glob("*.json.bz2"))
        if not files:
            pytest.skip("the synthetic people are not beside this checkout (../shared/data/synthea)")
        return files

    def test_the_shared_bundles_and_twelve_people(self, app: App, files: list[Path]) -> None:
        chosen = [*files[:2], *files[2:14]]
        assert self.taken_in_twice(app, chosen).read > 8_000

    def test_people_before_the_bundles_that_they_need(self, app: App, files: list[Path]) -> None:
        """Their conditional references find nothing at first, and are tried again after the rest."""
        report = loaded(app, *files[2:5], *files[:2])
        assert (report.rejected, report.waiting) == (0, 0)
        assert report.unresolved == ()

    @pytest.mark.soak
    def test_all_of_it(self, app: App, files: list[Path]) -> None:
        report = self.taken_in_twice(app, files)
        assert report.files == 122
        assert report.read == 92_114
        assert report.stored >= 91_000

    def taken_in_twice(self, app: App, files: list[Path]) -> LoadReport:
        report = loaded(app, *files)
        assert report.rejects == ()
        assert (report.stored, report.updated, report.waiting) == (report.read, 0, 0)
        assert report.unresolved == ()
        again = loaded(app, *files)
        assert (again.read, again.stored, again.updated, again.unchanged) == (report.read, 0, 0, report.read)
        return report


class TestUkCore:
    @pytest.fixture
    def folder(self, shared_data: Path) -> Path:
        if not (shared_data / "ukcore").is_dir():
            pytest.skip("the UK Core examples are not beside this checkout (../shared/data/ukcore)")
        return shared_data / "ukcore"

    def test_the_listed_files_are_refused_and_no_other(self, app: App, folder: Path) -> None:
        report = loaded(app, folder)
        with REFUSALS.open(encoding="utf-8", newline="") as listed:
            expected = {row["file"] for row in csv.DictReader(listed)}
        assert report.files == 215
        assert {Path(reject.file).name for reject in report.rejects} == expected
        assert report.stored + report.waiting == report.read - report.rejected > 80
        again = loaded(app, folder)
        assert (again.stored, again.updated, again.unchanged) == (0, 0, report.stored)


class TestHl7v2:
    @pytest.fixture
    def folder(self, shared_data: Path) -> Path:
        if not (shared_data / "hl7v2").is_dir():
            pytest.skip("the HL7 v2 messages are not beside this checkout (../shared/data/hl7v2)")
        return shared_data / "hl7v2"

    def test_every_admission_and_result_of_the_simulated_hospital(self, app: App, folder: Path) -> None:
        sent = Counter(re.findall(rb"MSH[^\r\n]*?\|([A-Z]{3}\^[A-Z]\d\d)", (folder / MESSAGES).read_bytes()))
        assert sent == {b"ADT^A01": 400, b"ORU^R01": 610, b"MDM^T02": 2, b"ADT^A34": 1}
        report = loaded(app, folder / MESSAGES)
        assert (report.rejects, report.held, report.waiting) == ((), {}, 0)
        assert report.by_type["Encounter"]["stored"] == 400
        assert report.by_type["DocumentReference"]["stored"] == 2
        assert sum(report.by_type["AllergyIntolerance"].values()) == 162
        assert sum(report.by_type["DiagnosticReport"].values()) == 610
        again = loaded(app, folder / MESSAGES)
        assert (again.stored, again.updated, again.waiting) == (0, 0, 0)
        assert app.records.quarantined() == []

    @pytest.mark.parametrize("type_", MAPPED)
    def test_messages_of_the_types_that_are_read(self, app: App, folder: Path, type_: str) -> None:
        paths = sorted((folder / "pairs" / "input").glob(f"{type_}*"))
        assert paths
        report = loaded(app, *paths)
        assert report.rejects == ()
        assert report.held == {}
        assert report.stored > 0
        assert loaded(app, *paths).stored == 0
