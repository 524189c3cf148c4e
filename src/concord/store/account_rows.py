"""Rows of users, bearer tokens, sessions and sign-in links: SQL that SQLite and PostgreSQL both take.

Secrets are kept only as keyed hashes (hexadecimal). Instants are microseconds since 1970 UTC. What has ended is
swept when something new is made, so the tables stay as small as what is in use.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from concord.base import NhsNumber, OdsCode

if TYPE_CHECKING:  # the schema of what these are opened on holds the tables below
    from concord.store.face import Reading, Writing

_USER = (
    "u.user_name, u.shown_name, u.title, u.staff_id, u.organisation, u.service, u.role, u.teams, u.active, u.nhs_number"
)
_TEAM_SEPARATOR = "\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Someone who may sign in: who they are, where they work, as what. `teams` are identifiers of care teams.

    `nhs_number`: their own, so that their own record does not open to them at work.
    """

    user: str
    name: str
    title: str
    staff_id: str
    organisation: OdsCode
    service: str | None
    role: str
    teams: frozenset[str]
    active: bool = True
    nhs_number: NhsNumber | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRow:
    """What a bearer token stands for: a user with a purpose, or (no user) the organisation's source system."""

    user: User | None
    purpose: str | None
    organisation: OdsCode | None
    ends_at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRow:
    user: User
    purpose: str
    seen_at: int
    ends_at: int


# -- users -----------------------------------------------------------------------------------------------------------


def add_user(writing: "Writing", user: User) -> bool:
    """Keep a new user; False when the name is taken."""
    teams = _TEAM_SEPARATOR.join(sorted(user.teams))
    added = writing.run(
        "INSERT INTO account_user (user_name, shown_name, title, staff_id, organisation, service, role, teams, active, "
        "nhs_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (user_name) DO NOTHING",
        (user.user, user.name, user.title, user.staff_id, user.organisation, user.service, user.role, teams,
         int(user.active), user.nhs_number),
    )  # fmt: skip
    return added == 1


def set_active(writing: "Writing", name: str, active: bool) -> bool:
    """False when there is no such user."""
    return writing.run("UPDATE account_user SET active = ? WHERE user_name = ?", (int(active), name)) == 1


def user(reading: "Reading", name: str) -> User | None:
    row = reading.row(f"SELECT {_USER} FROM account_user u WHERE u.user_name = ?", (name,))
    return None if row is None else _user(row)


def users(reading: "Reading") -> list[User]:
    """All of them, in order of name."""
    return [_user(row) for row in reading.rows(f"SELECT {_USER} FROM account_user u ORDER BY u.user_name")]


# -- bearer tokens ---------------------------------------------------------------------------------------------------


def add_user_token(writing: "Writing", hash_: str, *, user: str, purpose: str, ends_at: int, now: int) -> None:
    _add_token(writing, (hash_, user, purpose, None, ends_at), now)


def add_system_token(writing: "Writing", hash_: str, *, organisation: OdsCode, ends_at: int, now: int) -> None:
    _add_token(writing, (hash_, None, None, organisation, ends_at), now)


def token(reading: "Reading", hash_: str) -> TokenRow | None:
    row = reading.row(
        f"SELECT t.purpose, t.organisation, t.ends_at, {_USER} FROM account_token t "
        "LEFT JOIN account_user u ON u.user_name = t.user_name WHERE t.hash = ?",
        (hash_,),
    )
    if row is None:
        return None
    purpose, organisation, ends_at, *columns = row
    holder = None if columns[0] is None else _user(columns)
    return TokenRow(user=holder, purpose=purpose, organisation=organisation, ends_at=ends_at)


def _add_token(writing: "Writing", row: tuple[str, str | None, str | None, str | None, int], now: int) -> None:
    writing.run("DELETE FROM account_token WHERE ends_at <= ?", (now,))
    writing.run(
        "INSERT INTO account_token (hash, user_name, purpose, organisation, ends_at) VALUES (?, ?, ?, ?, ?)", row
    )


# -- sessions --------------------------------------------------------------------------------------------------------


def add_session(writing: "Writing", hash_: str, *, user: str, purpose: str, ends_at: int, now: int) -> None:
    writing.run("DELETE FROM account_session WHERE ends_at <= ?", (now,))
    writing.run(
        "INSERT INTO account_session (hash, user_name, purpose, seen_at, ends_at) VALUES (?, ?, ?, ?, ?)",
        (hash_, user, purpose, now, ends_at),
    )


def session(reading: "Reading", hash_: str) -> SessionRow | None:
    row = reading.row(
        f"SELECT s.purpose, s.seen_at, s.ends_at, {_USER} FROM account_session s "
        "JOIN account_user u ON u.user_name = s.user_name WHERE s.hash = ?",
        (hash_,),
    )
    if row is None:
        return None
    purpose, seen_at, ends_at, *columns = row
    return SessionRow(user=_user(columns), purpose=purpose, seen_at=seen_at, ends_at=ends_at)


def note_use(writing: "Writing", hash_: str, now: int) -> None:
    """The session was used now."""
    writing.run("UPDATE account_session SET seen_at = ? WHERE hash = ? AND seen_at < ?", (now, hash_, now))


def end_session(writing: "Writing", hash_: str) -> None:
    writing.run("DELETE FROM account_session WHERE hash = ?", (hash_,))


# -- sign-in links ---------------------------------------------------------------------------------------------------


def add_link(writing: "Writing", hash_: str, *, user: str, ends_at: int, now: int) -> None:
    writing.run("DELETE FROM account_link WHERE ends_at <= ?", (now,))
    writing.run("INSERT INTO account_link (hash, user_name, ends_at) VALUES (?, ?, ?)", (hash_, user, ends_at))


def spend_link(writing: "Writing", hash_: str, now: int) -> User | None:
    """Use a link up: whom it signs in, or None when it is unknown, used, over, or its user not active."""
    row = writing.row(
        f"SELECT {_USER} FROM account_link l JOIN account_user u ON u.user_name = l.user_name "
        "WHERE l.hash = ? AND l.ends_at > ? AND u.active = 1",
        (hash_, now),
    )
    # Of two who spend it at once, whoever deletes the row has it.
    spent = writing.run("DELETE FROM account_link WHERE hash = ?", (hash_,)) == 1
    return _user(row) if spent and row is not None else None


def _user(row: Sequence[Any]) -> User:
    name, shown_name, title, staff_id, organisation, service, role, teams, active, nhs_number = row
    return User(
        user=name,
        name=shown_name,
        title=title,
        staff_id=staff_id,
        organisation=organisation,
        service=service,
        role=role,
        teams=frozenset(teams.split(_TEAM_SEPARATOR) if teams else ()),
        active=bool(active),
        nhs_number=nhs_number,
    )
