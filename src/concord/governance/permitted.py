"""The only three makers of the right to read: a viewer's decision, a source system, a named duty."""

from datetime import timedelta

from concord.governance.agreement import When
from concord.governance.decision import Decision
from concord.governance.label_review import LabelReview
from concord.governance.lists import ListDecision
from concord.governance.model import Duty, RelationshipKind, SourcePatient, SourceSystem
from concord.governance.seats import Asked
from concord.store import Opening, Permitted, across, body
from concord.terminology import Heading

_STAYS = (RelationshipKind.ATTENDING.value, RelationshipKind.INPATIENT.value)
_MICROSECOND = timedelta(microseconds=1)


def permit_viewer(decision: Decision | ListDecision | LabelReview) -> Permitted:
    """What the decision opens, of one person or of a list, or to a review of labels; nothing if it opens nothing."""
    if isinstance(decision, LabelReview):
        return Permitted(openings=tuple(_reviewed(source, decision.labels) for source in decision.sources))
    if isinstance(decision, ListDecision):
        return Permitted(listed=_listed(decision))
    return Permitted(
        openings=tuple(
            Opening(
                home=cell.home,
                source_patient=cell.source_patient,
                service=cell.service,
                headings=cell.headings,
                labels=cell.labels,
            )
            for cell in decision.openings
        )
    )


def permit_source(system: SourceSystem, source_patient: tuple[int, int] | None = None) -> Permitted:
    """What the system's organisation contributed; of one source patient (home, number) if one is named."""
    return Permitted(contributor=system.organisation, source_patient=source_patient)


def permit_duty(duty: Duty) -> Permitted:
    """Whatever the duty needs; it is audited under its name."""
    return Permitted(duty=duty.name)


def _reviewed(source: SourcePatient, labels: int) -> Opening:
    every = sum(1 << heading.bit for heading in Heading)
    return Opening(home=source.home, source_patient=source.number, service=None, headings=every, labels=labels)


def _listed(decision: ListDecision) -> across.Listed:
    viewer = decision.viewer
    return across.Listed(
        organisations=decision.seats,
        service=viewer.service,
        teams=tuple(sorted(viewer.teams)),
        staff_id=viewer.staff_id,
        nhs_number=viewer.nhs_number,
        tested=decision.tested,
        now=body.microseconds(decision.now),
        shares=tuple(
            across.Share(
                held=tuple(_held(condition) for condition in part.conditions),
                organisation=part.contributor,
                service=part.service,
                headings=part.headings,
                labels=part.labels,
            )
            for part in decision.parts
        ),
    )


def _held(asked: Asked) -> across.Held:
    """What `relationships.interval` says of one relationship, for the database to ask of many."""
    condition, of = asked.condition, asked.held_with
    if condition.span is None:
        return across.Held(kinds=(condition.word.value,), organisations=of)
    span = condition.span // _MICROSECOND
    if condition.word is When.DISCHARGED_WITHIN:
        return across.Held(kinds=_STAYS, when="ended", span=span, organisations=of)
    if condition.word is When.SELF_CLAIMED:
        return across.Held(kinds=(RelationshipKind.SELF_CLAIMED.value,), when="claimed", span=span, organisations=of)
    return across.Held(kinds=(RelationshipKind.APPOINTMENT.value,), when="near", span=span, organisations=of)
