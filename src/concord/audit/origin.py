"""From where a request came, for its audit row: set at the edge, read where the row is made."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Literal

from concord.base import Keys

Via = Literal["fhir", "portal", "command"]

_ORIGIN: ContextVar[Mapping[str, str]] = ContextVar("audit-origin", default={"via": "command"})  # noqa: B039 - the default is frozen: nobody can change it for others


def came_from(keys: Keys, via: Via, address: str, program: str) -> None:
    """Say where what this task or thread does next comes from.

    Of address and program (User-Agent) only a short keyed hash is kept: it tells whether two requests came from the
    same device, and nothing else about it.
    """
    _ORIGIN.set({"via": via, "device": keys.hashed("audit-device", address, program, size=6).hex()})


def origin() -> Mapping[str, str]:
    return _ORIGIN.get()
