"""The harness that measures any FHIR server, `../shared/bench/fhir_bench.py`, unchanged, against a server of Concord's.

    .venv/bin/python benchmarks/harness.py FOLDER [--limit 24] [--max-entries 900] [--volume FOLDER] [--postgresql]

Twice: as the source system over Synthea's people without Claim and ExplanationOfBenefit (all its phases), and as an
emergency doctor about people in hospital now (all but ingest), over a folder of `volume.py` (10,000 people, made in
FOLDER unless one is given). A person whom several contributors know has a Patient of each, and a search for Patients
that finds them all the harness calls wrong, since it expects one. FOLDER keeps the harness's JSON of both,
`source.json` and `doctor.json`. What this does not know is handed to the harness (`--reads 100 --opens 20`).
"""

import argparse
import bz2
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx
from measuring import ORGANISATION, ROOT, Address, new, on, rows, run, server, synthea_or_exit
from volume import HOSPITAL, make

_HARNESS = ROOT.parent / "shared/bench/fhir_bench.py"
_EXCLUDED = "Claim,ExplanationOfBenefit"
_IN_HOSPITAL = (
    "SELECT DISTINCT s.patient FROM relationship r JOIN source_patient s ON s.home = r.home "
    "AND s.number = r.source_patient WHERE r.organisation = ? AND r.kind IN ('attending', 'inpatient') "
    "AND r.ends_at IS NULL ORDER BY s.patient"
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--limit", type=int, default=24)
    options.add_argument("--max-entries", type=int, default=900)
    options.add_argument("--volume", type=Path)
    options.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    asked, handed_on = options.parse_known_args()
    if not _HARNESS.is_file():
        raise SystemExit(f"{_HARNESS.relative_to(ROOT.parent)} is not here: there is no harness to run.")
    asked.folder.mkdir(parents=True, exist_ok=True)
    handed_on += ["--limit", str(asked.limit), "--max-entries", str(asked.max_entries)]
    with tempfile.TemporaryDirectory() as scratch, on(postgresql=asked.postgresql):
        as_source(Path(scratch), asked.folder / "source.json", handed_on)
        volume = asked.volume or asked.folder / "volume"
        make(volume, people=10_000)
        as_doctor(volume, Path(scratch), asked.folder / "doctor.json", asked.limit, handed_on)


def as_source(scratch: Path, report: Path, handed_on: Sequence[str]) -> None:
    """What people refer to comes first, as it does with any server."""
    bundles, before, data = scratch / "bundles", scratch / "before", scratch / "source"
    for packed in sorted(synthea_or_exit().rglob("*.json.bz2")):
        folder = before if "Information" in packed.name else bundles
        folder.mkdir(exist_ok=True)
        (folder / packed.stem).write_bytes(bz2.decompress(packed.read_bytes()))
    new(data, "--organisation", ORGANISATION)
    run("load", "--data", data, "--organisation", ORGANISATION, before)
    token = run("token", "--data", data, "--system", ORGANISATION).output.split()[-1]
    with server(data) as address:
        _measure(address, token, bundles, data, report, "--exclude-types", _EXCLUDED, *handed_on)


def as_doctor(data: Path, scratch: Path, report: Path, limit: int, handed_on: Sequence[str]) -> None:
    """What the doctor may see of each is what the harness then expects to be told."""
    bundles, state = scratch / "people", scratch / "state.json"
    ((doctor,),) = rows(
        data, "SELECT user_name FROM account_user WHERE role = 'doctor' AND service = 'emergency-department' LIMIT 1"
    )
    token = run("token", "--data", data, "--as", doctor).output.split()[-1]
    with server(data) as address:
        bundles.mkdir()
        state.write_text(json.dumps(_people(data, address, token, bundles, limit)), encoding="utf-8")
        phases = ("--phases", "read,search,open", "--state", str(state))
        _measure(address, token, bundles, data, report, *phases, *handed_on)


def _people(data: Path, address: Address, token: str, bundles: Path, limit: int) -> dict[str, dict[int, list[str]]]:
    """A bundle for each of those in hospital whose record is open; by its name the ids of its entries."""
    ids: dict[str, dict[int, list[str]]] = {}
    with httpx.Client(base_url=f"{address}/fhir/", headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        for (patient,) in rows(data, _IN_HOSPITAL, (HOSPITAL,)):
            answer = client.get(f"Patient/{patient}/$everything?_count=1000")
            if answer.status_code != 200:
                continue
            # The harness looks for the person by the first Patient of a bundle.
            found = sorted(
                (entry["resource"] for entry in answer.json().get("entry", ())),
                key=lambda each: (each["id"] != patient, each["resourceType"] != "Patient"),
            )
            entries = [{"fullUrl": f"{each['resourceType']}/{each['id']}", "resource": each} for each in found]
            bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
            (bundles / f"{patient}.json").write_text(json.dumps(bundle), encoding="utf-8")
            ids[f"{patient}.json"] = {at: [each["resourceType"], each["id"]] for at, each in enumerate(found)}
            if len(ids) == limit:
                break
    return ids


def _measure(address: Address, token: str, bundles: Path, data: Path, report: Path, *words: str) -> None:
    command: list[str | Path] = [
        sys.executable, _HARNESS, "--base", f"{address}/fhir", "--token", token, "--bundles", bundles,
        "--proc", f"concord={address.process}", "--disk-path", data, "--label", report.stem, "--out", report, *words,
    ]  # fmt: skip
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
