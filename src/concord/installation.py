"""An installation: the folder where one installation keeps its database, its key and its settings."""

import secrets
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from concord.base import Clock, Conflict, Incorrect, Keys, NotFound, OdsCode, SystemClock

_SYSTEM = SystemClock()
DATABASE, KEY, SETTINGS = "concord.db", "installation.key", "concord.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """`demo_day` is set where the people are synthetic: the day that it is there, whenever it is started."""

    path: Path
    organisation: OdsCode
    demo_day: date | None

    @property
    def database(self) -> Path:
        return self.path / DATABASE

    @property
    def keys(self) -> Keys:
        return Keys((self.path / KEY).read_bytes())

    @property
    def clock(self) -> Clock:
        return _SYSTEM if self.demo_day is None else DemoClock(self.demo_day)


class DemoClock:
    """The time of day as it is, on the day of the demo data: whoever is in hospital today stays there tomorrow."""

    def __init__(self, day: date) -> None:
        self._behind = timedelta(days=(_SYSTEM.now().date() - day).days)

    def now(self) -> datetime:
        return _SYSTEM.now() - self._behind


def create(path: Path, *, organisation: OdsCode, demo_day: date | None = None) -> Installation:
    """Make an empty data directory. Raises Conflict when one is there already."""
    if (path / SETTINGS).exists():
        raise Conflict(f"{path} holds a Concord system already. Choose another folder.")
    if path.exists() and not path.is_dir():
        raise Incorrect(f"{path} is a file. Choose a folder.")
    path.mkdir(parents=True, exist_ok=True)
    (path / KEY).touch(mode=0o600)
    (path / KEY).write_bytes(secrets.token_bytes(32))
    settings = f'organisation = "{organisation}"\n' + (f"demo_day = {demo_day.isoformat()}\n" if demo_day else "")
    written = path / f"{SETTINGS}.new"
    written.write_text(settings, encoding="utf-8")
    written.replace(path / SETTINGS)
    return Installation(path=path, organisation=organisation, demo_day=demo_day)


def find(path: Path) -> Installation:
    """The data directory at `path`. Raises NotFound when there is none."""
    try:
        settings = tomllib.loads((path / SETTINGS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(f"There is no Concord system in {path}. Make one with `concord init {path}`.") from None
    return Installation(path=path, organisation=OdsCode(settings["organisation"]), demo_day=settings.get("demo_day"))
