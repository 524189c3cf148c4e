"""A generator of volume: people by the hundred thousand, copied and altered from Northfield's synthetic ones.

    .venv/bin/python benchmarks/volume.py FOLDER [--people 10000] [--items 20] [--seed 1]

FOLDER becomes an installation: Northfield as the demo makes it (14 contributors, 5 agreements), and on top of it as
many people as asked, of about 20 items each: names, NHS numbers (of the test range), ids and dates altered, a tenth of
the items labelled, one person in fifty objecting, one in a hundred in the hospital now. Practice ZZP01 has 8 in 100 of
them. They go through the production write path (`Records.write`), durable, validated, indexed and linked. The same
people for the same seed and Northfield; a folder that holds them already is left as it is.
"""

import argparse
import gc
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from measuring import bytes_of, database_of, new, rows, tell

from concord.app import App, compose_installation
from concord.base import NHS_NUMBER_SYSTEM, OdsCode, SystemIds, nhs_number
from concord.fhir import encode, parse
from concord.governance import SourceSystem, permit_source
from concord.installation import find
from concord.record import Submission
from concord.record.wire import as_sent
from concord.store import body, items

HOSPITAL = "ZZA"
PRACTICES = ("ZZP01", "ZZP02", "ZZP03", "ZZP04")
_SHARES = (8, 40, 32, 20)  # of the people, by practice
_AT_ONCE = 500  # submissions of a write
_CHUNK = 250  # people between two rounds of writes
_ALTERED = re.compile(r'(?<=[/"])[a-z2-7]{24}(?=")|(?<=")[12][0-9]{3}-[01][0-9]-[0-3][0-9](?=["T])')
_LABELS = ("STD", "PSY", "SDV", "ETHUD", "SEX")
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_FAMILIES = ("Ack", "Bar", "Cal", "Den", "Ell", "Fen", "Gar", "Hol", "Ing", "Kel", "Lum", "Mar", "Nor", "Ott", "Pen")
_ENDINGS = ("royd", "worth", "ley", "ton", "shaw", "field", "bottom", "thwaite", "by", "den", "wick", "stall", "combe")
_GIVEN = ("Alice", "Ben", "Chandra", "Dilys", "Edwin", "Fatima", "George", "Hanna", "Imran", "Joan", "Kofi", "Lena")

Parts = Sequence[str | date]
"""The JSON of an item, cut where it is altered: after each even part stands an id (str) or a date."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """What the contributors hold of one Northfield person: each the parts of its Patient and of its items."""

    patients: dict[str, Parts]
    items: Sequence[tuple[str, str | None, Parts]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--items", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    told = make(asked.folder, people=asked.people, each=asked.items, seed=asked.seed)
    print(json.dumps(told))
    if asked.json:
        asked.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def make(folder: Path, *, people: int, each: int = 20, seed: int = 1) -> dict[str, Any]:
    """The folder filled, unless it was; what it holds and what filling it took."""
    done = folder / "volume.json"
    if done.exists():
        return dict(json.loads(done.read_text(encoding="utf-8")))
    new(folder, "--demo")
    app = compose_installation(find(folder, database_of(folder)), SystemIds())
    try:
        began = time.perf_counter()
        written = _fill(app, folder, people, each, seed)
        app.store.checkpoint()
        spent = time.perf_counter() - began
    finally:
        app.close()
    ((held,),) = rows(folder, "SELECT count(*) FROM item")
    told = {
        "people": people, "items": written, "seed": seed, "seconds": round(spent, 1),
        "items/s": round(written / spent), "bytes/item": round(bytes_of(folder) / held),
    }  # fmt: skip
    done.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return told


def _fill(app: App, folder: Path, people: int, each: int, seed: int) -> int:
    told, today, written = lives(app, folder), app.clock.now().date(), 0
    gc.set_threshold(100_000, 10, 10)  # as `concord load` does
    for first in range(0, people, _CHUNK):
        by: dict[str, list[Submission]] = {}
        for number in range(first, min(first + _CHUNK, people)):
            for organisation, submission in person(number, told, each, seed, today):
                by.setdefault(organisation, []).append(submission)
        for organisation, submissions in sorted(by.items(), key=lambda pair: pair[0] not in PRACTICES):
            for start in range(0, len(submissions), _AT_ONCE):
                portion = submissions[start : start + _AT_ONCE]
                outcomes = app.records.write(
                    portion, by=SourceSystem(organisation=OdsCode(organisation)), atomic=False, assurance="traced"
                )
                written += sum(outcome.status == "stored" for outcome in outcomes)
        if first % 1_000 == 0:
            tell(f"{first} people")
    return written


# -- the people who are copied -----------------------------------------------------------------------------------------


def lives(app: App, folder: Path) -> list[Life]:
    """Northfield's people who are registered with a practice, as their contributors' items tell of them."""
    of_person, codec = dict[str, Life](), body.Codec()
    with app.store.reading() as reading:
        for person_, organisation, home, number in rows(
            folder,
            "SELECT l.person, w.text, s.home, s.number FROM link l "
            "JOIN source_patient s ON s.number = l.source_patient JOIN word w "
            "ON w.number = s.organisation ORDER BY s.number",
        ):
            life = of_person.setdefault(person_, Life(patients={}, items=[]))
            by = SourceSystem(organisation=organisation)
            for item in items.read(reading, permit_source(by, (home, number))):
                type_ = reading.words.text(reading, item.type)
                resource = as_sent(type_, item, codec)
                if resource.get("status") in ("in-progress", "booked") or type_ in ("Consent", "RelatedPerson"):
                    continue
                service = reading.words.text(reading, item.service) if item.service else None
                if type_ == "Patient":
                    life.patients[organisation] = _parts(resource)
                else:
                    life.items.append((organisation, service, _parts(resource)))  # type: ignore[attr-defined]  # filled in here, and by nobody else
    return [life for life in of_person.values() if any(practice in life.patients for practice in PRACTICES)]


def _parts(resource: dict[str, Any]) -> Parts:
    text, parts, behind = encode(resource).decode(), [], 0
    for found in _ALTERED.finditer(text):
        altered = found[0]
        parts += [text[behind : found.start()], altered if len(altered) == 24 else date.fromisoformat(altered)]
        behind = found.end()
    return [*parts, text[behind:]]


# -- one copy ----------------------------------------------------------------------------------------------------------


def person(number: int, told: Sequence[Life], each: int, seed: int, today: date) -> Iterator[tuple[str, Submission]]:
    """(organisation, what it submits) of one made-up person: their Patients first."""
    rng = Random(f"{seed}:{number}")
    life = rng.choice(told)
    (home,) = (practice for practice in PRACTICES if practice in life.patients)
    practice = rng.choices(PRACTICES, _SHARES)[0]
    shift = timedelta(days=-rng.randrange(700))
    who = _identity(number, rng)
    here = rng.random() < 0.01
    chosen = rng.sample(life.items, min(len(life.items), each - 1))
    known = {organisation for organisation, _, _ in chosen} | {home} | ({HOSPITAL} if here else set())
    patients: dict[str, str] = {}
    for organisation in sorted(known & life.patients.keys()):
        resource = _copied(life.patients[organisation], number, shift)
        resource |= who
        resource.pop("extension", None)
        if rng.random() < 0.002:
            resource.setdefault("meta", {})["security"] = [{"system": _CONFIDENTIALITY, "code": "R"}]
        patients[organisation] = resource["id"]
        yield practice if organisation == home else organisation, _submission(resource, None)
    for organisation, service, parts in chosen:
        if organisation not in patients:
            continue
        resource = _copied(parts, number, shift)
        if rng.random() < 0.09:
            label = {"system": _ACT_CODE, "code": rng.choice(_LABELS)}
            resource.setdefault("meta", {}).setdefault("security", []).append(label)
        yield practice if organisation == home else organisation, _submission(resource, service)
    if rng.random() < 0.02:
        yield practice, _submission(_objection(number, patients[home]), None)
    if here and HOSPITAL in patients:
        yield HOSPITAL, _submission(_stay(number, patients[HOSPITAL], rng, today), None)


def _copied(parts: Parts, number: int, shift: timedelta) -> dict[str, Any]:
    """The item under ids of the copy, its days moved."""
    text = []
    for place, part in enumerate(parts):
        if isinstance(part, date):
            text.append((part + shift).isoformat())
        else:
            text.append(f"{number}.{part}" if place % 2 else part)
    return parse("".join(text).encode())


def _identity(number: int, rng: Random) -> dict[str, Any]:
    born = date(1930, 1, 1) + timedelta(days=rng.randrange(34_000))
    return {
        "identifier": [{"system": NHS_NUMBER_SYSTEM, "value": test_number(number)}],
        "name": [{"use": "official", "family": rng.choice(_FAMILIES) + rng.choice(_ENDINGS),
                  "given": [rng.choice(_GIVEN), rng.choice(_GIVEN)]}],
        "birthDate": born.isoformat(),
        "address": [{"use": "home", "line": [f"{rng.randrange(1, 200)} Test Street"], "city": "Northfield",
                     "postalCode": f"NF{rng.randrange(1, 60)} {rng.randrange(1, 9)}{rng.choice('ABDEFGHJLN')}ZZ"}],
    }  # fmt: skip


def test_number(number: int) -> str:
    """The NHS number of a copy, of the range 999, which is never issued. A few may be those of Northfield's people:
    such a copy is held for review, as it would be in life. One stem in eleven has no check digit; then the next has."""
    if not 0 <= number < 480_000:
        raise ValueError("the test range holds no numbers for so many people")
    stem = 999_020_000 + number * 2
    found = (nhs_number(f"{tried}{check}") for tried in (stem, stem + 1) for check in "0123456789")
    return next(each for each in found if each is not None)


def _objection(number: int, patient: str) -> dict[str, Any]:
    return {
        "resourceType": "Consent", "id": f"{number}.objection", "status": "active",
        "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope",
                              "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "https://concord.example/CodeSystem/choice", "code": "objection"}]}],
        "patient": {"reference": f"Patient/{patient}"}, "policyRule": {"text": "Local"},
        "provision": {"type": "deny"},
    }  # fmt: skip


def _stay(number: int, patient: str, rng: Random, today: date) -> dict[str, Any]:
    """In the emergency department since today, or in a bed since some days."""
    bed = rng.random() < 0.5
    began = today - timedelta(days=rng.randrange(1, 9) if bed else 0)
    service = "acute-medicine" if bed else "emergency-department"
    return {
        "resourceType": "Encounter", "id": f"{number}.stay", "status": "in-progress",
        "meta": {"tag": [{"system": "https://concord.example/CodeSystem/service", "code": service}]},
        "class": {"system": _ACT_CODE, "code": "IMP" if bed else "EMER"},
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": f"{began}T00:{rng.randrange(60):02}:00Z"},
    }  # fmt: skip


def _submission(resource: dict[str, Any], service: str | None) -> Submission:
    return Submission(
        resource=resource, source_id=resource["id"], position=resource["id"], full_url=None, service=service
    )


if __name__ == "__main__":
    main()
