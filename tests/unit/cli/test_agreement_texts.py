"""`concord agreements check|show|compare|explain|promises`, on the agreements of Northfield."""

import re
import sys
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from concord.cli import main
from concord.demo import write_northfield

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def northfield(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("northfield")
    write_northfield(folder, people=40, seed=1, today=date(2026, 11, 22), progress=lambda done, total: None)
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit status, what was said, what was complained of; lines joined as they read."""

    def runs(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["concord", "agreements", *map(str, words)])
        status: object = 0
        try:
            main()
        except SystemExit as end:
            status = end.code
        said = capsys.readouterr()
        return int(str(status or 0)), _joined(said.out), _joined(said.err)

    return runs


def _joined(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def draft(northfield: Path, *edits: tuple[str, str]) -> Path:
    """The direct-care agreement with something changed, beside the others."""
    text = (northfield / "agreements" / "northfield-direct-care.yaml").read_text(encoding="utf-8")
    for written, instead in edits:
        assert text.count(written) >= 1
        text = text.replace(written, instead, 1)
    place = northfield / "draft.yaml"
    place.write_text(text, encoding="utf-8")
    return place


PHARMACY_SEES_RESULTS = (
    "shares: [person-demographics, medications, allergies]\n    with: {organisations: pharmacies",
    (
        "shares: [person-demographics, medications, allergies, investigation-results]\n    with: "
        "{organisations: pharmacies"
    ),
)
ITS_EXAMPLE = ("hides: [problems, investigation-results]", "hides: [problems]")


def test_check_says_what_it_read_and_that_it_holds(run: Run, northfield: Path) -> None:
    status, said, _ = run("check", northfield)
    assert status == 0
    assert "northfield-direct-care.yaml: Northfield direct care, version 3: 31 clauses, 16 promises, 43 ex" in said
    assert said.endswith("Every example holds and every promise is kept. ")


def test_check_names_every_file_that_is_wrong_with_its_place_and_the_nearest_word(run: Run, northfield: Path) -> None:
    wrong = draft(northfield, ("roles: [receptionist], headings", "roles: [receptionists], headings"))
    status, said, complained = run("check", wrong, northfield / "agreements" / "northfield-urgent-care.yaml")
    assert status == 2
    assert re.search(r'draft.yaml, line \d+, column 21: unknown role "receptionists"; did you mean "rec', complained)
    assert "Northfield urgent care, version 2" in said
    assert "Every example holds" not in said


def test_check_runs_the_examples(run: Run, northfield: Path) -> None:
    status, _, complained = run("check", draft(northfield, PHARMACY_SEES_RESULTS))
    assert status == 2
    assert 'the example expects "investigation-results" to be hidden, but: Shown because' in complained


def test_check_proves_the_promises(run: Run, northfield: Path) -> None:
    status, _, complained = run("check", draft(northfield, PHARMACY_SEES_RESULTS, ITS_EXAMPLE))
    assert status == 2
    assert re.search(r'draft.yaml, line \d+, column 5: promise "pharmacies-see-medicines-alone" is broken', complained)
    assert (
        "But: A community pharmacist at Market Place Pharmacy would see investigation results of Millbrook Surgery "
        "while the person has nominated that pharmacy. Clause community-pharmacist-sees-medicines" in complained
    )


def test_promises_shows_each_beside_what_its_author_says(run: Run, northfield: Path) -> None:
    status, said, _ = run("promises", northfield)
    assert status == 0
    assert "37 of 37 promises are kept." in said
    assert (
        "the author says: Nobody outside the service sees sexual-health items without breaking glass. proved: Kept."
        in said
    )
    status, said, complained = run("promises", draft(northfield, PHARMACY_SEES_RESULTS, ITS_EXAMPLE))
    assert status == 2
    assert "15 of 16 promises are kept." in said
    assert "proved: Broken. A community pharmacist at Market Place Pharmacy" in said
    assert 'promise "pharmacies-see-medicines-alone" is broken' in complained


def test_compare_says_exactly_what_opens(run: Run, northfield: Path) -> None:
    new = draft(northfield, PHARMACY_SEES_RESULTS, ITS_EXAMPLE, ("version: 3", "version: 4"))
    status, said, _ = run("compare", northfield / "agreements" / "northfield-direct-care.yaml", new)
    assert status == 0
    assert (
        "OPENS - Community pharmacists at Bridge Street Pharmacy and Market Place Pharmacy would see investigation "
        "results of all 4 GP practices, while the person has nominated that pharmacy. TERMS" in said
    )
    assert "CLOSES" not in said
    assert "PROMISES BROKEN - pharmacies-see-medicines-alone: " in said


def test_compare_of_a_folder_with_itself_changes_nothing(run: Run, northfield: Path) -> None:
    status, said, _ = run("compare", northfield, northfield)
    assert status == 0
    assert said.endswith("Nobody sees more or less. ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "--role community-pharmacist",
            "Community pharmacists at Bridge Street Pharmacy and Market Place Pharmacy see",
        ),
        ("--role community-pharmacist --lay", "your allergies and your medicines, held by"),
        ("--heading allergies --from ZZP01 --at ZZB", "Paramedics at Northfield Ambulance Service see demographics"),
        (
            "--role doctor --at ZZA --heading medications --from ZZP01 --while inpatient",
            "WHY - Shown because you are a doctor at Northfield General Hospital and this person is in hospital there",
        ),
        (
            "--role doctor --at ZZA --heading medications --from ZZP01 --discharged 15d",
            "WHY - Withheld because the clause opens it only while this person",
        ),
        (
            (
                "--role doctor --at ZZA --service sexual-health --heading problems --from ZZA "
                "--from-service sexual-health "
                "--label hiv --while attending"
            ),
            "Clause sexual-health-clinic-sees-its-own-record, Northfield direct care, version 3.",
        ),
        (
            "--role doctor --at ZZA --heading problems --from ZZP01 --label hiv",
            "marked as more private than the clause",
        ),
        ("--role doctor --at ZZA --heading problems --from ZZP01 --while inpatient --objects", "the person objects"),
        ("--role doctor --at ZZA --heading gp-practice --from ZZP01 --while inpatient --protected", "can be found"),
        ("--role administrator", "No agreement opens this to anybody asked about: it is withheld."),
    ],
)
def test_explain(run: Run, northfield: Path, words: str, told: str) -> None:
    status, said, _ = run("explain", northfield, *words.split())
    assert status == 0
    assert told in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("explain {folder} --role docter", 'Unknown role "docter"; did you mean "doctor"?'),
        ("explain {folder} --at ZZQ", 'Unknown organisation "ZZQ"; did you mean "ZZ'),
        ("explain {folder} --heading medication", 'Unknown heading "medication"; did you mean "medications"?'),
        ("explain {folder} --label mental", 'Unknown label "mental"; did you mean "mental-health"?'),
        ("explain {folder} --while resdient", 'Unknown relationship "resdient"; did you mean "resident"?'),
        ("check {folder}/nowhere.yaml", "There is no agreement at"),
        ("show {folder}/users.yaml --directory {folder}/none.yaml", "There is no organisations.yaml at or above"),
    ],
)
def test_a_wrong_use_is_told_and_ends_with_2(run: Run, northfield: Path, words: str, told: str) -> None:
    status, _, complained = run(*words.format(folder=northfield).split())
    assert status == 2
    assert told in complained


def test_show_reads_out_the_agreement(run: Run, northfield: Path) -> None:
    status, said, _ = run("show", northfield / "agreements" / "northfield-childrens-safeguarding.yaml")
    assert status == 0
    for told in (
        "Northfield safeguarding of children, version 1",
        "Lawful basis: UK GDPR article 6(1)(e), 9(2)(h) and 9(2)(g)",
        "the author says: The ambulance service tells the council, and is told nothing by it.",
        "Doctors and nurses (Emergency department) sees: safeguarding",
        (
            "gp-sees-protection-plans: GPs at all 4 GP practices see safeguarding and professional "
            "contacts of Northfield "
            "Council (Children's services), while the person is registered there. Also items labelled child protection"
        ),
    ):
        assert told in said


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_show_writes_a_page_that_needs_no_other_file(run: Run, northfield: Path, tmp_path: Path) -> None:
    place = tmp_path / "agreements.html"
    titled = draft(northfield, ("title: Northfield direct care", 'title: "Care <b>&</b> share"'))
    assert run("show", titled, "--html", place)[0] == 0
    text = place.read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert "Care &lt;b&gt;&amp;&lt;/b&gt; share, version 3" in text
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "b"} == set()
    assert not any(name in attributes for _, attributes in page.tags for name in ("src", "href", "style"))
    assert text.count("<table>") > 8
    assert "url(" not in text
    assert "@import" not in text
