"""What people choose about the sharing of their own record: shown to them, made, taken back.

Facts of decisions: whatever asks next is decided by them, wherever it was opened. The row of the audit that says so is
of the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord.audit import Audited, AuditWriter
from concord.base import Clock, IdSource, NhsNumber, NotFound
from concord.fhir import encode, parse
from concord.governance import Choice, Decided, Directory, Gate, OwnChoice, Viewer, choice_of, own_refusal
from concord.record.asking import asked
from concord.record.own import NOTHING, own_number, own_person
from concord.store import Reading, Store, body, own_choices


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A choice in effect that an organisation has recorded: `by` its name, or its kind where that could locate."""

    choice: Choice
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnChoices:
    """What stands of a person's own choices, what is no more (the latest first), and what others have recorded.

    `directory`: the organisations that a choice can name, whoever of them knows the person.
    """

    standing: Sequence[OwnChoice]
    past: Sequence[OwnChoice]
    recorded: Sequence[Recorded]
    directory: Directory


class Choosing:
    """For whoever's own record it is, opened by right of access; NotFound for anybody else, and in doubt."""

    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, ids: IdSource) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._ids = ids

    def shown(self, viewer: Viewer) -> Audited[OwnChoices]:
        now = self._clock.now()
        with self._store.reading() as reading:
            own = self._own(reading, viewer)
            if own is None:
                return self._audit.refuse(NotFound(NOTHING), [asked(now, viewer, "choose", "nothing")])
            number, decided = own
            directory = self._gate.policy(reading).directory
            made = [_read(row) for row in own_choices.under(reading, number)]
            recorded = []
            for choice in self._gate.recorded_choices(reading, decided):
                known = None if choice.contributor is None else directory.organisations.get(choice.contributor)
                if known is not None:
                    recorded.append(Recorded(choice=choice, by=known.name if decided.locates else known.short))
        answer = OwnChoices(
            standing=[each for each in made if each.ended_at is None],
            past=[each for each in made if each.ended_at is not None],
            recorded=recorded,
            directory=directory,
        )
        return self._audit.record(answer, [asked(now, viewer, "choose", "shown", person=decided.person)])

    def propose(self, viewer: Viewer, kind: str, organisation: str, *, silent: bool) -> Audited[OwnChoice]:
        """A choice as it would be made. Raises Incorrect for a choice that there is not."""
        now = self._clock.now()
        with self._store.reading() as reading:
            own = self._own(reading, viewer)
            if own is None:
                return self._audit.refuse(NotFound(NOTHING), [asked(now, viewer, "choose", "nothing")])
            proposed = self._refusal(reading, own[0], kind, organisation, silent)
        return self._audit.record(proposed, [asked(now, viewer, "choose", "shown", person=own[1].person)])

    def make(self, viewer: Viewer, kind: str, organisation: str, *, silent: bool) -> Audited[OwnChoice]:
        """One more choice, or the same that stands already. Raises Incorrect for a choice that there is not."""
        now = self._clock.now()
        with self._store.writing() as writing:
            own = self._own(writing, viewer)
            if own is None:
                return self._audit.refuse(NotFound(NOTHING), [asked(now, viewer, "choose", "nothing")])
            number, decided = own
            made = self._refusal(writing, number, kind, organisation, silent)
            standing = [_read(row) for row in own_choices.under(writing, number) if row.ends_at is None]
            same = next((each for each in standing if _alike(each, made)), None)
            if same is None:
                own_choices.add(writing, _row(made, number, viewer))
                detail = {"choice": made.choice.kind.value, "reference": made.reference}
                event = asked(now, viewer, "choose", "done", person=decided.person, detail=detail)
                self._audit.append(writing, [event])
        return self._audit.record(same or made, [])

    def take_back(self, viewer: Viewer, reference: str) -> Audited[None]:
        """End one of the person's own choices; nothing happens to one that has ended. NotFound for nobody's."""
        now = self._clock.now()
        with self._store.writing() as writing:
            own = self._own(writing, viewer)
            if own is None:
                return self._audit.refuse(NotFound(NOTHING), [asked(now, viewer, "choose", "nothing")])
            number, decided = own
            at = body.microseconds(now)
            if own_choices.end(writing, number, reference, at=at, by=viewer.author):
                detail = {"taken_back": reference}
                event = asked(now, viewer, "choose", "done", person=decided.person, detail=detail)
                self._audit.append(writing, [event])
        return self._audit.record(None, [])

    def _refusal(self, reading: Reading, number: NhsNumber, kind: str, organisation: str, silent: bool) -> OwnChoice:
        return own_refusal(
            kind, organisation, silent=silent, number=number, reference=self._ids.fresh(), at=self._clock.now(),
            directory=self._gate.policy(reading).directory,
        )  # fmt: skip

    def _own(self, reading: Reading, viewer: Viewer) -> tuple[NhsNumber, Decided] | None:
        person = own_person(reading, viewer)
        decided = None if person is None else self._gate.decide(reading, viewer, person)
        number = own_number(viewer)
        return None if decided is None or number is None or not decided.may_choose else (number, decided)


def _alike(one: OwnChoice, other: OwnChoice) -> bool:
    return (one.choice.kind, one.organisation, one.choice.silent) == (
        other.choice.kind, other.organisation, other.choice.silent,
    )  # fmt: skip


def _row(made: OwnChoice, number: NhsNumber, viewer: Viewer) -> own_choices.OwnChoiceRow:
    return own_choices.OwnChoiceRow(
        nhs_number=number,
        reference=made.reference,
        kind=made.choice.kind,
        given=made.choice.given,
        contributor=made.choice.contributor,
        organisation=made.choice.organisation,
        silent=made.choice.silent,
        starts_at=body.microseconds(made.made_at),
        ends_at=None,
        author=viewer.author,
        ended_by=None,
        body=encode(made.consent),
    )


def _ended(consent: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
    provision = consent["provision"]
    period = {**provision["period"], "end": at.isoformat(timespec="microseconds").replace("+00:00", "Z")}
    return {**consent, "status": "inactive", "provision": {**provision, "period": period}}


def _read(row: own_choices.OwnChoiceRow) -> OwnChoice:
    """A choice as its Consent says it; what was taken back is inactive."""
    consent = parse(row.body)
    choice = choice_of(consent, None)
    assert choice is not None  # it was written as an active one
    ended_at = None if row.ends_at is None else body.instant(row.ends_at)
    return OwnChoice(
        reference=row.reference,
        choice=choice,
        made_at=body.instant(row.starts_at),
        ended_at=ended_at,
        consent=consent if ended_at is None else _ended(consent, ended_at),
    )
