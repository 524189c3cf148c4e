"""Terminology that the installation loads: code systems, value sets, maps, SNOMED CT."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from concord.base import Incorrect
from concord.cli.profiles import definitions_in
from concord.cli.terminal import Data, opened, out
from concord.fhir import Resource
from concord.terminology import (
    KINDS,
    holds_snapshot,
    incoming_of,
    incoming_snapshot,
    load_terminology,
    loaded_terminology,
)

terminology_cli = typer.Typer(no_args_is_help=True, help="Code systems, value sets and maps: load them, list them.")


@terminology_cli.command("load")
def load(
    files: Annotated[
        list[Path],
        typer.Argument(help="JSON resources, bundles or FHIR packages of them; SNOMED CT RF2 snapshot folders."),
    ],
    data: Data,
) -> None:
    """Load terminology, each resource in place of the one with its URL and version. All are read first."""
    snapshots = [path for path in files if path.is_dir() and holds_snapshot(path)]
    read = [each for path in files if path not in snapshots for each in _resources(path)]
    wanted = [incoming_of(each) for each in read if each.get("resourceType") in KINDS]
    wanted += [incoming_snapshot(folder) for folder in snapshots]
    if not wanted:
        raise Incorrect(f"There is nothing to load: give {', '.join(KINDS)} in JSON, or a SNOMED CT RF2 snapshot.")
    with opened(data) as app:
        for each in wanted:
            rows = load_terminology(app.store, each)
            out.print(f"{each.kind:<12} {rows:>9,} {each.url} {each.version}".rstrip(), markup=False)
        app.store.checkpoint()
    out.print(f"Loaded {len(wanted)}. In force from the next request on.")


@terminology_cli.command("list")
def list_terminology(data: Data) -> None:
    """List what is loaded, one a line: type, concepts or mappings, URL, version."""
    with opened(data) as app, app.store.reading() as reading:
        for kind, url, version, rows in loaded_terminology(reading):
            out.print(f"{kind:<12} {rows:>9,} {url} {version}".rstrip(), markup=False)


def _resources(path: Path) -> Iterator[Resource]:
    for each in definitions_in(path):
        if each.get("resourceType") == "Bundle":
            yield from (entry["resource"] for entry in each.get("entry", ()) if "resource" in entry)
        else:
            yield each
