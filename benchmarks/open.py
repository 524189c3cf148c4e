"""How long one person's whole record takes, over HTTP, from a server that this starts itself.

    .venv/bin/python benchmarks/open.py [--opens 60] [--volume FOLDER] [--postgresql] [--json FILE]

For the largest person of Northfield and for a Synthea person of about 775 resources: `Patient/[id]/$everything` by the
source system and by a user (who is decided about anew each time, and audited), and the record page of the portal.
Server time is `Server-Timing` `total`, the decision's part of it `decide`; wire time is the client's, without parsing.
"""

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from measuring import ORGANISATION, load_synthea, new, on, percentile, rows, run, server, show, timing_of

_LARGE = 775
_WARMING = 5
_SIZES = (
    "SELECT l.person, s.patient, w.text, count(*) FROM link l "
    "JOIN source_patient s ON s.home = l.home AND s.number = l.source_patient "
    "JOIN word w ON w.number = s.organisation "
    "JOIN item i ON i.home = s.home AND i.source_patient = s.number GROUP BY l.person, s.patient, w.text, s.number"
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--opens", type=int, default=60)
    options.add_argument("--volume", type=Path, help="a folder of volume.py, instead of Northfield alone")
    options.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, on(postgresql=asked.postgresql):
        demo = asked.volume or Path(folder) / "northfield"
        if asked.volume is None:
            new(demo, "--demo")
        found += measure(demo, "Northfield, the largest", largest(demo), asked.opens)
        synthea = Path(folder) / "synthea"
        new(synthea, "--organisation", ORGANISATION)
        load_synthea(synthea, Path(folder) / "report.json")
        run("users", "add", "bench.gp", "--data", synthea, "--name", "A GP", "--role", "gp",
            "--organisation", ORGANISATION, "--staff-id", "1")  # fmt: skip
        found += measure(synthea, "Synthea, of about 775", about(synthea, _LARGE), asked.opens)
    show("Open one person's record (ms)", found, asked.json)


def largest(data: Path) -> tuple[str, str, str]:
    """(person, patient, organisation): who has most items, by the practice where they are registered."""
    sizes: dict[str, int] = {}
    for person, _, _, count in (found := rows(data, _SIZES)):
        sizes[person] = sizes.get(person, 0) + count
    practices = {row[0] for row in rows(data, "SELECT organisation FROM account_user WHERE role = 'gp'")}
    registered = [row for row in found if row[2] in practices]
    person, patient, organisation, _ = max(registered, key=lambda row: (sizes[row[0]], row[3]))
    return person, patient, organisation


def about(data: Path, size: int) -> tuple[str, str, str]:
    person, patient, organisation, _ = min(rows(data, _SIZES), key=lambda row: abs(row[3] - size))
    return person, patient, organisation


def measure(data: Path, who: str, whom: tuple[str, str, str], opens: int) -> list[dict[str, Any]]:
    person, patient, organisation = whom
    ((user,),) = rows(
        data,
        "SELECT user_name FROM account_user WHERE role = 'gp' AND organisation = ? ORDER BY user_name LIMIT 1",
        (organisation,),
    )
    found = []
    with server(data) as address, httpx.Client(base_url=address, timeout=60) as client:
        for by, arguments in (("its source system", ("--system", organisation)), ("a GP", ("--as", user))):
            token = run("token", "--data", data, *arguments).output.split()[-1]
            head = {"Authorization": f"Bearer {token}"}
            path = f"/fhir/Patient/{patient}/$everything?_count=1000"
            bundle = json.loads(client.get(path, headers=head).raise_for_status().content)
            row = timed(lambda path=path, head=head: client.get(path, headers=head), opens)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            more = any(link["relation"] == "next" for link in bundle.get("link", ()))
            found.append({"record": who, "by": f"{by}, FHIR", "items": f"{len(bundle['entry'])}{'+' * more}"} | row)
        sign_in(client, data, user)
        row = timed(lambda: client.get(f"/person/{person}"), opens)
        found.append({"record": who, "by": "a GP, page", "items": ""} | row)
    return found


def sign_in(client: httpx.Client, data: Path, user: str) -> None:
    """As anyone does: by the link that works once."""
    said = run("users", "link", user, "--data", data).output.replace("\n", " ")
    link = re.search(r"https?://\S+", said)
    assert link is not None, said
    path = urlsplit(link[0]).path
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(path).text)
    assert token is not None, "the sign-in page has no form"
    client.post(path, data={"form_token": token[1]})
    client.get("/").raise_for_status()


def timed(ask: Callable[[], httpx.Response], opens: int) -> dict[str, Any]:
    total, decide, wire, size = [], [], [], 0
    for number in range(_WARMING + opens):
        began = time.perf_counter()
        answer = ask()
        spent = (time.perf_counter() - began) * 1000
        answer.raise_for_status()
        parts = timing_of(answer.headers)
        if number >= _WARMING:
            wire.append(spent)
            total.append(parts["total"])
            decide.append(parts.get("decide", 0))
            size = len(answer.content)
    return {
        "KB": size // 1000,
        "server p50": percentile(total, 0.5),
        "server p95": percentile(total, 0.95),
        "decide p50": percentile(decide, 0.5),
        "decide p95": percentile(decide, 0.95),
        "wire p50": percentile(wire, 0.5),
        "wire p95": percentile(wire, 0.95),
    }


if __name__ == "__main__":
    main()
