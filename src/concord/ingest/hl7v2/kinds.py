"""The table: which message is read, how, and what it becomes. docs/reference/hl7-v2.md is checked against it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from concord.ingest.hl7v2 import attached
from concord.ingest.hl7v2.appointments import appointment
from concord.ingest.hl7v2.blocks import blocks
from concord.ingest.hl7v2.documents import documents, replaced
from concord.ingest.hl7v2.immunisations import immunisations
from concord.ingest.hl7v2.medicines import prescriptions
from concord.ingest.hl7v2.merges import linked, merged
from concord.ingest.hl7v2.message import Message, NotMapped
from concord.ingest.hl7v2.orders import requests
from concord.ingest.hl7v2.problems import problems
from concord.ingest.hl7v2.referrals import referral
from concord.ingest.hl7v2.results import rank, results
from concord.ingest.hl7v2.settling import Rank
from concord.ingest.hl7v2.telling import Telling
from concord.ingest.model import Feed

Resources = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One sort of message. `types` are those of MSH-9, `segments` those that are read.

    `visit`: whether it tells of a visit ("must" name one, "may"; "" says nothing of it). `registers`: whether what it
    says of the person is the source's own word, rather than an echo. `reads`: what else it becomes, given the source
    ids of Patient and visit. `replaces`: which other items it says to be replaced. `rank`: what counts of an
    item before when it was said (of results, which are final, and when they were issued).
    `alone`: what it says that is of no one patient (of two, of nobody), given how; then that is all that is read.
    """

    title: str
    types: tuple[str, ...]
    becomes: tuple[str, ...]
    segments: frozenset[str]
    visit: str = ""
    registers: bool = False
    reads: tuple[Callable[[Message, str, str | None, Feed], Resources], ...] = ()
    replaces: Callable[[Message, str, Feed], Resources] = lambda *_: []
    rank: Rank = lambda _: ()
    alone: Callable[[Message, Telling, Feed], Resources] | None = None


def _appointments(message: Message, patient: str, visit: str | None, feed: Feed) -> Resources:  # noqa: ARG001 - every reader of a kind of message takes the same
    return [appointment(message, patient, feed)]


def _referrals(message: Message, patient: str, visit: str | None, feed: Feed) -> Resources:
    return [referral(message, patient, visit, feed)]


def _medicines_or_requests(message: Message, patient: str, visit: str | None, feed: Feed) -> Resources:
    """ORM carries orders of every sort: those with RXO are prescriptions."""
    found = [*requests(message, patient, visit, feed), *prescriptions(message, patient, visit, feed)]
    if not found:
        raise NotMapped("ORC", "The message orders neither an investigation (OBR) nor a medicine (RXO).")
    return found


def _prescriptions(message: Message, patient: str, visit: str | None, feed: Feed) -> Resources:
    found = prescriptions(message, patient, visit, feed)
    if not found:
        raise NotMapped("RXE", "The message has neither an RXE nor an RXO segment; was it cut short?")
    return found


def _immunisations(message: Message, patient: str, visit: str | None, feed: Feed) -> Resources:
    if message.first("RXA") is None:
        raise NotMapped("RXA", "The message has no RXA segment; was it cut short?")
    return immunisations(message, patient, visit, feed)


def _events(type_: str, events: str) -> tuple[str, ...]:
    return tuple(f"{type_}^{event}" for event in events.split())


_HEAD = frozenset({"MSH", "PID", "PD1", "PV1"})
_ADT = _HEAD | {"EVN", "PV2", "OBX", "NTE"} | attached.SEGMENTS
_ADT_BECOMES = ("Patient", "AllergyIntolerance", "Condition", "Procedure", "RelatedPerson", "Observation")
_BESIDE = ("AllergyIntolerance", "Condition", "Procedure", "RelatedPerson")
_BOOKED = frozenset({"SCH", "TQ1", "AIS", "AIL", "AIP", "AIG", "NTE", "RGS"})
_ADT_READS = (attached.attached, attached.measured)

KINDS: tuple[Kind, ...] = (
    Kind(
        title="Visits: admitted, moved, discharged, registered, class changed, tracked, expected",
        types=_events("ADT", "A01 A02 A03 A04 A05 A06 A07 A09 A10 A14"),
        becomes=("Encounter", *_ADT_BECOMES),
        segments=_ADT,
        visit="must",
        registers=True,
        reads=_ADT_READS,
    ),
    Kind(
        title="Cancellations: of an admission, a move, a discharge, a tracked one, an expected admission",
        types=_events("ADT", "A11 A12 A13 A32 A33 A38"),
        becomes=("Encounter", *_ADT_BECOMES),
        segments=_ADT,
        visit="must",
        registers=True,
        reads=_ADT_READS,
    ),
    Kind(
        title="Updates of person and visit",
        types=_events("ADT", "A08"),
        becomes=("Encounter", *_ADT_BECOMES),
        segments=_ADT,
        visit="may",
        registers=True,
        reads=_ADT_READS,
    ),
    Kind(
        title="The person alone: added, updated",
        types=_events("ADT", "A28 A31"),
        becomes=_ADT_BECOMES,
        segments=_ADT,
        registers=True,
        reads=_ADT_READS,
    ),
    Kind(
        title="People merged, or given another number",
        types=_events("ADT", "A18 A30 A34 A35 A36 A39 A40 A46 A47"),
        becomes=("Patient",),
        segments=_HEAD | {"EVN", "MRG"},
        alone=merged,
    ),
    Kind(
        title="Visits given to another person",
        types=_events("ADT", "A45"),
        becomes=("Encounter", "Patient"),
        segments=_HEAD | {"EVN", "MRG"},
        visit="must",
    ),
    Kind(
        title="People linked, unlinked",
        types=_events("ADT", "A24 A37"),
        becomes=("Patient",),
        segments=_HEAD | {"EVN"},
        alone=linked,
    ),
    Kind(
        title="Results",
        types=("ORU^R01", "ORU^R30", *_events("OUL", "R21 R22 R23 R24")),
        becomes=("DiagnosticReport", "Observation"),
        segments=_HEAD | {"ORC", "OBR", "OBX", "NTE"},
        reads=(results,),
        rank=rank,
    ),
    Kind(
        title="Documents: original, status, addendum, edit, replacement, cancellation",
        types=_events("MDM", "T01 T02 T03 T04 T05 T06 T07 T08 T09 T10 T11"),
        becomes=("DocumentReference",),
        segments=_HEAD | {"EVN", "TXA", "OBX"},
        reads=(documents,),
        replaces=replaced,
    ),
    Kind(
        title="Appointments: made, changed, cancelled, deleted, not attended",
        types=_events("SIU", "S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S26"),
        becomes=("Appointment", *_BESIDE),
        segments=_HEAD | _BOOKED | attached.SEGMENTS,
        reads=(_appointments, attached.attached),
    ),
    Kind(
        title="Times of a service blocked, or open again: about nobody",
        types=_events("SIU", "S23 S24"),
        becomes=("Schedule", "Slot"),
        segments=frozenset({"MSH", *_BOOKED}),
        alone=blocks,
    ),
    Kind(
        title="Problems: added, updated, deleted",
        types=_events("PPR", "PC1 PC2 PC3"),
        becomes=("Condition",),
        segments=_HEAD | {"PRB", "NTE"},
        reads=(problems,),
    ),
    Kind(
        title="Referrals: made, changed, cancelled, asked after",
        types=_events("REF", "I12 I13 I14 I15"),
        becomes=("ServiceRequest", *_BESIDE),
        segments=_HEAD | {"RF1", "PRD", "NTE"} | attached.SEGMENTS,
        reads=(_referrals, attached.attached),
    ),
    Kind(
        title="Orders of investigations",
        types=("ORM^O01", *_events("OML", "O21 O33 O35"), "OMG^O19"),
        becomes=("ServiceRequest", "MedicationRequest", *_BESIDE),
        segments=_HEAD | {"ORC", "OBR", "RXO", "RXR", "TQ1", "NTE"} | attached.SEGMENTS,
        reads=(_medicines_or_requests, attached.attached),
    ),
    Kind(
        title="Prescriptions",
        types=_events("RDE", "O01 O11 O25"),
        becomes=("MedicationRequest", *_BESIDE),
        segments=_HEAD | {"ORC", "RXO", "RXE", "RXR", "TQ1", "NTE"} | attached.SEGMENTS,
        reads=(_prescriptions, attached.attached),
    ),
    Kind(
        title="Immunisations",
        types=("VXU^V04",),
        becomes=("Immunization", *_BESIDE),
        segments=_HEAD | {"ORC", "RXA", "RXR", "NTE"} | attached.SEGMENTS,
        reads=(_immunisations, attached.attached),
    ),
)
BY_TYPE = {type_: kind for kind in KINDS for type_ in kind.types}

# What messages without an event in MSH-9 (v2.1, v2.2) are, but for ADT and MDM, whose event stands in EVN-1.
WITHOUT_EVENT = {"ORU": "ORU^R01", "ORM": "ORM^O01", "RDE": "RDE^O01"}
