"""What a request of the catalogue is, and what those are made from that ask for what is hidden."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.small_system import NOW

RANDOM_ID = "q" * 24
RANDOM_PERSON = "z" * 24
TYPES = ("Patient", "Condition", "Observation", "Encounter", "DocumentReference", "Consent", "Practitioner", "Flag")
TODAY = NOW.date().isoformat()
_AN_ID = re.compile(r"(?<![a-zA-Z0-9])([a-z2-7]{24}|[A-Z2-7]{24}|[a-z]{2}-x[0-9]+)(?![a-zA-Z0-9])")
_A_VERSION = re.compile(r"_history/[^?/%]+")


@dataclass(frozen=True, kw_only=True)
class Request:
    """`route` is the route as the application spells it."""

    route: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def template(self) -> str:
        """The request without whom or what it is about: `{id}` for each id, and the headers by name."""
        path = _AN_ID.sub("{id}", _A_VERSION.sub("_history/{version}", self.path))
        headers = "".join(f" {name}" for name, _ in self.headers if name != "Content-Type")
        return f"{self.method} {path}{headers}"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a viewer can ask from: addresses that were shown (`Type/id`), persons that were found, and guesses.

    `versions`: guesses at versions of each address, shown or guessed (`Type/id/_history/version`). `drafts`: guesses at
    references of drafts.
    """

    shown: Sequence[str]
    versions: Sequence[str]
    persons: Sequence[str]
    guessed: Sequence[str]
    cookie: str
    drafts: Sequence[str]


JSON = ("Content-Type", "application/fhir+json")
PATCH = ("Content-Type", "application/json-patch+json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")


def fhir(
    route: str, method: str, path: str, *, headers: tuple[tuple[str, str], ...] = (), body: bytes | None = None
) -> Request:
    return Request(route=f"/fhir{route}", method=method, path=f"/fhir/{path}", headers=headers, body=body)


def bare(address: str) -> dict[str, Any]:
    type_, _, id_ = address.partition("/")
    return {"resourceType": type_, "id": id_}
