"""Whether what is kept beside an item is what the item says: its index rows and its facts, derived once more."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from concord.base import IdSource, Keys, OdsCode
from concord.fhir import survey
from concord.governance import Directory, Duty, Gate, permit_duty
from concord.governance.labels import Sensitivity
from concord.record.prepare import Context, Prepared, prepare
from concord.record.wire import as_sent
from concord.store import Reading, body, checks, facts

VERIFYING = permit_duty(Duty(name="verifying"))
_SAMPLE = 2_000
_INDEX_ROWS = 5_000  # looked for at once: each statement costs a round trip


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """How many items were looked at, and what is wrong, as counts: nothing that names an item."""

    items: int
    wrong: tuple[str, ...]


class Verifier:
    """Reads under a duty of its own. Nothing about a person leaves, only counts, so no row of the audit tells of it."""

    def __init__(self, gate: Gate, keys: Keys, ids: IdSource) -> None:
        self._gate = gate
        self._keys = keys
        self._ids = ids
        self._codec = body.Codec()

    def verify(self, reading: Reading, *, whole: bool) -> Verified:
        """Look at all items (`whole`), or at a sample of 2,000 that begins anywhere."""
        finding = _Finding(
            reading, self._gate.policy(reading).directory, self._gate.sensitivity(reading), self._keys, self._codec
        )
        for each in checks.draw(reading, VERIFYING, after="", most=2**62) if whole else self._sample(reading):
            finding.look_at(each)
        finding.look_into_index()
        if whole:
            finding.compare_index(checks.indexed(reading))
        wrong = tuple(f"{count:,} {what}" for what, count in sorted(finding.wrong.items()))
        return Verified(items=finding.items, wrong=wrong)

    def _sample(self, reading: Reading) -> Iterator[checks.Drawn]:
        """The items after some id, and from the first id on when there are not enough."""
        left, start = _SAMPLE, self._ids.fresh()
        for each in checks.draw(reading, VERIFYING, after=start, most=_SAMPLE):
            left -= 1
            yield each
        for each in checks.draw(reading, VERIFYING, after="", most=left):
            if each.item.id > start:
                return
            yield each


@dataclass
class _Finding:
    """Goes through items and counts what does not agree."""

    reading: Reading
    directory: Directory
    sensitivity: Sensitivity
    keys: Keys
    codec: body.Codec
    items: int = 0
    index_rows: int = 0
    wrong: dict[str, int] = field(default_factory=dict)
    _expected: list[checks.IndexRow] = field(default_factory=list)
    _contexts: dict[int, Context] = field(default_factory=dict)

    def look_at(self, drawn: checks.Drawn) -> None:
        self.items += 1
        try:
            derived = self._derived(drawn)
        except Exception:  # noqa: BLE001 - whatever stops a body from being read again is what is looked for
            self._count("bodies that cannot be read", 1)
            return
        self.index_rows += len(derived.indexed)
        self._expected += ((value, *drawn.item.place) for value in derived.indexed)
        if len(self._expected) >= _INDEX_ROWS:
            self.look_into_index()
        expected = derived.facts or facts.FactRows()
        if list(expected.relationships) != list(drawn.facts.relationships):
            self._count("items whose relationships are not what they say", 1)
        if expected.choice != drawn.facts.choice:
            self._count("items whose choice is not what they say", 1)
        if expected.proxy != drawn.facts.proxy:
            self._count("items whose proxy is not who they say", 1)

    def look_into_index(self) -> None:
        """For what the items looked at since the last time are to be found under."""
        self._count("index rows that are missing", checks.not_indexed(self.reading, self._expected))
        self._expected.clear()

    def compare_index(self, rows: int) -> None:
        """Once all items were looked at: no row is missing, so any more than theirs are too many."""
        self._count("index rows too many", rows - self.index_rows + self.wrong.get("index rows that are missing", 0))

    def _derived(self, drawn: checks.Drawn) -> Prepared:
        item, reading = drawn.item, self.reading
        type_ = reading.words.text(reading, item.type)
        service = reading.words.text(reading, item.service) if item.service else None
        resource = as_sent(type_, item, self.codec)
        return prepare(resource, survey(resource), item.id, service, self._context(drawn.organisation), self.codec)

    def _context(self, organisation: int) -> Context:
        context = self._contexts.get(organisation)
        if context is None:
            code = OdsCode(self.reading.words.text(self.reading, organisation))
            context = Context(keys=self.keys, organisation=code, directory=self.directory, sensitivity=self.sensitivity)
            self._contexts[organisation] = context
        return context

    def _count(self, what: str, number: int) -> None:
        if number:
            self.wrong[what] = self.wrong.get(what, 0) + number
