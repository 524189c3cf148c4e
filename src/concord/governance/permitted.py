"""The only three makers of the right to read: a viewer's decision, a source system, a named duty."""

from concord.governance.decision import Decision
from concord.governance.model import Duty, SourceSystem
from concord.store import Opening, Permitted


def permit_viewer(decision: Decision) -> Permitted:
    """What the decision opens; nothing if it opens nothing."""
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
