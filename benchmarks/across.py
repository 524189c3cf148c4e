"""How long searches take that name no person, by scope, over HTTP, from a server that this starts itself.

    .venv/bin/python benchmarks/across.py FOLDER [--people 100000] [--asks 30] [--postgresql] [--json FILE]

FOLDER is one of `volume.py`, made unless it is there. A source system over what it contributed; whoever may trace,
finding a person; and a viewer's own list: of an emergency doctor, whose hospital has one in a hundred of the people
now, and of a GP, whose practice has eight in a hundred. Each ask seeks another person, code or day where it can.
"""

import argparse
from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import httpx
from measuring import database_of, on, percentile, rows, run, server, show, tell, timing_of
from volume import HOSPITAL, make

from concord.installation import find

_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_CODES = ("hypertension", "asthma", "type-2-diabetes", "heart-failure", "atrial-fibrillation")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--people", type=int, default=100_000)
    options.add_argument("--asks", type=int, default=30)
    options.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    with on(postgresql=asked.postgresql):
        make(asked.folder, people=asked.people)
        show("Search across people (ms)", measure(asked.folder, asked.asks), asked.json)


def measure(data: Path, asks: int) -> list[dict[str, Any]]:
    ((ed,),) = rows(
        data, "SELECT user_name FROM account_user WHERE role = 'doctor' AND service = 'emergency-department' LIMIT 1"
    )
    ((gp,),) = rows(
        data, "SELECT user_name FROM account_user WHERE role = 'gp' AND organisation = 'ZZP01' ORDER BY 1 LIMIT 1"
    )
    found = []
    with server(data) as address, httpx.Client(base_url=f"{address}/fhir/", timeout=60) as client:
        for whose, arguments, sought in (
            ("a source system", ("--system", HOSPITAL), _of_source(data)),
            ("finding a person", ("--as", ed), _finding(data)),
            ("an ED doctor's list", ("--as", ed), _of_list(data)),
            ("a GP's list", ("--as", gp), _of_list(data)),
        ):
            token = run("token", "--data", data, *arguments).output.split()[-1]
            client.headers["Authorization"] = f"Bearer {token}"
            for what, queries in sought.items():
                found.append({"scope": whose, "search": what} | _timed(client, queries, asks))
                tell(f"{whose}: {what}")
    return found


def _timed(client: httpx.Client, queries: Sequence[str], asks: int) -> dict[str, Any]:
    spent, totals = [], []
    client.get(queries[0]).raise_for_status()
    for query in islice(cycle(queries), asks):
        answer = client.get(query).raise_for_status()
        spent.append(timing_of(answer.headers)["total"])
        totals.append(answer.json().get("total", 0))
    return {"found": round(percentile(totals, 0.5)), "p50": percentile(spent, 0.5), "p95": percentile(spent, 0.95)}


def _of_source(data: Path) -> dict[str, Sequence[str]]:
    numbers = [number for _, number, _, _ in _people(data)]
    return {
        "Patient by identifier": [f"Patient?identifier={_NUMBER}|{number}" for number in numbers],
        "Encounter in progress": ["Encounter?status=in-progress&_count=50"],
        "Observation of a day": [f"Observation?date={day}&_count=50" for day in _days(data, 20)],
    }


def _finding(data: Path) -> dict[str, Sequence[str]]:
    people = _people(data)
    return {
        "NHS number": [f"Patient?identifier={_NUMBER}|{number}" for _, number, _, _ in people],
        "family name and birth date": [f"Patient?family={family}&birthdate={born}" for family, _, born, _ in people],
        "family name and postcode": [f"Patient?family={family}&address-postalcode={code}"
                                     for family, _, _, code in people],
    }  # fmt: skip


def _of_list(data: Path) -> dict[str, Sequence[str]]:
    return {
        "Encounter in progress": ["Encounter?status=in-progress&_count=20"],
        "Condition by code": [f"Condition?code={code}&_count=20" for code in _CODES],
        "how many have it": [f"Condition?code={code}&_summary=count" for code in _CODES],
        "Observation since yesterday": [f"Observation?date=ge{day}&_sort=-date&_count=20" for day in _days(data, 2)],
        "DocumentReference of the month": [
            f"DocumentReference?date=ge{day}&_sort=-date&_count=20" for day in _days(data, 20)
        ],
    }


def _people(data: Path) -> list[tuple[str, str, str, str]]:
    """(family, NHS number, birth date, postcode) of a hundred of the hospital's people."""
    found = rows(
        data,
        "SELECT s.family, s.nhs_number, s.born_on, s.postcode FROM source_patient s JOIN word w "
        "ON w.number = s.organisation WHERE w.text = ? AND s.nhs_number IS NOT NULL AND s.number % 97 = 1 LIMIT 5000",
        (HOSPITAL,),
    )
    return [(str(a), str(b), str(c), str(d)) for a, b, c, d in Random(1).sample(found, min(100, len(found)))]


def _days(data: Path, back: int) -> list[str]:
    """The days before the one that it is there."""
    day = find(data, database_of(data)).demo_day
    assert day is not None
    return [(day - timedelta(days=number)).isoformat() for number in range(1, back + 1)]


if __name__ == "__main__":
    main()
