"""What is written to disk: the same bytes for the same arguments, and files that the other rooms accept."""

import bz2
import csv
import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from concord.base import OdsCode
from concord.demo import Northfield, write_northfield
from concord.fhir import parse
from concord.governance import Agreement, Directory, parse_agreement, parse_directory, roles
from concord.ingest import read_feed

TODAY = date(2026, 11, 22)


def written(folder: Path, *, people: int = 45, seed: int = 1, today: date = TODAY) -> Northfield:
    folder.mkdir()
    return write_northfield(folder, people=people, seed=seed, today=today, progress=lambda done, total: None)


def contents(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("demo") / "northfield"
    written(place)
    return place


@pytest.fixture(scope="module")
def directory(folder: Path) -> Directory:
    text = (folder / "organisations.yaml").read_text(encoding="utf-8")
    return parse_directory(text, filename="organisations.yaml")


@pytest.fixture(scope="module")
def agreements(folder: Path, directory: Directory) -> list[Agreement]:
    paths = sorted((folder / "agreements").glob("*.yaml"))
    texts = [(path.name, path.read_text(encoding="utf-8")) for path in paths]
    return [parse_agreement(text, filename=name, directory=directory) for name, text in texts]


def test_the_same_arguments_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    written(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(folder)


def test_another_seed_and_another_day_write_other_feeds(folder: Path, tmp_path: Path) -> None:
    one = contents(folder)
    written(tmp_path / "seed", seed=2)
    written(tmp_path / "day", today=date(2026, 11, 23))
    for other in (contents(tmp_path / "seed"), contents(tmp_path / "day")):
        assert other["feeds/ZZA/patient-administration/2026.hl7"] != one["feeds/ZZA/patient-administration/2026.hl7"]


def test_three_hundred_people_are_at_most_sixty_thousand_items(tmp_path: Path) -> None:
    done = written(tmp_path / "whole", people=300)
    assert done.people == 300
    assert 30_000 <= done.items <= 60_000
    assert done.organisations >= 14


def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    write_northfield(tmp_path, people=40, today=TODAY, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(number, 40) for number in range(1, 41)]


def test_every_feed_is_described_as_an_installation_reads_it(folder: Path) -> None:
    described = [read_feed(path) for path in sorted((folder / "feeds").glob("*.yaml"))]
    assert len(described) == 15
    assert {feed.nhs_numbers for feed in described} == {"traced", "stated"}
    assert {feed.organisation for feed in described} == {
        path.name for path in (folder / "feeds").iterdir() if path.is_dir()
    }
    assert {feed.name for feed in described if feed.folder and not list(feed.folder.iterdir())} == set()


def test_organisations_are_made_up_and_of_every_kind(directory: Directory) -> None:
    kinds = Counter(each.kind for each in directory.organisations.values())
    assert len(directory.organisations) >= 14
    assert all(code.startswith("ZZ") for code in directory.organisations)
    assert all(each.telephone.startswith("01632 960") for each in directory.organisations.values())
    assert kinds["gp-practice"] == 4
    assert len(kinds) == 10


def test_users_have_jobs_and_services_that_exist(folder: Path, directory: Directory) -> None:
    users = yaml.safe_load((folder / "users.yaml").read_text(encoding="utf-8"))["users"]
    assert len(users) >= 30
    assert {each["role"] for each in users} == set(roles())
    assert len({each["user"] for each in users}) == len({each["staff_id"] for each in users}) == len(users)
    for each in users:
        services = {service.service for service in directory.organisations[OdsCode(each["organisation"])].services}
        assert "service" not in each or each["service"] in services


def test_agreements_load_with_their_examples(agreements: list[Agreement]) -> None:
    assert {each.agreement for each in agreements} == {
        "northfield-direct-care", "northfield-urgent-care", "northfield-childrens-safeguarding",
        "northfield-care-homes", "northfield-population-health",
    }  # fmt: skip
    assert all(each.examples for each in agreements)
    assert all(each.from_on < TODAY < each.review_on < each.until_on for each in agreements)


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """Every FHIR document of the feeds, unpacked."""
    for path in (folder / "feeds").rglob("*.*"):
        body = path.read_bytes()
        if path.suffix == ".gz":
            body = gzip.decompress(body)
        elif path.suffix == ".bz2":
            body = bz2.decompress(body)
        if ".ndjson" in path.name:
            yield from (parse(line) for line in body.splitlines())
        elif ".json" in path.name:
            yield parse(body)


def test_sources_send_in_every_way(folder: Path) -> None:
    kinds = Counter(each.get("type") for each in documents(folder) if each["resourceType"] == "Bundle")
    assert kinds.keys() == {"transaction", "collection", "batch"}
    suffixes = {"".join(path.suffixes) for path in (folder / "feeds").rglob("*.*") if path.suffix != ".yaml"}
    assert suffixes == {".json", ".json.gz", ".ndjson", ".ndjson.gz", ".ndjson.bz2", ".hl7", ".csv"}


def test_created_resources_refer_to_one_another_by_the_urls_of_their_bundle(folder: Path) -> None:
    for path in (folder / "feeds" / "ZZP01").iterdir():
        entries = parse(path.read_bytes())["entry"]
        urls = {each["fullUrl"] for each in entries}
        assert len(urls) == len(entries)
        assert all("id" not in each["resource"] for each in entries)
        told = {reference for each in entries for reference in literals(each["resource"])}
        assert told <= urls


def literals(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(found := value.get("reference"), str):
            yield found
        for inner in value.values():
            yield from literals(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from literals(inner)


def test_messages_are_told_apart_and_never_repeat_a_control_id(folder: Path) -> None:
    controls = []
    for path in sorted((folder / "feeds" / "ZZA").rglob("*.hl7")):
        text = path.read_bytes().decode()
        for message in text.split("\r\n"):
            segments = message.strip("\r\n").split("\r")
            header = segments[0].split("|")
            assert header[:2] == ["MSH", "^~\\&"]
            assert header[11] == "2.4"
            assert any(segment.startswith("PID|1||N") for segment in segments)
            controls.append(header[9])
    assert len(set(controls)) == len(controls) > 500


def test_every_council_row_is_about_a_person_of_the_council(folder: Path) -> None:
    tables = {}
    for path in sorted((folder / "feeds" / "ZZL").iterdir()):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem[2:]] = list(csv.DictReader(file))
    assert tables.keys() == {"people", "services", "packages", "involvements", "safeguarding"}
    known = {row["person_id"] for row in tables["people"]}
    for name in ("packages", "involvements", "safeguarding"):
        assert tables[name]
        assert {row["person_id"] for row in tables[name]} <= known
    plans = [row for row in tables["safeguarding"] if row["concern_type"] == "child-protection-plan"]
    assert len({row["person_id"] for row in plans}) >= 2
