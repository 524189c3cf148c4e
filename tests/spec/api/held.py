"""What a server holds when the tests of interactions begin, and how it is read."""

from typing import Any

from concord.fhir import parse
from tests.small_system import condition
from tests.spec.api.interactions import Server

SYSTEM, GUESS = "urn:x", "identifier=urn:x|1"


def numbered(words: str = "Heart failure", **more: Any) -> dict[str, Any]:
    """A Condition with an identifier, as a source sends it."""
    return condition("c1", "p1", words, identifier=[{"system": SYSTEM, "value": "1"}], **more)


def logical(on: Server, source_id: str = "c1", type_: str = "Condition") -> str:
    return str(parse(on.ask("practice", "GET", f"{type_}/{source_id}").content)["id"])


def words(answer: Any) -> str:
    return str(parse(answer.content)["code"]["text"])
