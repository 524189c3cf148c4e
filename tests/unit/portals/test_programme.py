"""The programme portal: how feeds do, for those who run the programme alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import compose
from concord.base import FixedClock, OdsCode, SystemIds
from concord.governance import Viewer
from concord.ingest import Receiver, read_feed
from concord.store import open_store
from tests.mllp_client import admission
from tests.small_system import ED_DOCTOR, KEYS, NOW, enforce, viewer
from tests.unit.portals.test_agreements import Office

LEAD, ADMINISTRATOR = viewer("ig-lead", "ZZA"), viewer("administrator", "ZZC")
OTHERS = (ED_DOCTOR, viewer("privacy-officer", "ZZA"), viewer("data-quality-officer", "ZZA"))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """One feed was heard ten seconds ago, one never, and the file of a third cannot be read."""
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    for name, text in (
        ("pas", "organisation: ZZA\nmessages: [ADT]\nrhythm: 15min\n"),
        ("quiet", "organisation: ZZP01\nmessages: [ADT]\nrhythm: 1d\n"),
        ("slip", "organisation: ZZA\nmesages: [ADT]\n"),
    ):
        (feeds / f"{name}.yaml").write_text(text, encoding="utf-8")
    app = compose(open_store(tmp_path / "a.db"), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS, feeds_in=feeds)
    enforce(app)
    receiver = Receiver(read_feed(feeds / "pas.yaml"), app.records, services=(), clock=app.clock, ids=SystemIds())
    receiver.take(admission(1, at="20261122031150", family="Canary"))
    made = Office(app)
    yield made
    for client in made.clients:
        client.__exit__(None, None, None)
    app.close()


@pytest.mark.parametrize("who", [LEAD, ADMINISTRATOR])
def test_who_runs_the_programme_sees_how_each_feed_does(office: Office, who: Viewer) -> None:
    answer = office.desk(who).get("/programme")
    assert answer.status_code == 200
    page = answer.text
    assert page.index("quiet") < page.index("pas"), "what is overdue comes first"
    assert "1 of 2 feeds is overdue" in page
    assert "expected every day" in page
    assert "expected every 15 minutes" in page
    assert "10.0 s" in page
    assert "slip.yaml, line 2" in page
    assert "Northfield General" in page
    assert "Canary" not in page


@pytest.mark.parametrize("who", OTHERS)
def test_it_is_nobody_elses(office: Office, who: Viewer) -> None:
    desk = office.desk(who)
    assert desk.get("/programme").status_code == 404
    assert "/programme" not in desk.get("/").text


def test_an_administrator_begins_there(office: Office) -> None:
    assert office.desk(ADMINISTRATOR).get("/").headers["location"] == "/programme"
    assert office.desk(LEAD).get("/").headers["location"] == "/agreements"


def test_the_quality_of_data_by_organisation_and_of_one(office: Office) -> None:
    desk = office.desk(LEAD)
    assert "Nothing was measured yet" in desk.get("/programme/quality").text
    assert desk.get("/programme/quality/ZZA").status_code == 404
    office.app.quality.measure(OdsCode("ZZA"), lambda people: None)
    page = desk.get("/programme/quality").text
    assert 'href="/programme/quality/ZZA">Northfield General</a>' in page
    told = desk.get("/programme/quality/ZZA").text
    for title in ("Data quality: Northfield General", "What to look at", "NHS numbers", "Day by day"):
        assert title in told
    assert "Canary" not in page + told


@pytest.mark.parametrize(("file", "type_"), [("page", "text/html"), ("figures", "text/csv")])
def test_the_quality_of_one_is_a_file_to_send(office: Office, file: str, type_: str) -> None:
    desk = office.desk(LEAD)
    assert desk.get(f"/programme/quality/ZZA/{file}").status_code == 404, "not measured yet"
    office.app.quality.measure(OdsCode("ZZA"), lambda people: None)
    assert f'href="/programme/quality/ZZA/{file}"' in desk.get("/programme/quality/ZZA").text
    answer = desk.get(f"/programme/quality/ZZA/{file}")
    assert answer.headers["content-type"].startswith(type_)
    assert 'attachment; filename="data-quality-ZZA-2026-11-22.' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert "7 or fewer" in answer.text
    assert "Canary" not in answer.text


@pytest.mark.parametrize("path", ["", "/ZZA", "/ZZA/page", "/ZZA/figures"])
def test_the_quality_of_data_is_nobody_elses(office: Office, path: str) -> None:
    office.app.quality.measure(OdsCode("ZZA"), lambda people: None)
    assert office.desk(LEAD).get(f"/programme/quality{path}").status_code == 200
    assert office.desk(ED_DOCTOR).get(f"/programme/quality{path}").status_code == 404


def test_the_fields_of_which_nothing_is_made(office: Office, tmp_path: Path) -> None:
    desk, app = office.desk(LEAD), office.app
    assert "Fields of which nothing is made" not in desk.get("/programme/feeds/pas").text
    receiver = Receiver(read_feed(tmp_path / "feeds/pas.yaml"), app.records, services=(), clock=app.clock, ids=app.ids)
    assert receiver.take(admission(2, control="C9", extra="\rZBD|1|Window Canary")).became == "stored"
    page = desk.get("/programme/feeds/pas").text
    assert "Fields of which nothing is made" in page
    assert re.search(r"ZBD-2</th><td[^>]*>1<", page)
    assert "Canary" not in page


def test_how_far_a_feed_has_come(office: Office) -> None:
    desk = office.desk(LEAD)
    assert 'href="/programme/feeds/pas"' in desk.get("/programme").text
    page = desk.get("/programme/feeds/pas").text
    assert "steps to its first day are left" in page
    assert "Something has come" in page
    assert "<code>concord quality measure ZZA</code>" in page
    assert "`" not in page
    office.app.quality.measure(OdsCode("ZZA"), lambda people: None)
    assert "On 22 November 2026: see" in desk.get("/programme/feeds/pas").text
    assert desk.get("/programme/feeds/none").status_code == 404
    assert office.desk(ED_DOCTOR).get("/programme/feeds/pas").status_code == 404
