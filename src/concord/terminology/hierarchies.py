"""What lies below a code, of a code system that the installation has loaded: all at once, for tables that name it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from concord.store import Reading, terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Hierarchy:
    """All codes of a loaded code system of which it can be told what they lie below; and, of each code asked for that
    is among them, itself with all that lies below it.

    A code that is no longer used may have lost its place (as SNOMED CT's inactive concepts have): it lies below nothing
    any more, whatever it means, and is not among them.
    """

    codes: frozenset[str]
    below: Mapping[str, frozenset[str]]

    @classmethod
    def of_load(cls, reading: Reading, load: int, codes: Collection[str]) -> "Hierarchy":
        """`load` as `load_of` says."""
        known = frozenset(terms.placed_codes(reading, load))
        below = {code: frozenset((code, *terms.below(reading, load, code))) for code in codes if code in known}
        return cls(codes=known, below=below)

    @staticmethod
    def load_of(reading: Reading, urls: Sequence[str]) -> int:
        """The number of the load of a code system, under the first of its URLs that is loaded; 0 when none is."""
        found = (terms.loaded(reading, "CodeSystem", url) for url in urls)
        return next((each.number for each in found if each is not None), 0)
