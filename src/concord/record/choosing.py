"""What people choose about the sharing of their record, or who acts for them in their place: shown, made, taken back.

Facts of decisions: whatever asks next is decided by them, wherever it was opened. The row of the audit that says so is
of the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Never

from concord.audit import Audited, AuditEvent, AuditOutcome, AuditWriter
from concord.base import Clock, IdSource, NhsNumber, NotFound, OdsCode, PersonId, nhs_number
from concord.fhir import encode, parse
from concord.governance import (
    Choice,
    Decided,
    Directory,
    Gate,
    OwnChoice,
    Viewer,
    choice_of,
    offered_choices,
    own_choice,
)
from concord.record.asking import asked
from concord.record.finding import Finder
from concord.record.own import NOTHING, ActedFor, acted_for, own_person
from concord.store import Reading, Store, body, own_choices


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A choice in effect that an organisation has recorded: `by` its name, or its kind where that could locate."""

    choice: Choice
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnChoices:
    """What stands of the choices for a person, what is no more (the latest first), and what others have recorded.

    `directory`: the organisations that a choice can name, whoever of them knows the person. `offered`: the choices
    that can be made, a consent with those of them of which an agreement in force asks for it. `acting`: the person,
    where it is somebody who acts for them that chooses; then the choices are those that were made in the person's
    place.
    """

    standing: Sequence[OwnChoice]
    past: Sequence[OwnChoice]
    recorded: Sequence[Recorded]
    directory: Directory
    offered: Mapping[str, Sequence[OdsCode]]
    acting: ActedFor | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chooser:
    """Who chooses, about whom, held under which number. `acting`: as whom, in somebody's place; "" for themselves."""

    viewer: Viewer
    decided: Decided
    number: NhsNumber
    acting: str

    @property
    def signs(self) -> str:
        """What a choice says of who made it in the person's place."""
        return f"{self.viewer.name}, {self.acting}" if self.acting else ""

    def made(self, reading: Reading) -> list[OwnChoice]:
        """What they may know of and take back: the person, all; who acts for them, what was chosen in their place."""
        found = [_read(row) for row in own_choices.under(reading, self.number)]
        return [each for each in found if each.made_by] if self.acting else found

    def row(self, at: datetime, outcome: AuditOutcome, **detail: str) -> AuditEvent:
        told = detail | ({"acting": self.acting} if self.acting else {})
        return asked(at, self.viewer, "choose", outcome, person=self.decided.person, detail=told)


class Choosing:
    """For whoever's own record it is, opened by right of access, and about whomever they act for and may choose for
    (`about`); NotFound for anybody else, and in doubt."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, ids: IdSource, finder: Finder
    ) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._finder = finder

    def shown(self, viewer: Viewer, about: PersonId | None = None) -> Audited[OwnChoices]:
        now = self._clock.now()
        with self._store.reading() as reading:
            chooser = self._chooser(reading, viewer, about)
            if chooser is None:
                return self._nothing(viewer)
            policy, made = self._gate.policy(reading), chooser.made(reading)
            answer = OwnChoices(
                standing=[each for each in made if each.ended_at is None],
                past=[each for each in made if each.ended_at is not None],
                recorded=self._recorded(reading, chooser.decided, policy.directory),
                directory=policy.directory,
                offered=offered_choices(policy, now, in_place=bool(chooser.acting)),
                acting=acted_for(self._finder, reading, chooser.decided, viewer) if chooser.acting else None,
            )
        return self._audit.record(answer, [chooser.row(now, "shown")])

    def propose(
        self, viewer: Viewer, kind: str, organisation: str, *, silent: bool, about: PersonId | None = None
    ) -> Audited[OwnChoice]:
        """A choice as it would be made. Raises Incorrect for a choice that there is not."""
        with self._store.reading() as reading:
            chooser = self._chooser(reading, viewer, about)
            if chooser is None:
                return self._nothing(viewer)
            proposed = self._choice(reading, chooser, kind, organisation, silent)
        return self._audit.record(proposed, [chooser.row(self._clock.now(), "shown")])

    def make(
        self, viewer: Viewer, kind: str, organisation: str, *, silent: bool, about: PersonId | None = None
    ) -> Audited[OwnChoice]:
        """One more choice, or the same that stands already. Raises Incorrect for a choice that there is not."""
        with self._store.writing() as writing:
            chooser = self._chooser(writing, viewer, about)
            if chooser is None:
                return self._nothing(viewer)
            made = self._choice(writing, chooser, kind, organisation, silent)
            standing = (each for each in chooser.made(writing) if each.ended_at is None)
            same = next((each for each in standing if _alike(each, made)), None)
            if same is None:
                own_choices.add(writing, _row(made, chooser))
                done = chooser.row(self._clock.now(), "done", choice=made.typed, reference=made.reference)
                self._audit.append(writing, [done])
        return self._audit.record(same or made, [])

    def take_back(self, viewer: Viewer, reference: str, about: PersonId | None = None) -> Audited[None]:
        """End a choice; nothing happens to one that has ended, or that is not theirs to take back."""
        now = self._clock.now()
        with self._store.writing() as writing:
            chooser = self._chooser(writing, viewer, about)
            if chooser is None:
                return self._nothing(viewer)
            theirs = any(each.reference == reference for each in chooser.made(writing))
            at = body.microseconds(now)
            if theirs and own_choices.end(writing, chooser.number, reference, at=at, by=viewer.author):
                self._audit.append(writing, [chooser.row(now, "done", taken_back=reference)])
        return self._audit.record(None, [])

    def _choice(self, reading: Reading, chooser: _Chooser, kind: str, organisation: str, silent: bool) -> OwnChoice:
        return own_choice(
            kind, organisation, silent=silent, number=chooser.number, reference=self._ids.fresh(),
            at=self._clock.now(), policy=self._gate.policy(reading), by=chooser.signs,
        )  # fmt: skip

    def _recorded(self, reading: Reading, decided: Decided, directory: Directory) -> list[Recorded]:
        """Nothing to whoever acts for somebody: it may tell where they are cared for."""
        found = []
        for choice in self._gate.recorded_choices(reading, decided):
            known = None if choice.contributor is None else directory.organisations.get(choice.contributor)
            if known is not None:
                found.append(Recorded(choice=choice, by=known.name if decided.locates else known.short))
        return found

    def _nothing(self, viewer: Viewer) -> Audited[Never]:
        return self._audit.refuse(NotFound(NOTHING), [asked(self._clock.now(), viewer, "choose", "nothing")])

    def _chooser(self, reading: Reading, viewer: Viewer, about: PersonId | None) -> _Chooser | None:
        person = own_person(reading, viewer) if about is None else about
        decided = None if person is None else self._gate.decide(reading, viewer, person)
        if decided is None or not decided.may_choose or bool(decided.acting) != (about is not None):
            return None
        numbers = [nhs_number(each) for each in decided.facts.nhs_numbers]
        number = numbers[0] if len(numbers) == 1 else None
        if number is None:
            return None
        return _Chooser(viewer=viewer, decided=decided, number=number, acting=decided.acting)


def _alike(one: OwnChoice, other: OwnChoice) -> bool:
    return (one.typed, one.organisation, one.choice.silent) == (other.typed, other.organisation, other.choice.silent)


def _row(made: OwnChoice, chooser: _Chooser) -> own_choices.OwnChoiceRow:
    return own_choices.OwnChoiceRow(
        nhs_number=chooser.number,
        reference=made.reference,
        kind=made.choice.kind,
        given=made.choice.given,
        contributor=made.choice.contributor,
        organisation=made.choice.organisation,
        silent=made.choice.silent,
        starts_at=body.microseconds(made.made_at),
        ends_at=None,
        author=chooser.viewer.author,
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
