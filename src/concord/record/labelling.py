"""What is held is labelled anew, when the table of sensitivity or the labels of a service have changed since."""

from collections.abc import Callable
from dataclasses import dataclass

from concord.audit import AuditEvent, AuditWriter
from concord.base import Clock, Keys, OdsCode
from concord.fhir import survey
from concord.governance import Duty, Gate, permit_duty
from concord.governance.labels import label_rules
from concord.record.corrections import corrections_of
from concord.record.flow import label_anew
from concord.record.prepare import Context, cues, own_labels
from concord.record.wire import as_sent
from concord.store import Reading, Store, Writing, body, checks, feed, items, labelling, registers
from concord.store.items import StoredItem

_DUTY = Duty(name="labelling")
LABELLING = permit_duty(_DUTY)
_PORTION = 500  # items of one transaction: others write between


@dataclass(frozen=True, kw_only=True, slots=True)
class Relabelled:
    """How many items this pass has looked at, and how often an item was given other labels. `resumed`: it went on
    where an earlier one was cut short, and has not looked at what that one had done."""

    looked_at: int
    changed: int
    resumed: bool


class Labelling:
    """Looks at every item under a duty of its own. Nothing about a person leaves, only counts."""

    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._codec = body.Codec()

    def apply(self, tell: Callable[[int, int], None]) -> Relabelled:
        """Give every item the labels that a source's sending it now would give it, and its neighbours theirs.

        In portions, each with its labels, their flow, its row of the audit and how far the pass has come in one
        transaction; `tell` hears after each how many items were looked at and labelled otherwise so far. Cut short it
        goes on where it was, unless the rules have changed since: then, as when they change meanwhile, it begins anew.
        """
        with self._store.reading() as reading:
            begun = registers.labelling(reading)
            rules = self._rules(reading)
        after = begun[1] if begun is not None and begun[0] == rules else ""
        done = Relabelled(looked_at=0, changed=0, resumed=after != "")
        while True:
            with self._store.reading() as reading:
                drawn = list(checks.draw(reading, LABELLING, after=after, most=_PORTION))
                other = [each for each in drawn if self._has_other(reading, each)]
            with self._store.writing() as writing:
                now = self._rules(writing)
                if now != rules:
                    rules, after = now, ""
                    continue
                if not drawn:
                    registers.end_labelling(writing)
                    return done
                after = drawn[-1].item.id
                changed = self._label(writing, other)
                registers.note_labelling(writing, rules, after)
            done = Relabelled(
                looked_at=done.looked_at + len(drawn), changed=done.changed + changed, resumed=done.resumed
            )
            tell(done.looked_at, done.changed)

    def _rules(self, reading: Reading) -> str:
        return label_rules(self._gate.policy(reading).directory, self._gate.sensitivity(reading))

    def _has_other(self, reading: Reading, drawn: checks.Drawn) -> bool:
        item = drawn.item
        own = self._own(reading, item, self._context(reading, drawn))
        return own != items.labels_at(reading, item.place)[0] or (
            self._cues(reading, item) != labelling.suggested(reading, item.place)
        )

    def _label(self, writing: Writing, drawn: list[checks.Drawn]) -> int:
        """Label these and what is around them; for how many items that meant other labels."""
        told: list[feed.Change] = []
        for each in drawn:
            item = items.read_one(writing, LABELLING, each.item.place)  # it may have been written or deleted since
            if item is not None:
                context = self._context(writing, each)
                label_anew(writing, item, self._own(writing, item, context), context, self._codec, told)
                labelling.suggest(writing, context.organisation, item.place, self._cues(writing, item), self._now())
        changed = len({change.place for change in told})
        if changed:
            at = self._clock.now()
            feed.append(writing, told, body.microseconds(at))
            event = AuditEvent(
                at=at, action="write", outcome="done", who=f"duty:{_DUTY.name}", detail={"relabelled": changed}
            )
            self._audit.append(writing, [event])
        return changed

    def _own(self, reading: Reading, item: StoredItem, context: Context) -> int:
        """The labels that an item has of itself by now."""
        type_ = reading.words.text(reading, item.type)
        service = reading.words.text(reading, item.service) if item.service else None
        resource = as_sent(type_, item, self._codec)
        held, _ = items.labels_at(reading, item.place)
        said = corrections_of(reading, type_, item.id)
        return own_labels(resource, survey(resource), service, context, held=held, said=said)

    def _cues(self, reading: Reading, item: StoredItem) -> list[labelling.CueRow]:
        resource = as_sent(reading.words.text(reading, item.type), item, self._codec)
        return sorted(cues(survey(resource)))

    def _now(self) -> int:
        return body.microseconds(self._clock.now())

    def _context(self, reading: Reading, drawn: checks.Drawn) -> Context:
        organisation = OdsCode(reading.words.text(reading, drawn.organisation))
        return Context(
            keys=self._keys,
            organisation=organisation,
            directory=self._gate.policy(reading).directory,
            sensitivity=self._gate.sensitivity(reading),
        )
