"""Numbers and quantities of FHIR as ranges from least to most, and in which unit."""

from decimal import Decimal
from typing import Any

Bounds = tuple[Decimal, Decimal]
_BEYOND = Decimal("Infinity")
_CURRENCIES = "urn:iso:std:iso:4217"


def bounds_of(value: Any, system: str | None = None, code: str | None = None) -> Bounds | None:
    """What a number, a Quantity (of any kind), a Money or a Range says; None when it is in another unit, or says none.

    A code without a system may be the words of the unit too. `<5` reaches from minus infinity to 5.
    """
    if type(value) is int or type(value) is Decimal:
        return (Decimal(value), Decimal(value)) if code is None else None
    if type(value) is not dict:
        return None
    if "low" in value or "high" in value:
        return _of_range(value, system, code)
    number = value.get("value")
    if not isinstance(number, int | Decimal) or not _in_unit(value, system, code):
        return None
    exact = Decimal(number)
    match value.get("comparator"):
        case "<" | "<=":
            return -_BEYOND, exact
        case ">" | ">=":
            return exact, _BEYOND
    return exact, exact


def _of_range(value: dict[str, Any], system: str | None, code: str | None) -> Bounds | None:
    low, high = (bounds_of(value[side], system, code) if side in value else None for side in ("low", "high"))
    if (low is None and "low" in value) or (high is None and "high" in value):
        return None
    return low[0] if low else -_BEYOND, high[1] if high else _BEYOND


def _in_unit(quantity: dict[str, Any], system: str | None, code: str | None) -> bool:
    if "currency" in quantity:
        return code in (None, quantity["currency"]) and system in (None, _CURRENCIES)
    if system is not None:
        return quantity.get("system") == system and code in (None, quantity.get("code"))
    return code is None or code in (quantity.get("code"), quantity.get("unit"))
