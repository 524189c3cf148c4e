"""What people read about who can see what of their record can be read by a child of eleven, in all of Northfield."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from concord.demo import write_northfield
from concord.governance import Directory, as_signed, parse_agreement, parse_directory
from concord.governance.agreements import reaches_about, who_sees_the_kind, who_sees_what
from concord.governance.agreements.reach import About, Reach
from concord.portals.person import portal
from concord.terminology import HEADINGS, Heading
from tests.spec.governance.northfield import NOW
from tests.spec.governance.readability import grade

Told = tuple[Sequence[Reach], Directory]


@pytest.fixture(scope="module")
def northfield(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All that opens of somebody who has chosen nothing, once everybody has signed."""
    folder = tmp_path_factory.mktemp("northfield")
    write_northfield(folder, people=40, seed=1, today=NOW.date(), progress=lambda done, total: None)
    known = parse_directory((folder / "organisations.yaml").read_text(encoding="utf-8"), filename="organisations.yaml")
    agreements = [
        parse_agreement(path.read_text(encoding="utf-8"), filename=path.name, directory=known)
        for path in sorted((folder / "agreements").glob("*.yaml"))
    ]
    return reaches_about(as_signed(agreements, known), About(), NOW), known


def test_who_sees_what_is_told_so_that_most_can_read_it(northfield: Told) -> None:
    reached, directory = northfield
    told = who_sees_what(reached, directory)
    lines = [line for place in told.places for each in place.reads for line in (*each.of_others, *each.of_their_own)]
    short = [
        line
        for heading in HEADINGS
        if heading is not Heading.UNCLASSIFIED
        for seeing in who_sees_the_kind(reached, heading, directory)
        for line in seeing.in_short
    ]
    assert grade([f"They can see {line}." for line in lines]) <= 6
    assert grade([line.partition(", while ")[2] for line in short]) <= 6, "the names of jobs are what they are"


def test_the_words_of_the_pages_themselves_can_be_read_by_most() -> None:
    folder = Path(portal.__file__).parent / "templates"
    for name in ("own_seers.jinja", "own_seers_of_one.jinja"):
        text = (folder / name).read_text(encoding="utf-8")
        told = [re.sub(r"{[{%].*?[%}]}|<[^>]+>", "", each) for each in re.findall(r"<p>.*?</p>", text)]
        assert grade([each for each in told if each.strip()]) <= 6, name
