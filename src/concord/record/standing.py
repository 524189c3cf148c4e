"""Where something that a source sent stands now: for whoever traces a message or a row through the steps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from concord.base import ConcordError, Keys, OdsCode
from concord.fhir import parse, patient_references
from concord.governance import SourceSystem, permit_source
from concord.record.reading import Served
from concord.store import Store, body, items, people, registers
from concord.terminology import HEADINGS, Heading, Label, labels_of

State = Literal["held", "waiting", "absent"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """`state` "waiting": it waits for its Patient. Of what is held: its heading, labels, service and lifecycle, which
    version it is and since when; `patient`: the id of the Patient with whom it lies, "" for what is about nobody;
    `review`: why the link of its Patient waits for a human, "" when it does not."""

    type: str
    source_id: str
    id: str
    state: State
    heading: Heading | None = None
    labels: frozenset[Label] = frozenset()
    service: str = ""
    lifecycle: str = ""
    version: int = 0
    patient: str = ""
    stored_at: datetime | None = None
    review: str = ""


class Standings:
    """`read` is the audited read of an item by its source; nothing is told before its row is durable."""

    def __init__(self, store: Store, keys: Keys, read: Callable[[str, str, SourceSystem], Served]) -> None:
        self._store = store
        self._keys = keys
        self._read = read

    def of(self, organisation: OdsCode, type_: str, source_id: str) -> Standing:
        id_ = self._keys.logical_id(organisation, type_, source_id)
        own = SourceSystem(organisation=organisation)
        try:
            resource = parse(self._read(type_, id_, own).wire)
        except ConcordError:
            return self._not_held(type_, source_id, id_)
        with self._store.reading() as reading:
            place = items.locate(reading, type_, id_)
            item = items.read_one(reading, permit_source(own), place) if place else None
            if item is None:
                return self._not_held(type_, source_id, id_)
            why = {patient: why for _, patient, why in people.held_for_review(reading)} if type_ == "Patient" else {}
            return Standing(
                type=type_,
                source_id=source_id,
                id=id_,
                state="held",
                heading=HEADINGS[item.heading],
                labels=labels_of(item.labels),
                service=reading.words.text(reading, item.service) if item.service else "",
                lifecycle=items.LIFECYCLES[item.lifecycle],
                version=item.version,
                patient=next(iter(patient_references(resource)), "").removeprefix("Patient/"),
                stored_at=body.instant(item.stored_at),
                review=why.get(id_, ""),
            )

    def _not_held(self, type_: str, source_id: str, id_: str) -> Standing:
        with self._store.reading() as reading:
            waits = registers.waiting_services(reading, [f"{type_}/{id_}"])
        return Standing(type=type_, source_id=source_id, id=id_, state="waiting" if waits else "absent")
