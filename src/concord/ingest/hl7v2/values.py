"""What an OBX says: its value by type, units, reference range, interpretation (HL7 v2.4, 7.4.2)."""

import re
from decimal import Decimal
from typing import Any

from concord.base import OdsCode
from concord.ingest.hl7v2.message import NotMapped, Repetition, Segment
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import Element, compact, concept

_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")
_COMPARED = re.compile(r"(<=|>=|<|>)?\s*([+-]?\d{1,30}(?:\.\d{1,30})?)")
_RANGE = re.compile(r"(-?\d{1,30}(?:\.\d{1,30})?)\s*-\s*(-?\d{1,30}(?:\.\d{1,30})?)")
_BOUND = re.compile(r"(<=?|>=?)\s*(-?\d{1,30}(?:\.\d{1,30})?)")
_POWER = re.compile(r"x? ?10\^-?\d{1,2}( ?/.*)?")
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)?")
_TEXT = ("ST", "TX", "FT", "NM", "")  # whose values have no components, so that a mark in them is the writer's
_CODED = ("CE", "CWE", "CNE", "CF", "IS", "ID")
_INTERPRETATIONS = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_INTERPRETED = {
    "H", "L", "HH", "LL", "N", "A", "AA", "S", "R", "I", "MS", "VS", "U", "D", "B", "W", "<", ">", "POS", "NEG", "IND",
    "DET", "ND",
}  # fmt: skip


def value(obx: Segment, organisation: OdsCode) -> dict[str, Any]:
    """OBX-5 as value[x]; {} when it is empty. What its type cannot hold is kept as text. Raises NotMapped."""
    sent = obx.repetitions(5)
    if not sent:
        return {}
    type_ = obx.text(2).upper()
    if len(sent) == 1:
        typed = _typed(type_, obx, sent[0], organisation)
        if typed:
            return typed
    text = "\n".join(words for one in sent if (words := _words(type_, one)))
    return {"valueString": text} if text else {}


def _words(type_: str, sent: Repetition) -> str:
    if type_ in _CODED:
        return sent.phrase(9) or sent.phrase(2) or sent.phrase(5) or sent.phrase()
    return sent.verbatim() if type_ in _TEXT else sent.words()


def _typed(type_: str, obx: Segment, sent: Repetition, organisation: OdsCode) -> dict[str, Any] | None:
    if type_ == "NM":
        quantity = _quantity(sent.text(), obx)
        return {"valueQuantity": quantity} if quantity else None
    if type_ == "SN":
        return _structured(sent, obx)
    if type_ in _CODED:
        coded = concept(sent, organisation)
        return {"valueCodeableConcept": coded} if coded else None
    if type_ in ("DT", "TS", "DTM"):
        return compact(valueDateTime=date_time(obx, 5))
    if type_ == "TM":
        found = _TIME.match(sent.text())
        if found is None:
            raise NotMapped(obx.where(5), "The field is not a time of day.")
        return {"valueTime": f"{found[1]}:{found[2]}:{found[3] or '00'}"}
    return None


def _quantity(text: str, obx: Segment) -> Element | None:
    """A number as sent, perhaps behind a comparator: laboratories send "<15" as NM."""
    found = _COMPARED.fullmatch(text)
    if found is None:
        return None
    return compact(comparator=found[1]) | {"value": Decimal(found[2])} | _units(obx)


def _structured(sent: Repetition, obx: Segment) -> dict[str, Any] | None:
    """SN: comparator^number^separator^number (2.9.43), a quantity, a range or a ratio."""
    comparator, low, separator, high = (sent.text(number) for number in range(1, 5))
    units = _units(obx)
    if _NUMBER.fullmatch(low) and not separator and comparator in ("", "<", ">", "<=", ">="):
        return {"valueQuantity": compact(comparator=comparator) | {"value": Decimal(low)} | units}
    if not (_NUMBER.fullmatch(low) and _NUMBER.fullmatch(high)):
        return None
    if separator == "-":
        return {"valueRange": {"low": {"value": Decimal(low)} | units, "high": {"value": Decimal(high)} | units}}
    if separator in (":", "/"):
        return {"valueRatio": {"numerator": {"value": Decimal(low)}, "denominator": {"value": Decimal(high)}}}
    return None


def _units(obx: Segment) -> Element:
    return _unit(obx.first(6))


def _unit(sent: Repetition) -> Element:
    """A unit as sent; coded where it says UCUM."""
    words = sent.text(9) or sent.text(2) or sent.text()
    if _POWER.fullmatch(f"{sent.text()}^{sent.text(2)}"):
        return {"unit": sent.verbatim()}  # no name of a code, but "10^9/L" as most write it
    if not words:
        return {}
    if sent.text(3).upper() == "UCUM" and sent.text():
        return {"unit": words, "system": "http://unitsofmeasure.org", "code": sent.text()}
    return {"unit": words}


def amount(number: str, units: Repetition) -> Element | None:
    """A number and a coded unit as a Quantity; None when it is no number."""
    if not _NUMBER.fullmatch(number):
        return None
    return {"value": Decimal(number)} | _unit(units)


def interpretation(obx: Segment) -> list[Element]:
    """OBX-8, table 0078."""
    found: list[Element] = []
    for sent in obx.repetitions(8):
        code = sent.text().upper()
        if code in _INTERPRETED:
            found.append({"coding": [{"system": _INTERPRETATIONS, "code": code}]})
        elif words := sent.phrase(2) or sent.phrase():
            found.append({"text": words})
    return found


def reference_range(obx: Segment) -> list[Element]:
    """OBX-7, such as "49 - 92", "[ < 0.21 ]" or words."""
    text = obx.text(7)
    bare = text.strip("[]() ")
    if not bare:
        return []
    unit = _units(obx).get("unit")
    if found := _RANGE.fullmatch(bare):
        return [{"low": _bound(found[1], unit), "high": _bound(found[2], unit), "text": text}]
    if found := _BOUND.fullmatch(bare):
        side = "high" if found[1].startswith("<") else "low"
        return [{side: _bound(found[2], unit), "text": text}]
    return [{"text": text}]


def _bound(number: str, unit: str | None) -> Element:
    return {"value": Decimal(number)} | compact(unit=unit)
