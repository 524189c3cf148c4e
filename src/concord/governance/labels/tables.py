"""The tables of sensitivity: which labels a code gives to the item that carries it, and why.

One ships with Concord (`sensitivity.yaml`). A site has its own beside it, `agreements/sensitivity.yaml` in the folder
of its policy: it adds labels, and takes none away, so that no mistake in it shows more. Its rows can name what lies
below a code in a code system that the installation has loaded. While that is not loaded nobody can tell what lies
there, and every code of the system is `unknown`, which is withheld.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, NamedTuple

from concord.base import Entry, FileRefused, read_entry
from concord.store import Reading
from concord.terminology import Hierarchy, Label, label_mask

SENSITIVITY = "https://concord.example/CodeSystem/sensitivity"
SEAL = "https://concord.example/CodeSystem/seal"
SITE_FILE = "sensitivity.yaml"
_SEALS = (Label.SEALED_FLAGGED, Label.SEALED_LOCKED)


class Row(NamedTuple):
    """What one row says of a code: the labels (stored form), and the reason in words."""

    labels: int
    reason: str


_UNTOLD = Row(Label.UNKNOWN.mask, "not loaded here, or no longer used, so that nobody can tell what it lies below")


class Below(NamedTuple):
    """A row about a code and all that lies below it. `line`: where it stands in its file."""

    system: str
    code: str
    row: Row
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeSystem:
    """A code system by its name in the table. `dots`: its codes are compared with their full stops."""

    urls: tuple[str, ...]
    dots: bool


@dataclass(frozen=True, kw_only=True)
class SensitivityTable:
    """Rows by (system, code), by system and beginning of a code, and by what lies below a code.

    Of the systems that have rows of the last kind, by the table's names and as far as they are loaded: `hierarchies`,
    and the numbers of their `loads`.
    """

    systems: Mapping[str, CodeSystem]
    exact: Mapping[tuple[str, str], Row]
    prefixes: Mapping[str, Mapping[str, Row]]
    below: Sequence[Below] = ()
    hierarchies: Mapping[str, Hierarchy] = field(default_factory=dict)
    loads: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def _undotted(self) -> frozenset[str]:
        return frozenset(url for each in self.systems.values() if not each.dots for url in each.urls)

    @cached_property
    def _lying(self) -> Mapping[str, "_Beneath"]:
        """By URL, of each system that has rows about what lies below a code."""
        of = {name: [each for each in self.below if each.system == name] for name in self.roots}
        lying = {name: _Beneath(rows, self.hierarchies.get(name)) for name, rows in of.items()}
        return {url: each for name, each in lying.items() for url in self.systems[name].urls}

    @property
    def roots(self) -> Mapping[str, Sequence[str]]:
        """The codes, by the name of their system, of which a row says what lies below them."""
        names = dict.fromkeys(each.system for each in self.below)
        return {name: [each.code for each in self.below if each.system == name] for name in names}

    def rows(self, system: str, code: str) -> tuple[Row, ...]:
        """The rows that decide about a code: the one that names it, else that of its longest beginning and those about
        what it lies below. () where no row knows it."""
        bare = code.replace(".", "").upper() if system in self._undotted else code
        named = self.exact.get((system, bare))
        if named is not None:
            return (named,)
        lying = self._lying.get(system)
        found = () if lying is None else lying.rows(code)
        prefixes = self.prefixes.get(system)
        if prefixes is not None:
            begin = next((prefixes[bare[:size]] for size in range(len(bare), 0, -1) if bare[:size] in prefixes), None)
            found += () if begin is None else (begin,)
        return found

    def untold(self) -> Iterator[Below]:
        """The rows of which nobody can tell what they are about, because their code is not loaded."""
        for each in self.below:
            hierarchy = self.hierarchies.get(each.system)
            if hierarchy is None or each.code not in hierarchy.below:
                yield each


class _Beneath:
    """The rows of one code system about what lies below a code, and which of them decide about which code.

    A row of a code that itself lies below another row's takes the place of that one: it is about less, and says more.
    """

    def __init__(self, rows: Sequence[Below], hierarchy: Hierarchy | None) -> None:
        below: Mapping[str, frozenset[str]] = {} if hierarchy is None else hierarchy.below
        self._known = frozenset[str]() if hierarchy is None else hierarchy.codes
        self._told = all(each.code in below for each in rows)
        over: dict[str, list[Below]] = {}
        for each in rows:
            for code in below.get(each.code, ()):
                over.setdefault(code, []).append(each)
        self._nearest = {
            code: tuple(
                each.row
                for each in several
                if not any(other.code != each.code and other.code in below[each.code] for other in several)
            )
            for code, several in over.items()
        }

    def rows(self, code: str) -> tuple[Row, ...]:
        found = self._nearest.get(code, ())
        return found if self._told and code in self._known else (*found, _UNTOLD)


_REMEMBERED = 8192  # codes


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensitivity:
    """The table that ships with Concord and a site's own: of what both say the labels add up."""

    shipped: SensitivityTable
    site: SensitivityTable
    _found: dict[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def rows(self, system: str, code: str) -> tuple[Row, ...]:
        """() for what neither knows. Records repeat few codes: those met last are remembered."""
        found = self._found.get((system, code))
        if found is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            found = self._found[system, code] = self.shipped.rows(system, code) + self.site.rows(system, code)
        return found


@cache
def shipped_table() -> SensitivityTable:
    """The table that ships with Concord."""
    text = files("concord.governance.labels").joinpath("sensitivity.yaml").read_text(encoding="utf-8")
    table = parse_sensitivity(text, filename="sensitivity.yaml")
    ours = {(SENSITIVITY, str(label)): Row(label.mask, "the source says so in Concord's words") for label in Label}
    ours[SEAL, "flagged"] = Row(Label.SEALED_FLAGGED.mask, "sealed by the person, who lets that be told")
    ours[SEAL, "locked"] = Row(Label.SEALED_LOCKED.mask, "sealed by the person")
    return replace(table, exact=ours | dict(table.exact))


NO_ROWS = SensitivityTable(systems={}, exact={}, prefixes={})


def with_hierarchies(table: SensitivityTable, loads: Mapping[str, int], reading: Reading) -> SensitivityTable:
    """The table with what lies below its codes. `loads`: of its systems by name, as `Hierarchy.load_of` says."""
    found = {name: Hierarchy.of_load(reading, loads[name], codes) for name, codes in table.roots.items() if loads[name]}
    return replace(table, hierarchies=found, loads=dict(loads))


def parse_site_table(text: str) -> SensitivityTable:
    """A site's own table; empty text is one without rows. Raises FileRefused with line and column.

    It may speak of the code systems of the shipped table by their names there, and of others that it names itself.
    """
    return parse_sensitivity(text, filename=SITE_FILE, beside=shipped_table().systems) if text.strip() else NO_ROWS


def parse_sensitivity(text: str, *, filename: str, beside: Mapping[str, CodeSystem] | None = None) -> SensitivityTable:
    """`beside`: the code systems that are known already; then `systems` may be left out, and a row may say `below`.

    Raises FileRefused with line and column.
    """
    needed = ["systems", "rows"] if beside is None else ["rows"]
    root = read_entry(text, filename=filename).fields("the sensitivity table", required=needed, optional=["systems"])
    systems = dict(beside or {})
    for key, value in root["systems"].pairs("systems") if "systems" in root else ():
        name = key.slug("system")
        if name in systems:
            raise key.refused(f'code system "{name}" is known already: write rows about it, and leave it out here')
        systems[name] = _system(value)
    reading = _Reading(systems, site=beside is not None)
    for entry in root["rows"].entries("rows"):
        reading.take(entry)
    return SensitivityTable(systems=systems, exact=reading.exact, prefixes=reading.prefixes, below=tuple(reading.below))


class _Reading:
    """Rows as they are read one after the other."""

    def __init__(self, systems: Mapping[str, CodeSystem], *, site: bool) -> None:
        self._systems = systems
        self._site = site
        self.exact: dict[tuple[str, str], Row] = {}
        self.prefixes: dict[str, dict[str, Row]] = {}
        self.below: list[Below] = []

    def take(self, entry: Entry) -> None:
        optional = ["codes", "below"] if self._site else []
        required = ["system", "labels", "reason"] + ([] if self._site else ["codes"])
        fields = entry.fields("a row", required=required, optional=optional)
        if not ("codes" in fields or "below" in fields):
            raise entry.refused('a row needs "codes", "below" or both')
        name = fields["system"].one_of("code system", self._systems)
        row = Row(label_mask(self._labels(fields["labels"])), fields["reason"].text("reason"))
        for each in fields["codes"].entries("codes") if "codes" in fields else ():
            self._code(each, name, row)
        for each in fields["below"].entries("below") if "below" in fields else ():
            below = Below(name, each.text("code"), row, each.line)
            if any((other.system, other.code) == (name, below.code) for other in self.below):
                raise self._twice(each)
            self.below.append(below)

    def _labels(self, entry: Entry) -> list[Label]:
        known = [label for label in Label if not self._site or label not in _SEALS]
        return [Label(word) for word in entry.each_of("label", known, empty=True)]

    def _code(self, entry: Entry, name: str, row: Row) -> None:
        system = self._systems[name]
        code = entry.text("code") if system.dots else entry.text("code").replace(".", "").upper()
        for url in system.urls:
            if code.endswith("*"):
                self._enter(self.prefixes.setdefault(url, {}), code[:-1], row, entry)
            else:
                self._enter(self.exact, (url, code), row, entry)

    def _enter(self, table: dict[Any, Row], key: object, row: Row, entry: Entry) -> None:
        if key in table:
            raise self._twice(entry)
        table[key] = row

    def _twice(self, entry: Entry) -> FileRefused:
        return entry.refused(f'a code of this row stands above already: "{entry.text("code")}"')


def _system(entry: Entry) -> CodeSystem:
    fields = entry.fields("a code system", required=["urls", "source", "licence"], optional=["dots"])
    for key in ("source", "licence"):
        fields[key].text(key)
    return CodeSystem(
        urls=tuple(each.text("URL") for each in fields["urls"].entries("the list of URLs")),
        dots=fields["dots"].yes_or_no("dots") if "dots" in fields else True,
    )
