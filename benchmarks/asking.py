"""What a program asks most: a read by id, searches within a person, reads by eight clients at once, and ingest.

    .venv/bin/python benchmarks/asking.py [--volume FOLDER] [--asks 300] [--postgresql] [--json FILE]

Twice: as the source system over the Synthea files, and as an emergency doctor about those in hospital now, over a
folder of `volume.py` (10,000 people, made in a temporary folder unless it is given). Server time is `Server-Timing`
`total`, the audit row being durable by then; processor time is that of the server's process, from /proc, without that
of PostgreSQL where it is on one.
"""

import argparse
import asyncio
import bz2
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import aiohttp
import httpx
from measuring import (
    ORGANISATION,
    SYNTHEA,
    Address,
    load_synthea,
    new,
    on,
    percentile,
    rows,
    run,
    server,
    show,
    tell,
    timing_of,
)
from volume import HOSPITAL, make

_CLIENTS = 8
_BUNDLES = 40  # of those that are sent over HTTP
_ITEMS = (
    "SELECT w.text, i.id, p.id FROM item i JOIN word w ON w.number = i.type "
    "JOIN source_patient s ON s.home = i.home AND s.number = i.source_patient "
    "JOIN item p ON p.home = i.home AND p.source_patient = i.source_patient AND p.id = s.patient "
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--volume", type=Path)
    options.add_argument("--asks", type=int, default=300)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, on(postgresql=asked.postgresql):
        volume = asked.volume or Path(folder) / "volume"
        make(volume, people=asked.people)
        found += as_doctor(volume, asked.asks)
        synthea = Path(folder) / "synthea"
        new(synthea, "--organisation", ORGANISATION)
        load_synthea(synthea, Path(folder) / "report.json")
        tell("Synthea is loaded")
        found += as_source(synthea, asked.asks)
        found += ingest(Path(folder) / "ingest")
    show("What a program asks (ms; per second)", found, asked.json)


def as_source(data: Path, asks: int) -> list[dict[str, Any]]:
    items = rows(data, f"{_ITEMS} WHERE i.item % 7 = 3 ORDER BY i.home LIMIT 2000")
    return measure(data, "a source system, Synthea", ("--system", ORGANISATION), items, asks)


def as_doctor(data: Path, asks: int) -> list[dict[str, Any]]:
    ((doctor,),) = rows(
        data, "SELECT user_name FROM account_user WHERE role = 'doctor' AND service = 'emergency-department' LIMIT 1"
    )
    items = rows(
        data,
        f"{_ITEMS} JOIN link l ON l.source_patient = i.source_patient WHERE i.labels = 0 AND w.text = 'Observation' "
        "AND l.person IN (SELECT k.person FROM relationship r JOIN link k ON k.source_patient = r.source_patient "
        "WHERE r.organisation = ? AND r.kind IN ('attending', 'inpatient') AND r.ends_at IS NULL) LIMIT 2000",
        (HOSPITAL,),
    )
    return measure(data, "an ED doctor, volume", ("--as", doctor), items, asks)


def measure(
    data: Path, who: str, by: Sequence[str], items: Sequence[tuple[Any, ...]], asks: int
) -> list[dict[str, Any]]:
    token = run("token", "--data", data, *by).output.split()[-1]
    head = {"Authorization": f"Bearer {token}"}
    patients = list(dict.fromkeys(f"{patient}" for _, _, patient in items))
    searches = {
        "Observation by code of a person": "Observation?patient={}&code=29463-7",
        "laboratory results of a person by date": "Observation?patient={}&category=laboratory&_sort=-date&_count=50",
        "active medications of a person": "MedicationRequest?patient={}&status=active",
    }
    found = []
    with server(data) as address, httpx.Client(base_url=f"{address}/fhir/", headers=head, timeout=60) as client:
        paths = (f"{type_}/{id_}" for type_, id_, _ in items)
        reads = list(islice((path for path in paths if client.get(path).status_code == 200), 500))
        tell(f"{who}: {len(reads)} items that are open")
        found.append({"by": who, "asked": "read by id"} | _timed(client, address, reads, asks))
        for what, query in searches.items():
            found.append(
                {"by": who, "asked": what} | _timed(client, address, [query.format(p) for p in patients], asks)
            )
            tell(f"{who}: {what}")
        found.append({"by": who, "asked": f"reads, {_CLIENTS} clients"} | asyncio.run(_at_once(address, head, reads)))
        found.append({"by": who, "asked": "memory of the server, MB", "p50": address.memory_mb()})
    return found


def _timed(client: httpx.Client, address: Address, paths: Sequence[str], asks: int) -> dict[str, Any]:
    for path in paths[:5]:
        client.get(path)
    before, spent = address.cpu_s(), []
    for path in islice(cycle(paths), asks):
        spent.append(timing_of(client.get(path).raise_for_status().headers)["total"])
    return {
        "p50": percentile(spent, 0.5),
        "p95": percentile(spent, 0.95),
        "server CPU": (address.cpu_s() - before) * 1000 / asks,
        "a second": "",
    }


async def _at_once(address: Address, head: dict[str, str], paths: Sequence[str]) -> dict[str, Any]:
    """As many as there can be for some seconds, each client on its own connection."""
    spent: list[float] = []
    until = time.perf_counter() + 6

    async def ask(first: int) -> None:
        # The client that takes least itself: it shares the cores with the server.
        async with aiohttp.ClientSession(f"{address}/fhir/", headers=head) as client:
            for path in cycle([*paths[first:], *paths[:first]]):
                began = time.perf_counter()
                if began > until:
                    return
                async with client.get(path) as answer:
                    await answer.read()
                    answer.raise_for_status()
                    spent.append(timing_of(answer.headers)["total"])

    before, began = address.cpu_s(), time.perf_counter()
    await asyncio.gather(*(ask(number * len(paths) // _CLIENTS) for number in range(_CLIENTS)))
    return {
        "p50": percentile(spent, 0.5),
        "p95": percentile(spent, 0.95),
        "server CPU": (address.cpu_s() - before) * 1000 / len(spent),
        "a second": len(spent) / (time.perf_counter() - began),
    }


def ingest(data: Path) -> list[dict[str, Any]]:
    """Transaction bundles of the Synthea files over HTTP, by four clients: the files of places and people first."""
    new(data, "--organisation", ORGANISATION)
    token = run("token", "--data", data, "--system", ORGANISATION).output.split()[-1]
    files = sorted(SYNTHEA.rglob("*.json*"), key=lambda path: path.stat().st_size)
    first = sorted(path for path in files if "Information" in path.name)
    people = [path for path in files if path not in first][:_BUNDLES]
    with server(data) as address:
        before, began = address.cpu_s(), time.perf_counter()
        asyncio.run(_send(address, token, first, clients=1))
        asyncio.run(_send(address, token, people, clients=4))
        wall, cpu = time.perf_counter() - began, address.cpu_s() - before
        ((held,),) = rows(data, "SELECT count(*) FROM item")
        return [
            {"by": "a source system, Synthea", "asked": "ingest of transactions, resources", "p50": "", "p95": "",
             "server CPU": cpu * 1000 / held, "a second": held / wall},
            {"by": "a source system, Synthea", "asked": "memory after ingest, MB", "p50": address.memory_mb()},
        ]  # fmt: skip


async def _send(address: Address, token: str, files: Sequence[Path], *, clients: int) -> None:
    left = list(files)

    async def send() -> None:
        head = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
        async with httpx.AsyncClient(headers=head, timeout=300) as client:
            while left:
                path = left.pop(0)
                body = bz2.decompress(path.read_bytes()) if path.suffix == ".bz2" else path.read_bytes()
                (await client.post(f"{address}/fhir", content=body)).raise_for_status()

    await asyncio.gather(*(send() for _ in range(clients)))


if __name__ == "__main__":
    main()
