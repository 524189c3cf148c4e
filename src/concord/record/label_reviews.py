"""Reviewing labels: what an organisation's items are labelled and why, words that suggest more, and corrections.

Who reviews sees what their own organisation contributed, as far as no seal and no bar is on it; every look is audited
as a look at the person's record. What is said of a label is kept with its reason, takes effect on the next request, and
stays when the source sends the item again (docs/adr/0027-a-label-is-corrected-on-its-grounds.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, Incorrect, Keys, NhsNumber, NotFound, OdsCode, PersonId
from concord.fhir import Resource, survey
from concord.governance import Duty, Gate, Viewer, may_review_labels, permit_duty
from concord.governance.labels import Correction, Ground, Says, beyond_review, correctable, refuse_correction
from concord.record.asking import asked
from concord.record.corrections import corrections_of
from concord.record.cues import excerpts
from concord.record.dates import when
from concord.record.finding import spaced
from concord.record.flow import label_anew, neighbours
from concord.record.label_counts import label_counts
from concord.record.labels_shown import (
    CorrectedItem,
    ItemInReview,
    ItemLine,
    LabelOverview,
    LabelTold,
    SaidOfLabel,
    WhoseItem,
)
from concord.record.prepare import Context, grounds, mentioned, own_labels
from concord.record.summary.words import concept, concepts, string
from concord.record.wire import as_sent
from concord.store import Permitted, Reading, Store, Writing, body, feed, items, labelling, people
from concord.store.items import Place, StoredItem
from concord.terminology import HEADINGS, Label, labels_of

REVIEWING = permit_duty(Duty(name="labelling"))
MOST_WAITING, MOST_LISTED = 100, 500
SHORTEST_WHY, LONGEST_WHY = 5, 500
_NOTHING = "There is nothing of this kind for you to review."
_TITLES = ("code", "medicationCodeableConcept", "vaccineCode", "type", "serviceType", "category")


class LabelReviews:
    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._codec = body.Codec()

    def overview(self, viewer: Viewer, label: Label | None = None) -> Audited[LabelOverview]:
        """How the labels of the viewer's organisation stand, in numbers, and what was corrected lately, of one `label`
        or of all, the newest first, at most MOST_WAITING. NotFound for who does not review."""
        with self._store.reading() as reading:
            if not self._reviews(reading, viewer):
                return self._nothing(viewer)
            of = labelling.Reviewed(
                organisation=viewer.organisation,
                hidden=beyond_review() | self._gate.policy(reading).barred,
                own=viewer.nhs_number or "",
            )
            rows = labelling.corrected(reading, REVIEWING, of, label=label or "", most=MOST_WAITING)
            found = [
                CorrectedItem(
                    line=line, label=Label(row.label), says=Says(row.says), why=row.why, by=row.author,
                    at=body.instant(row.said_at),
                )
                for row in rows
                for line in self._lines(reading, viewer, [row.place])
            ]  # fmt: skip
            shown = LabelOverview(counts=label_counts(reading, REVIEWING, of), corrected=found)
        return self._told(viewer, shown, [each.line for each in found])

    def waiting(
        self, viewer: Viewer, label: Label | None = None, *, newest: bool = False
    ) -> Audited[Sequence[ItemLine]]:
        """The items of the viewer's organisation, and of those in whose place it stands, whose free text suggests a
        label (`label` alone) that they do not carry, the longest waiting or the `newest` first, at most MOST_WAITING.
        NotFound for who does not review."""
        with self._store.reading() as reading:
            if not self._reviews(reading, viewer):
                return self._nothing(viewer)
            hidden = beyond_review() | self._gate.policy(reading).barred
            rows = [
                row
                for organisation in self._seats(reading, viewer)
                for row in labelling.waiting(
                    reading, REVIEWING, organisation, most=MOST_WAITING, hidden=hidden,
                    label=label.mask if label else 0, newest=newest,
                )
            ]  # fmt: skip
            rows.sort(key=lambda row: row.found_at, reverse=newest)
            lines = [line for row in rows[:MOST_WAITING] for line in self._lines(reading, viewer, [row.place])]
        return self._told(viewer, lines, lines)

    def under_number(self, number: NhsNumber, viewer: Viewer) -> Audited[Sequence[ItemLine]]:
        """The viewer's organisation's current items of whoever has an NHS number there, those with labels first; at
        most MOST_LISTED."""
        with self._store.reading() as reading:
            if not self._reviews(reading, viewer):
                return self._nothing(viewer)
            seats = self._seats(reading, viewer)
            found = people.with_nhs_number(reading, REVIEWING, number)
            mine = [source for source in found if source.organisation in seats]
            lines = [line for source in mine for line in self._of_source(reading, viewer, source)]
        lines.sort(key=lambda line: (not line.labels, line.heading, line.title))
        return self._told(viewer, lines[:MOST_LISTED], lines)

    def item(self, type_: str, id_: str, viewer: Viewer) -> Audited[ItemInReview]:
        """One item with its labels, and why. NotFound for what is not the viewer's to review."""
        with self._store.reading() as reading:
            found = self._mine(reading, type_, id_, viewer)
            if found is None:
                return self._nothing(viewer)
            shown = self._in_review(reading, *found)
        return self._told(viewer, shown, [shown.line])

    def say(
        self, type_: str, id_: str, viewer: Viewer, *, label: str, says: str, mistake: bool, why: str
    ) -> Audited[None]:
        """Say of an item that it carries a label, lacks it, or is to be labelled by the tables again. NotFound for what
        is not the viewer's to review; Incorrect without a reason, and for what cannot be said of it."""
        why = " ".join(why.split())
        if not SHORTEST_WHY <= len(why) <= LONGEST_WHY:
            raise Incorrect(f"Say why, in {SHORTEST_WHY} to {LONGEST_WHY} letters.")
        if label not in set(Label) or says not in set(Says):
            raise Incorrect("Choose a label, and whether the item carries it.")
        at = body.microseconds(self._clock.now())
        with self._store.writing() as writing:
            found = self._mine(writing, type_, id_, viewer)
            if found is None:
                return self._nothing(viewer)
            item = found[0]
            context, resource = self._context(writing, item), as_sent(type_, item, self._codec)
            given = self._grounds(writing, item, resource, context)
            of_it = frozenset(each.key for each in given if each.labels & Label(label).mask)
            correction = Correction(label=Label(label), says=Says(says), mistake=mistake, grounds=of_it)
            refuse_correction(correction, given)
            row = labelling.SaidRow(label, says, int(mistake), "\n".join(sorted(of_it)), why, viewer.name, at)
            labelling.say(writing, type_, id_, row)
            labelling.reviewed(writing, item.place, Label(label).mask, at)
            told: list[feed.Change] = []
            own = own_labels(
                resource, survey(resource), self._service(writing, item), context,
                held=items.labels_at(writing, item.place)[0], said=corrections_of(writing, type_, id_),
            )  # fmt: skip
            label_anew(writing, item, own, context, self._codec, told)
            feed.append(writing, told, at)
            self._audit.append(writing, [self._done(writing, viewer, item, {"says": says})])
        return self._audit.record(None, [])

    def nothing_sensitive(self, type_: str, id_: str, viewer: Viewer) -> Audited[None]:
        """Say that the words found in an item mean nothing that a label is for: it waits no longer. NotFound for what
        is not the viewer's to review."""
        with self._store.writing() as writing:
            found = self._mine(writing, type_, id_, viewer)
            if found is None:
                return self._nothing(viewer)
            at = body.microseconds(self._clock.now())
            labelling.reviewed(writing, found[0].place, labelling.unreviewed(writing, found[0].place), at)
            self._audit.append(writing, [self._done(writing, viewer, found[0], {"says": "nothing sensitive"})])
        return self._audit.record(None, [])

    # -- what is the viewer's to review --------------------------------------------------------------------------------

    def _reviews(self, reading: Reading, viewer: Viewer) -> bool:
        return may_review_labels(viewer, self._gate.policy(reading))

    def _seats(self, reading: Reading, viewer: Viewer) -> tuple[OdsCode, ...]:
        return self._gate.policy(reading).directory.seats(viewer.organisation, self._clock.now())

    def _mine(self, reading: Reading, type_: str, id_: str, viewer: Viewer) -> tuple[StoredItem, Permitted] | None:
        place = items.locate(reading, type_, id_)
        return None if place is None else self._at(reading, viewer, place)

    def _at(self, reading: Reading, viewer: Viewer, place: Place) -> tuple[StoredItem, Permitted] | None:
        """The current item at a place, and what the viewer may review of its person."""
        person = people.person_of(reading, place.source)
        permitted = None if person is None else self._gate.permit_label_review(reading, viewer, person)
        item = None if permitted is None else items.read_one(reading, permitted, place)
        return None if item is None or permitted is None or item.lifecycle else (item, permitted)

    def _of_source(self, reading: Reading, viewer: Viewer, source: people.TracedSource) -> list[ItemLine]:
        permitted = None
        if source.person is not None:
            permitted = self._gate.permit_label_review(reading, viewer, source.person)
        if permitted is None:
            return []
        whose = self._whose(reading, (source.home, source.number))
        return [
            self._line(reading, item, whose)
            for item in items.read(reading, permitted, current_only=True)
            if item.source == (source.home, source.number)
        ]

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _lines(self, reading: Reading, viewer: Viewer, places: Iterable[Place]) -> list[ItemLine]:
        found = (self._at(reading, viewer, place) for place in places)
        return [self._line(reading, each[0], self._whose(reading, each[0].source)) for each in found if each]

    def _line(self, reading: Reading, item: StoredItem, whose: WhoseItem) -> ItemLine:
        type_ = reading.words.text(reading, item.type)
        resource = as_sent(type_, item, self._codec)
        on = when(body.instant(item.starts_at).date().isoformat()) if item.starts_at is not None else None
        return ItemLine(
            type=type_,
            id=item.id,
            whose=whose,
            title=_title(resource),
            heading=next((str(each) for each in HEADINGS if each.bit == item.heading), ""),
            on=on.text if on else "",
            labels=labels_of(item.labels),
            suggests=labels_of(labelling.unreviewed(reading, item.place) & ~item.labels),
        )

    def _whose(self, reading: Reading, source: people.Source) -> WhoseItem:
        known = people.described(reading, REVIEWING, source)
        assert known is not None
        assert known.person is not None
        born = when(known.demographics.born_on)
        return WhoseItem(
            person=known.person,
            name=known.demographics.shown_name or "Name not known",
            born=born.text if born else "not known",
            nhs_number=spaced(known.demographics.nhs_number or ""),
        )

    def _in_review(self, reading: Reading, item: StoredItem, permitted: Permitted) -> ItemInReview:
        line = self._line(reading, item, self._whose(reading, item.source))
        resource, context = as_sent(line.type, item, self._codec), self._context(reading, item)
        given = self._grounds(reading, item, resource, context)
        said = [_said(row) for row in labelling.said(reading, line.type, line.id)]
        last = {each.label: each.says for each in said}
        around = self._around(reading, item, resource, context, permitted)
        own = items.labels_at(reading, item.place)[0]
        return ItemInReview(
            line=line,
            service=context.directory.service_name(context.organisation, self._service(reading, item)),
            labels=[
                self._told_of(label, own, given, around, added=last.get(label) is Says.CARRIES)
                for label in sorted(line.labels, key=lambda label: label.bit)
            ],
            lacks=[label for label, says in last.items() if says is Says.LACKS and not own & label.mask],
            may_add=[label for label in correctable() if not own & label.mask and label is not Label.UNKNOWN],
            cues=[each for each in excerpts(survey(resource)) if each.label in line.suggests],
            said=said,
        )

    def _told_of(
        self, label: Label, own: int, given: Sequence[Ground], around: Sequence[tuple[int, ItemLine]], *, added: bool
    ) -> LabelTold:
        mine = [each for each in given if each.labels & label.mask] if own & label.mask else []
        return LabelTold(
            label=label,
            grounds=mine,
            flows_from=[line for labels, line in around if labels & label.mask],
            added=added,
            by_mark=any(each.kind == "tag" for each in mine),
        )

    def _around(
        self, reading: Reading, item: StoredItem, resource: Resource, context: Context, permitted: Permitted
    ) -> list[tuple[int, ItemLine]]:
        """The own labels of each item that labels flow from, and the item."""
        name = context.refers_to(f"{resource['resourceType']}/{item.id}")
        found = []
        for place in sorted(neighbours(reading, item.place, mentioned(survey(resource)), name)):
            near = items.read_one(reading, permitted, place)
            if near is not None:
                line = self._line(reading, near, self._whose(reading, near.source))
                found.append((items.labels_at(reading, place)[0], line))
        return found

    # ------------------------------------------------------------------------------------------------------------------

    def _context(self, reading: Reading, item: StoredItem) -> Context:
        """Of whoever contributed the item."""
        return Context(
            keys=self._keys,
            organisation=self._gate.organisation_of(reading, item.source),
            directory=self._gate.policy(reading).directory,
            sensitivity=self._gate.sensitivity(reading),
        )

    def _grounds(self, reading: Reading, item: StoredItem, resource: Resource, context: Context) -> list[Ground]:
        held = items.labels_at(reading, item.place)[0]
        return list(grounds(resource, survey(resource), self._service(reading, item), context, held=held))

    def _service(self, reading: Reading, item: StoredItem) -> str | None:
        return reading.words.text(reading, item.service) if item.service else None

    def _done(self, writing: Writing, viewer: Viewer, item: StoredItem, detail: Mapping[str, Any]) -> AuditEvent:
        person = people.person_of(writing, item.source)
        detail = {"item": item.item, "version": item.version, **detail}
        return asked(self._clock.now(), viewer, "label", "done", person=person, detail=detail)

    def _told(self, viewer: Viewer, shown: Any, lines: Sequence[ItemLine]) -> Audited[Any]:
        """A row for each person of whom something is shown, or one in all."""
        counts: dict[PersonId, int] = {}
        for line in lines:
            counts[line.whose.person] = counts.get(line.whose.person, 0) + 1
        now = self._clock.now()
        events = [
            asked(now, viewer, "label", "shown", person=person, detail={"count": count})
            for person, count in counts.items()
        ]
        return self._audit.record(shown, events or [asked(now, viewer, "label", "shown", detail={"count": 0})])

    def _nothing(self, viewer: Viewer) -> Audited[Any]:
        return self._audit.refuse(NotFound(_NOTHING), [asked(self._clock.now(), viewer, "label", "nothing")])


def _title(resource: Resource) -> str:
    """What the item says of itself in a few words."""
    if resource["resourceType"] == "Patient":
        return "Personal details"
    if words := string(resource, "title") or string(resource, "description"):
        return words
    found = (concepts(resource, name) or concept(resource.get(name)) for name in _TITLES)
    words = next((words for words in found if words), str(resource["resourceType"]))
    return words if " " in words else words.replace("-", " ")  # a code that nobody put into words


def _said(row: labelling.SaidRow) -> SaidOfLabel:
    return SaidOfLabel(
        label=Label(row.label), says=Says(row.says), mistake=bool(row.mistake), why=row.why, by=row.author,
        at=body.instant(row.said_at),
    )  # fmt: skip
