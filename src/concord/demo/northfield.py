"""Northfield whole: who lives there, what happened to them, and every organisation's copy of it in files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from string import Template
from typing import Final

import yaml

from concord.demo import peggy
from concord.demo.beds import Beds
from concord.demo.body import Body
from concord.demo.chart import Chart
from concord.demo.community_life import community_life
from concord.demo.conditions import held_by
from concord.demo.council_rows import council_files
from concord.demo.fhir_files import collections, ndjson, transactions, updates
from concord.demo.general_practice import general_practice, visits_to_the_practice
from concord.demo.hospital_files import message_files
from concord.demo.hospital_life import past_visits, who_is_there_now
from concord.demo.hospital_messages import Message
from concord.demo.life import HOSPITAL, Life
from concord.demo.moments import at
from concord.demo.people import Person, population
from concord.demo.staff import directory_file, organisation_names
from concord.demo.stories import CERTAIN, STORIES, UNKNOWN_TO_HOSPITAL

Progress = Callable[[int, int], None]
"""Called with how many people are told of, and how many there are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A stream that an organisation sends, described in `feeds/NAME.yaml`. `path`: its files' folder, relative.

    `service` is that of items that name none; `nhs_numbers` is "traced" or "stated".
    """

    name: str
    organisation: str
    service: str | None
    nhs_numbers: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Northfield:
    """What was written: `feeds` in the order in which they are to be loaded, `items` as the sources count them."""

    people: int
    items: int
    organisations: int
    feeds: Sequence[Feed]


AGREEMENTS: Final = (
    "northfield-direct-care",
    "northfield-urgent-care",
    "northfield-childrens-safeguarding",
    "northfield-care-homes",
    "northfield-population-health",
)
NOT_SIGNED: Final = "ZZP04"

# What a feed's description says of how it comes: messages and extracts by folder, FHIR by the API.
_BY_API = {"kind": "fhir", "transport": "fhir", "rhythm": "1d"}
_EXTRACT = {"kind": "table", "transport": "folder", "mapping": "mappings/council.yaml", "rhythm": "1w"}
_MESSAGES = {
    "patient-administration": {"kind": "hl7v2", "transport": "folder", "messages": ["ADT"], "rhythm": "4h"},
    "laboratory": {"kind": "hl7v2", "transport": "folder", "messages": ["ORU"], "rhythm": "1d"},
    "sexual-health-laboratory": {"kind": "hl7v2", "transport": "folder", "messages": ["ORU"], "rhythm": "1w"},
}

# Each FHIR source's way of sending. Practices come first: their traced records found the people.
_FHIR_FEEDS: Final[Mapping[str, tuple[str, str, Callable[[Sequence[Chart]], dict[str, bytes]]]]] = {
    "ZZP01": ("general-practice", "traced", transactions),
    "ZZP02": ("general-practice", "traced", lambda charts: collections(charts, packed=True)),
    "ZZP03": ("general-practice", "traced", lambda charts: ndjson(charts, "gz")),
    "ZZP04": ("general-practice", "traced", updates),
    "ZZC": ("district-nursing", "traced", ndjson),
    "ZZM": ("community-mental-health", "traced", lambda charts: ndjson(charts, "bz2")),
    "ZZB": ("emergency-response", "stated", collections),
    "ZZO": ("out-of-hours", "stated", transactions),
    "ZZH": ("residential-care", "stated", lambda charts: updates(charts, "batch")),
    "ZZS": ("palliative-care", "stated", lambda charts: updates(charts, "batch")),
}


def write_northfield(
    directory: Path, *, people: int = 300, seed: int = 1, today: date, progress: Progress
) -> Northfield:
    """Writes directory, users, agreements and every feed under `directory`, which must exist.

    The same arguments give the same bytes. At least as many people as there are protagonists.
    """
    told = lives(people, seed, today, progress)
    _write_directory(directory, today)
    feeds: list[Feed] = []
    for holder, (service, numbers, write) in _FHIR_FEEDS.items():
        charts = [life.charts[holder] for life in told if holder in life.charts]
        feeds.append(_feed(directory, holder, "", service, numbers, write(charts), _BY_API))
        if holder == NOT_SIGNED:  # the last practice: the hospital comes next
            feeds += _hospital_feeds(directory, told)
    records = [record for life in told for record in life.council_records]
    files = {name: text.encode() for name, text in council_files(records).items()}
    feeds.append(_feed(directory, "ZZL", "", "adult-social-care", "stated", files, _EXTRACT))
    return Northfield(
        people=len(told),
        items=sum(map(_items, told)),
        organisations=len(organisation_names()),
        feeds=tuple(feeds),
    )


def lives(people: int, seed: int, today: date, progress: Progress) -> list[Life]:
    """Everyone, with all that is written about them."""
    beds, told = Beds(), []
    for number, person in enumerate(population(people, seed, today), 1):
        life = _begun(person, Random(f"{seed}:{person.key}:life"), today, beds)
        _tell(life)
        told.append(life)
        progress(number, people)
    return told


def _begun(person: Person, rng: Random, today: date, beds: Beds) -> Life:
    if person.key == "peggy":
        held, levels = peggy.conditions(), peggy.LEVELS
    else:
        held, levels = held_by(person, rng, today, CERTAIN.get(person.key, ())), {}
    return Life(person, rng, today, held=held, body=Body(held, rng, today, levels), beds=beds)


def _tell(life: Life) -> None:
    person = life.person
    known_to_hospital = person.key not in UNKNOWN_TO_HOSPITAL
    if known_to_hospital and (life.age >= 40 or life.rng.random() < 0.5):
        life.hospital()
    if person.key == "peggy":
        peggy.tell(life)
        visits_to_the_practice(life)
        return
    if person.practice:
        general_practice(life)
    if known_to_hospital:
        past_visits(life)
    if story := STORIES.get(person.key):
        story(life)
    else:
        community_life(life)
        who_is_there_now(life)
    if person.died_on is not None and life.registrations:
        life.hospital().change(at(person.died_on + timedelta(days=2), 10), died_on=person.died_on)


def _hospital_feeds(directory: Path, told: Iterable[Life]) -> list[Feed]:
    """Patient administration, the laboratories, and what the prescribing system adds in FHIR."""
    sent: dict[str, list[Message]] = {"sexual-health-laboratory": [], "patient-administration": [], "laboratory": []}
    prescribing = []
    for life in told:
        for message in (one for record in life.registrations for one in record.messages):
            if message.kind != "ORU^R01":
                sent["patient-administration"].append(message)
            elif message.service == "sexual-health":
                sent["sexual-health-laboratory"].append(message)
            else:
                sent["laboratory"].append(message)
        if life.prescribing is not None:
            prescribing.append(life.prescribing)
    # The clinic's own laboratory comes first: whose patient somebody is, the patient administration system says last.
    services = {"sexual-health-laboratory": "sexual-health"}
    feeds = [
        _feed(directory, HOSPITAL, name, services.get(name), "traced", message_files(messages), _MESSAGES[name])
        for name, messages in sent.items()
    ]
    prescribed = _feed(directory, HOSPITAL, "prescribing", "acute-medicine", "traced", ndjson(prescribing), _BY_API)
    return [*feeds, prescribed]


def _feed(
    directory: Path,
    organisation: str,
    system: str,
    service: str | None,
    numbers: str,
    files: Mapping[str, bytes],
    comes: Mapping[str, object],
) -> Feed:
    path = "/".join(part for part in ("feeds", organisation, system) if part)
    folder = directory / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (folder / name).write_bytes(body)
    feed = Feed(
        name="-".join(part for part in (organisation.lower(), system) if part),
        organisation=organisation,
        service=service,
        nhs_numbers=numbers,
        path=path,
    )
    told = {"organisation": organisation, **comes, "nhs_numbers": numbers}
    if service is not None:
        told["service"] = service
    if comes["transport"] == "folder":
        told["folder"] = path.removeprefix("feeds/")
    (directory / "feeds" / f"{feed.name}.yaml").write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    return feed


def _items(life: Life) -> int:
    """Roughly what a load will store: resources, council rows, and of HL7 what each message creates."""
    charts = [*life.charts.values(), *([life.prescribing] if life.prescribing else [])]
    count = sum(len(chart.resources) for chart in charts)
    for record in life.council_records:
        count += 1 + sum(len(rows) for rows in record.rows.values())
    for registration in life.registrations:
        count += 1
        for message in registration.messages:
            count += message.text.count("\rOBX|") + message.text.count("\rOBR|")
            count += message.kind in ("ADT^A01", "ADT^A04")
    return count


def _write_directory(directory: Path, today: date) -> None:
    """Who there is, and what there is to sign."""
    for name in ("organisations.yaml", "users.yaml"):
        (directory / name).write_text(directory_file(name), encoding="utf-8")
    folder = directory / "agreements"
    folder.mkdir(exist_ok=True)
    began = today - timedelta(days=235)
    dates = {"from": began, "review": today + timedelta(days=130), "until": today + timedelta(days=860)}
    words = {name: day.isoformat() for name, day in dates.items()}
    for name in AGREEMENTS:
        text = Template(directory_file(f"agreements/{name}.yaml")).substitute(words)
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
