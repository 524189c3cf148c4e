"""A record that remembers of each type what came first: for showing what a sample becomes."""

from collections.abc import Sequence

from concord.base import OdsCode
from concord.fhir import encode
from concord.governance import SourceSystem
from concord.ingest.model import Assurance, Earlier, RecordsDoor, Snapshots, ToKeep
from concord.record import Change, Original, Outcome, Submission


class Rehearsal:
    """Passes everything on. `first`: resource type -> the first resource of it, as it was sent on (JSON)."""

    def __init__(self, records: RecordsDoor) -> None:
        self._records = records
        self.first: dict[str, bytes] = {}

    def write(
        self,
        changes: Sequence[Change],
        *,
        by: SourceSystem,
        atomic: bool,
        assurance: Assurance,
        sent: Sequence[Original] = (),
    ) -> Sequence[Outcome]:
        for change in changes:
            if isinstance(change, Submission):
                type_ = str(change.resource.get("resourceType", ""))
                if type_ not in self.first:
                    self.first[type_] = encode(change.resource)
        return self._records.write(changes, by=by, atomic=atomic, assurance=assurance, sent=sent)

    def earlier(self, organisation: OdsCode) -> Earlier:
        return self._records.earlier(organisation)

    def snapshots(self, organisation: OdsCode) -> Snapshots:
        return self._records.snapshots(organisation)

    def quarantine(self, kept: Sequence[ToKeep], *, by: SourceSystem) -> None:
        self._records.quarantine(kept, by=by)
