"""What a medicine is called and how much of it is taken, so far apart that two lists can be compared.

No drug dictionary: it reads strengths, forms and frequencies from the words that sources write. What it cannot read it
compares as text, so that a difference is shown rather than missed.
"""

import re
from decimal import Decimal, InvalidOperation

from concord.record.summary.words import folded

_UNIT = r"(?:mg|g|kg|micrograms?|mcg|ug|µg|nanograms?|ml|l|litres?|units?|iu|mmol|meq|%|actuat|hr|hour|dose)"
# "2.5mg", "10 mg/5 ml", "100 MG/ML", and the bare pair of a combination: "8/500"
_STRENGTH = re.compile(
    rf"\d[\d.,]*\s*{_UNIT}(?:\s*/\s*(?:[\d.,]+\s*)?{_UNIT})*(?![a-z])|\d[\d.]*/\d[\d.]*", re.IGNORECASE
)
_AMOUNT = re.compile(r"([\d.]+)(g|mg|micrograms?|mcg|ug|µg|nanograms?)")
_IN_MICROGRAMS = {
    "g": Decimal(1_000_000),
    "mg": Decimal(1_000),
    "nanogram": Decimal("0.001"),
    "nanograms": Decimal("0.001"),
}
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_SOLID = r"(?:oral|film[- ]coated|tablets?|tabs?|capsules?|caps?|caplets?|pill|pack)"
_SOLID_WORDS = re.compile(rf"\b{_SOLID}\b", re.IGNORECASE)
_SINGULAR = {"solutions": "solution", "injections": "injection", "inhalers": "inhaler", "patches": "patch"}
_MODIFIED = re.compile(
    r"\b(?:modified|prolonged|extended|slow|sustained)[- ]release\b|\bm/r\b|\bxl\b|\bsr\b|\bmr\b", re.IGNORECASE
)

_FREQUENCIES = (
    (r"four times(?: a day| daily)|4 times (?:a|per) day|\bqds\b|\bqid\b|every 6 hours", "4/d"),
    (r"three times(?: a day| daily)|3 times (?:a|per) day|\btds\b|\btid\b|every 8 hours", "3/d"),
    (r"(?:twice|two times)(?: a day| daily| per day)|2 times (?:a|per) day|\bbd\b|\bbid\b|every 12 hours", "2/d"),
    (r"at night|at bedtime|\bnocte\b", "night"),
    (r"(?:in the|each|every) morning|\bmane\b", "morning"),
    (r"once a week|once weekly|weekly|every week|every 7 days", "1/wk"),
    (r"(?:once|one time)(?: a day| daily| per day)|daily|every day|each day|\bod\b|every 24 hours", "1/d"),
    (r"on repeat", ""),
)
_FREQUENCY = [(re.compile(pattern, re.IGNORECASE), word) for pattern, word in _FREQUENCIES]
_FILLERS = frozenset(
    {"take", "to", "be", "taken", "one", "1", "tablet", "tablets", "capsule", "capsules", "oral", "orally", "by"}
    | {"mouth", "po", "of", "the", "via", "route"}
)


def medicine_key(name: str) -> str:
    """The name without strength and without the form of what is swallowed; other forms stay (a cream is no tablet)."""
    text = _MODIFIED.sub(" ", _STRENGTH.sub(" ", _BRACKETS.sub("", name)))
    words = folded(_SOLID_WORDS.sub(" ", text)).split()
    return " ".join(_SINGULAR.get(word, word) for word in words) or folded(name)


def without_strength(name: str) -> str:
    """`Apixaban 2.5mg tablets` as `Apixaban tablets`."""
    return " ".join(_STRENGTH.sub(" ", name).split()) or name


def strengths(text: str) -> frozenset[str]:
    """The amounts in a text, spelt one way: `2.5mg`, `2.50 mg` and `2500 mcg` are one."""
    return frozenset(_spelt(found) for found in _STRENGTH.findall(text))


def _spelt(amount: str) -> str:
    spelt = "".join(amount.lower().split()).replace(",", "")
    if simple := _AMOUNT.fullmatch(spelt):
        try:
            return f"{(Decimal(simple[1]) * _IN_MICROGRAMS.get(simple[2], Decimal(1))).normalize():f}"
        except InvalidOperation:  # "1.2.3 mg": not a number
            return spelt
    return spelt


def strength_text(name: str) -> str:
    """The strengths in a name, as written: `2.5mg`."""
    return " / ".join(dict.fromkeys(_STRENGTH.findall(name)))


def comparable(name: str, dose: str) -> tuple[frozenset[str], str]:
    """What must be equal for two entries to agree: the amounts, and how often with whatever else is said."""
    rest, often = _STRENGTH.sub(" ", dose), []
    for pattern, word in _FREQUENCY:
        rest, count = pattern.subn(" ", rest)
        if count and word:
            often.append(word)
    others = sorted(word for word in folded(rest).split() if word not in _FILLERS)
    return strengths(dose) or strengths(name), " ".join([*often, *others])
