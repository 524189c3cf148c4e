"""The demo: Northfield written to files, taken in by the production loader, and served."""

import shutil
import time
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from concord.accounts import User
from concord.app import App, compose_installation
from concord.base import OdsCode, SystemClock, SystemIds, nhs_number
from concord.cli import loading
from concord.cli.policy_files import read_policy_files
from concord.cli.serving import run_server
from concord.cli.signing_keys import KEYS, SIGNATORIES, keep_keys, kept_keys, sign_all, signatories_file
from concord.cli.terminal import Data, installation_in, named_database, out
from concord.governance import parse_directory, roles
from concord.governance.agreements import SigningKey
from concord.ingest import LoadReport, counted, read_feed
from concord.installation import DATABASE, FEEDS, KEY, SETTINGS, create, refuse_taken

if TYPE_CHECKING:
    from concord.demo import Feed

_UNFINISHED = "demo-unfinished"
_SIGNED_BEFORE = timedelta(days=250)
_DEMO_KEYS = """\
Keys of the demo alone, one for each synthetic organisation. They lie here together so that anybody can try to sign. In
real use each signatory makes a key where they sign, and it never comes near the server: concord agreements keys new
"""


def demo(
    data: Data = Path(".demo"),
    people: Annotated[int, typer.Option(help="How many synthetic people.", min=40)] = 300,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Make the demo unless it is there, then serve it."""
    if not (data / SETTINGS).exists() or (data / _UNFINISHED).exists():
        fill(data, people)
    installation = installation_in(data)
    app = compose_installation(installation, SystemIds())
    users = app.accounts.users()
    app.close()
    out.rule("Northfield")
    for role in roles().values():
        of_job = [user for user in users if user.role == role.role]
        if of_job:
            out.print(f"[bold]{role.title}[/]: " + ", ".join(f"{user.user} ({user.organisation})" for user in of_job))
    out.print(f"\nIt is {installation.demo_day:%d %B %Y} there, whatever the calendar says here.")
    address = f"http://127.0.0.1:{port}"
    run_server(
        installation, "127.0.0.1", port, f"Open {address} and sign in, for example as ada.nwosu, emergency department."
    )


def fill(directory: Path, people: int) -> None:
    """Write Northfield's feeds and take them in. A run that was cut short is taken up where it stopped."""
    from concord.demo import write_northfield  # noqa: PLC0415 - only the demo pays for loading it

    started = time.monotonic()
    directory.mkdir(parents=True, exist_ok=True)
    unfinished = directory / _UNFINISHED
    database = named_database()
    if unfinished.exists() and (database or (directory / DATABASE).exists()) and (directory / SETTINGS).exists():
        installation = installation_in(directory)
    else:
        if unfinished.exists():  # cut short before there was anything to keep
            for name in (SETTINGS, DATABASE, KEY):
                (directory / name).unlink(missing_ok=True)
        refuse_taken(directory)
        unfinished.write_text("The demo is being made. `make demo` takes it up again.\n", encoding="utf-8")
        today = SystemClock().now().date()
        installation = create(directory, organisation=OdsCode("ZZA"), demo_day=today, database=database)
    day = installation.demo_day
    assert day is not None
    out.print(f"Making Northfield, a synthetic care system of {people} people, in {directory}.")
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=out, disable=not out.is_terminal
    ) as bar:
        task = bar.add_task("Writing the feeds of its organisations", total=people)
        written = write_northfield(
            directory, people=people, today=day, progress=lambda done, of: bar.update(task, completed=done, total=of)
        )
    app = compose_installation(installation, SystemIds())
    try:
        _sign(app, directory, day)
        _keep_mapping(directory)
        with app.store.reading() as reading:
            names = {code: each.name for code, each in app.gate.policy(reading).directory.organisations.items()}
        _add_users(app, directory)
        for feed in written.feeds:
            done = _take_in(app, directory, feed)
            out.print(f"{feed.organisation} {names[OdsCode(feed.organisation)]}: ", end="", markup=False)
            loading.describe(done)
        for code in names:
            app.quality.measure(code, lambda _: None)
        app.store.checkpoint()
    finally:
        app.close()
    unfinished.unlink()
    out.print(f"\nReady after {time.monotonic() - started:.0f} seconds.")


def _take_in(app: App, directory: Path, feed: "Feed") -> LoadReport:
    """In bulk, which is quicker than file by file, and noted as having come by its feed. What comes by folder is then
    done with, as `concord feed run` leaves it."""
    described = read_feed(directory / FEEDS / f"{feed.name}.yaml")

    def take(folder: Path) -> LoadReport:
        return loading.load_with_progress(
            app, [folder], described.organisation, described.service, described.nhs_numbers
        )

    folder = directory / feed.path
    done = counted(described, take, app.records)(folder)
    if described.transport == "folder":
        (folder / "done").mkdir(exist_ok=True)
        for path in folder.glob("*.*"):
            path.replace(folder / "done" / path.name)
    return done


def _keep_mapping(directory: Path) -> None:
    """The mapping of the council's extract that comes with Concord, where feeds look for theirs."""
    text = files("concord.ingest").joinpath("tables", "council.yaml").read_text(encoding="utf-8")
    (directory / FEEDS / "mappings").mkdir(exist_ok=True)
    (directory / FEEDS / "mappings" / "council.yaml").write_text(text, encoding="utf-8")


def _sign(app: App, directory: Path, day: date) -> None:
    """Publish the agreements; every organisation but one signs them, with keys that lie beside."""
    from concord.demo import NOT_SIGNED  # noqa: PLC0415 - only the demo pays for loading it

    signed_on = day - _SIGNED_BEFORE
    if not (directory / SIGNATORIES).exists():
        shutil.rmtree(directory / KEYS, ignore_errors=True)  # of a run that was cut short
        text = (directory / "organisations.yaml").read_text(encoding="utf-8")
        known = parse_directory(text, filename="organisations.yaml").organisations.values()
        made = [SigningKey.new(each.code, f"Caldicott Guardian, {each.name}") for each in known]
        keep_keys(directory, made, _DEMO_KEYS)
        (directory / SIGNATORIES).write_text(signatories_file(made, signed_on), encoding="utf-8")
    app.publish(read_policy_files(directory))
    sign_all(app, [key for key in kept_keys(directory) if key.organisation != NOT_SIGNED], on=signed_on)


def _add_users(app: App, directory: Path) -> None:
    known = {user.user for user in app.accounts.users()}
    for entry in yaml.safe_load((directory / "users.yaml").read_text(encoding="utf-8"))["users"]:
        if entry["user"] not in known:
            app.accounts.add_user(
                User(
                    user=entry["user"],
                    name=entry["name"],
                    title=entry["title"],
                    staff_id=entry["staff_id"],
                    organisation=OdsCode(entry["organisation"]),
                    service=entry.get("service"),
                    role=entry["role"],
                    teams=frozenset(entry.get("teams", ())),
                    active=True,
                    nhs_number=nhs_number(entry["nhs_number"]) if "nhs_number" in entry else None,
                )
            )
