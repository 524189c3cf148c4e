"""An installation: the folder where one installation keeps its database, its key and its settings."""

import secrets
import shutil
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from concord.base import Clock, Conflict, Incorrect, Keys, NotFound, OdsCode, SystemClock, Unavailable

_SYSTEM = SystemClock()
DATABASE, KEY, SETTINGS, JOBS = "concord.db", "installation.key", "concord.toml", "jobs"
AGREEMENTS = "agreements"
FEEDS, MAPPINGS = "feeds", "feeds/mappings"
_SECRET = ".key"
AUDIT_KEY = "audit.key"
_KEY_BYTES = 32
_POSTGRESQL = "postgresql"


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """`demo_day` is set where the people are synthetic: the day that it is there, whenever it is started.

    `database` is SQLite's file, or the address of a PostgreSQL database, which may hold a password.
    """

    path: Path
    organisation: OdsCode
    demo_day: date | None
    database: Path | str = field(repr=False)

    @property
    def jobs(self) -> Path:
        """Where the files of exports and imports lie, each job's in a folder of its own."""
        return self.path / JOBS

    @property
    def keys(self) -> Keys:
        return Keys((self.path / KEY).read_bytes())

    @property
    def audit_key(self) -> bytes:
        """What signs the audit's checkpoints, made where an earlier version of Concord made none."""
        path = self.path / AUDIT_KEY
        if not path.exists():
            made = self.path / f"{AUDIT_KEY}.{secrets.token_hex(4)}"
            _make_key(made)
            with suppress(FileExistsError):  # another process was first
                path.hardlink_to(made)
            made.unlink()
        key = path.read_bytes()
        if len(key) != _KEY_BYTES:
            raise Unavailable(f"{path} is damaged. Restore it from a backup: it signs the audit.")
        return key

    @property
    def clock(self) -> Clock:
        return _SYSTEM if self.demo_day is None else DemoClock(self.demo_day)


class DemoClock:
    """The time of day as it is, on the day of the demo data: whoever is in hospital today stays there tomorrow."""

    def __init__(self, day: date) -> None:
        self._behind = timedelta(days=(_SYSTEM.now().date() - day).days)

    def now(self) -> datetime:
        return _SYSTEM.now() - self._behind


def create(
    path: Path, *, organisation: OdsCode, demo_day: date | None = None, database: str | None = None
) -> Installation:
    """Make a folder with a key and settings; the settings come last, since they say that an installation is there.

    Of a PostgreSQL `database` they say that there is one, and not where: its address may hold a password.

    Raises Conflict when one is there already, or a database without settings, Incorrect when `path` is no folder.
    """
    refuse_taken(path)
    path.mkdir(parents=True, exist_ok=True)
    _make_key(path / KEY)
    _make_key(path / AUDIT_KEY)
    made = Installation(path=path, organisation=organisation, demo_day=demo_day, database=database or path / DATABASE)
    written = path / f"{SETTINGS}.new"
    written.write_text(_settings(made), encoding="utf-8")
    written.replace(path / SETTINGS)
    return made


def _settings(of: Installation) -> str:
    lines = [f'organisation = "{of.organisation}"']
    if of.demo_day is not None:
        lines.append(f"demo_day = {of.demo_day.isoformat()}")
    if isinstance(of.database, str):
        lines.append(f'database = "{_POSTGRESQL}"')
    return "\n".join(lines) + "\n"


def _make_key(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_bytes(secrets.token_bytes(_KEY_BYTES))


def refuse_taken(path: Path) -> None:
    """Raises Conflict or Incorrect when no installation can be made in `path`."""
    if path.exists() and not path.is_dir():
        raise Incorrect(f"{path} is a file. Choose a folder.")
    if (path / SETTINGS).exists():
        raise Conflict(f"{path} holds a Concord system already. Choose another folder.")
    if (path / DATABASE).exists():
        raise Conflict(
            f"{path} holds a database whose {SETTINGS} is missing. Restore that file, or choose another folder."
        )


def move_in(made: Path, path: Path) -> None:
    """Move what was made in `made` to `path`, the settings last: killed before, there is no half installation."""
    for child in sorted(made.iterdir(), key=lambda each: each.name == SETTINGS):
        child.replace(path / child.name)
    made.rmdir()


def copy_beside(path: Path, folder: Path, *, with_key: bool) -> None:
    """Copy into a new `folder` what an installation keeps beside its database: settings, agreements, what describes its
    feeds, keys.

    The files that feeds brought stay where they are: what they held is in the database. Whoever has the key and the
    database has everything.
    """
    folder.mkdir(parents=True)
    for child in sorted(path.iterdir()):
        if child.name.startswith(DATABASE) or (child.suffix == _SECRET and not with_key):
            continue
        if child.is_file():
            copied = folder / child.name
            copied.touch(mode=0o600 if child.suffix == _SECRET else 0o644)
            copied.write_bytes(child.read_bytes())
    if (path / AGREEMENTS).is_dir():
        shutil.copytree(path / AGREEMENTS, folder / AGREEMENTS)
    for described in (FEEDS, MAPPINGS):
        for file in sorted((path / described).glob("*.yaml")):
            (folder / described).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, folder / described / file.name)


def put_back(folder: Path, path: Path, key: Path | None, database: str | None) -> Installation:
    """Make `path` from what `copy_beside` kept; its database is still to be filled: SQLite's, or the PostgreSQL one at
    `database`, wherever the record lay before. `key`: the file of a key that was kept elsewhere. Raises Incorrect when
    there is no key."""
    copy_beside(folder, path, with_key=True)
    if key is not None:
        (path / KEY).touch(mode=0o600)
        (path / KEY).write_bytes(key.read_bytes())
    if not (path / KEY).exists():
        raise Incorrect(f"The backup holds no key. Name the file where you keep it: --key FILE ({KEY}).")
    settings = tomllib.loads((path / SETTINGS).read_text(encoding="utf-8"))
    restored = Installation(
        path=path,
        organisation=OdsCode(settings["organisation"]),
        demo_day=settings.get("demo_day"),
        database=database or path / DATABASE,
    )
    (path / SETTINGS).write_text(_settings(restored), encoding="utf-8")
    return restored


def find(path: Path, database: str | None = None) -> Installation:
    """The installation in the folder `path`; of one on PostgreSQL, with the address of its `database`.

    Raises NotFound when there is none, Unavailable when it is damaged, Incorrect for another kind of database.
    """
    try:
        text = (path / SETTINGS).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"There is no Concord system in {path}. Make one with `concord init {path}`.") from None
    try:
        settings = tomllib.loads(text)
        found = Installation(
            path=path,
            organisation=OdsCode(settings["organisation"]),
            demo_day=settings.get("demo_day"),
            database=database or path / DATABASE,
        )
    except (tomllib.TOMLDecodeError, KeyError):
        raise Unavailable(f"{path / SETTINGS} is damaged. Restore it from a backup.") from None
    _check_database(found, on_postgresql=settings.get("database") == _POSTGRESQL)
    key = path / KEY
    if not key.exists() or key.stat().st_size != _KEY_BYTES:
        raise Unavailable(
            f"{key} is missing or damaged. Restore it from a backup: without it nothing can be found again."
        )
    return found


def _check_database(found: Installation, *, on_postgresql: bool) -> None:
    database = found.database
    if on_postgresql and isinstance(database, Path):
        raise Incorrect(
            f"The record of {found.path} lies on PostgreSQL. Say where: --database postgresql://user@host/name before "
            "the command, or the same in CONCORD_DATABASE."
        )
    if not on_postgresql and isinstance(database, str):
        raise Incorrect(
            f"The record of {found.path} lies in its {DATABASE}. Leave out --database and CONCORD_DATABASE."
        )
    if isinstance(database, Path) and (not database.exists() or database.stat().st_size == 0):
        raise Unavailable(f"{database} is missing or empty. Restore it from a backup.")
