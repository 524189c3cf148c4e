"""How searches over a viewer's list are carried out: by steps that add up, never by one for each pair of two sets."""

import re
from pathlib import Path

import pytest

from concord.base import OdsCode
from concord.store import Permitted, PostgresqlStore, SqliteStore, across
from tests.postgresql_server import Lease
from tests.unit.store.plans import Plans, PostgresqlPlans

PRACTICE, HOSPITAL = OdsCode("ZZP01"), OdsCode("ZZA")
HELD = across.Held(kinds=("attending",))
SHARE = across.Share(held=(HELD,), organisation=PRACTICE, service=None, headings=1, labels=0)
LIST = across.Listed(
    organisations=(HOSPITAL,), service=None, teams=(), staff_id="1", now=1_000_000, shares=(SHARE,)
)  # fmt: skip
SOUGHT = across.Sought(type="Condition", under=[{PRACTICE: [1, 2]}], since=1)


@pytest.mark.parametrize("way", ["index", "index on list", "time", "list"])
def test_links_are_found_by_source_patient_or_by_person_and_never_by_both(tmp_path: Path, way: across.Way) -> None:
    """By both, a row that is met would ask for everybody on the list, one after another: seconds, on a long list."""
    store = SqliteStore(tmp_path / "concord.db")
    with store.reading() as reading:
        plans = Plans(reading)
        across.find(plans, Permitted(listed=LIST), SOUGHT, by=way)
    store.close()
    links = {found[1] for plan in plans.plans if (found := re.match(r"SEARCH l USING .*\((.*)\)", plan))}
    assert links
    assert links <= {"home=? AND source_patient=?", "person=?"}
    assert not any(plan.startswith("SCAN") and plan.endswith((" l", " x", " i", " s", " r")) for plan in plans.plans)


@pytest.mark.parametrize("way", ["index", "index on list", "time", "list"])
def test_postgresql_takes_one_table_after_the_other_too(postgresql: Lease, way: across.Way) -> None:
    """Else it reads all source patients, or all links, to join them with a few."""
    with postgresql.database() as url:
        store = PostgresqlStore(url)
        with store.writing() as writing:
            organisation = writing.word(PRACTICE)
            everybody = [(number * 7919, number, organisation, f"p{number}") for number in range(1, 4_001)]
            writing.run_many(
                "INSERT INTO source_patient (home, number, organisation, patient) VALUES (?,?,?,?)", everybody
            )
            writing.run_many(
                "INSERT INTO link (home, source_patient, person, base, how) VALUES (?,?,?,?,?)",
                [(home, number, patient, patient, "test") for home, number, _, patient in everybody],
            )
        store.checkpoint()
        with store.reading() as reading:
            plans = PostgresqlPlans(reading)
            across.find(plans, Permitted(listed=LIST), SOUGHT, by=way)
        store.close()
    assert any("source_patient_0" in line for line in plans.plans)
    assert [line for line in plans.plans if re.search(r"Hash (Left |Semi |Anti )?Join|Merge|Gather", line)] == []
