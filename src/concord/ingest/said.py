"""What a source sent of an item, field by field, and what of the item came from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_REFERENCE = "reference"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldSaid:
    """A field as it was sent ("OBX-5", "138"), and what of the item came from it ("value")."""

    field: str
    text: str
    became: Sequence[str]


def shown(text: str, most: int = 300) -> str:
    """The beginning of what is too long for a page (a document's text is), so many letters of it."""
    left = len(text) - most
    return text if left <= 0 else f"{text[:most]} … and {left:,} more letters"


def without_references(value: Any) -> Any:
    """What an element says apart from what it refers to, which the record names anew; nothing where that is all."""
    if isinstance(value, dict):
        left = {name: without_references(part) for name, part in value.items() if name != _REFERENCE}
        return {name: part for name, part in left.items() if part not in ({}, [])}
    if isinstance(value, list):
        parts = [without_references(part) for part in value]
        return parts if any(part not in ({}, []) for part in parts) else []
    return value
