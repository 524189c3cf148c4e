"""Keeping an installation: backup, restore, verify, stats."""

import json
import shutil
import time
from pathlib import Path
from typing import Annotated

import typer

from concord.app import restore_database
from concord.base import Conflict, Incorrect
from concord.cli.terminal import Data, err, named_database, opened, out
from concord.installation import KEY, copy_beside, move_in, put_back, refuse_taken

BESIDE, DATABASE = "installation", "database"  # the two folders of a backup


def backup(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to make; it must not exist.")],
    data: Data,
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Leave the installation's keys out; keep them elsewhere.")
    ] = False,
) -> None:
    """Copy an installation, whole and of one instant, while it is served and written to."""
    if target.exists():
        raise Conflict(f"{target} is there already. Name a folder that is to be made.")
    started = time.monotonic()
    making = target.with_name(target.name + ".unfinished")
    shutil.rmtree(making, ignore_errors=True)  # of an earlier try that was cut short
    with opened(data) as app, err.status(f"Copying into {target}"):
        making.mkdir(mode=0o700, parents=True)
        copy_beside(data, making / BESIDE, with_key=not without_key)
        copied = app.back_up(making / DATABASE)
    making.rename(target)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    rows = sum(held.rows for held in copied.tables.values())
    out.print(
        f"Backed up {rows:,} rows into {target}, {size / 1e6:,.1f} MB, in {time.monotonic() - started:.1f} s.",
        markup=False,
    )
    out.print(f"content {copied.fingerprint}")
    if without_key:
        out.print(f"It holds no key. Without {KEY}, kept elsewhere, it cannot be restored.")
    else:
        out.print(
            "It holds the installation's key: whoever has it can read everybody's record. Keep it like the record."
        )


def restore(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="A backup.")],
    data: Annotated[Path, typer.Option("--data", help="The folder to restore into; it must be new or empty.")],
    key: Annotated[Path | None, typer.Option("--key", help="The key's file, of a backup without one.")] = None,
) -> None:
    """Make an installation from a backup; proven equal to what was backed up, or nothing is made."""
    if not (source / DATABASE).is_dir():
        raise Incorrect(f"There is no backup in {source}.")
    refuse_taken(data)
    if data.exists() and any(data.iterdir()):
        raise Conflict(f"{data} is not empty. Name a new folder.")
    if key is not None and not key.is_file():
        raise Incorrect(f"There is no key at {key}.")
    started = time.monotonic()
    making = data / ".restoring"
    try:
        with err.status(f"Restoring {source}, and reading it again"):
            restored = restore_database(source / DATABASE, put_back(source / BESIDE, making, key, named_database()))
        move_in(making, data)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    rows = sum(held.rows for held in restored.tables.values())
    out.print(f"Restored {rows:,} rows into {data} in {time.monotonic() - started:.1f} s.", markup=False)
    out.print(f"content {restored.fingerprint}, equal to what was backed up")


def verify(
    data: Data,
    whole: Annotated[bool, typer.Option("--whole", help="Look at every item, not at a sample of 2,000.")] = False,
) -> None:
    """Look whether what is held agrees with itself, while it is served; print a hash of all of it."""
    with opened(data) as app, err.status("Looking at every item" if whole else "Looking at a sample of the items"):
        found = app.verify(whole=whole)
    if found.contents is not None and found.looked_at is not None:
        for name, held in found.contents.tables.items():
            out.print(f"{held.rows:>12,}  {name:<16} {held.fingerprint[:16]}", markup=False)
        out.print(f"content {found.contents.fingerprint}")
        which = "all" if whole else "a sample of"
        out.print(f"Looked at {which} {found.looked_at.items:,} items, and at how all tables agree.")
    if not found.wrong:
        out.print("Nothing is wrong.")
        return
    for each in found.wrong:
        err.print(f"wrong: {each}", markup=False)
    err.print("Load nothing more. Take a copy of the folder, then restore the last backup that verifies.")
    raise typer.Exit(1)


def stats(data: Data, json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Print what is held, in counts and bytes; nothing about any one person."""
    with opened(data) as app, err.status("Counting"):
        stock, sizes = app.stock()
    items = sum(stock.items.values())
    counts = {
        "people": stock.people, "source_patients": stock.source_patients, "items": items,
        "earlier_versions": stock.versions, "waiting": stock.waiting, "quarantined": stock.quarantined,
        "audit_rows": stock.audit_rows, "layout": stock.layout, "bytes": sum(sizes.values()),
    }  # fmt: skip
    by_organisation: dict[str, dict[str, int]] = {}
    for (organisation, type_), count in stock.items.items():
        by_organisation.setdefault(organisation, {})[type_] = count
    if json_:
        print(json.dumps(counts | {"items_by_organisation": by_organisation, "bytes_by_table": sizes}))  # noqa: T201 - JSON for programs, which rich would wrap
        return
    for name, count in counts.items():
        out.print(f"{count:>16,}  {name.replace('_', ' ')}")
    if items:
        out.print(f"{sum(sizes.values()) / items:>16,.0f}  bytes an item, everything included")
    for organisation, types in by_organisation.items():
        out.print(f"\n{organisation}", style="bold", markup=False)
        for type_, count in types.items():
            out.print(f"{count:>16,}  {type_}", markup=False)
    out.print("\nbytes by table", style="bold")
    for table, size in sorted(sizes.items(), key=lambda each: -each[1]):
        out.print(f"{size:>16,}  {table}", markup=False)
