"""A record in memory, with the manners of the real one that a load has to live with."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from concord.base import OdsCode
from concord.fhir import apply_patch, check, encode, parse, references, service_of
from concord.governance import SourceSystem
from concord.ingest import Assurance, LoadReport, ToKeep, load
from concord.ingest.model import Feed
from concord.record import Change, Deletion, Original, Outcome, Patch, Submission

TRUST = OdsCode("ZZA")


class FakeRecords:
    """Keeps by type and source id, checks R4, lets items wait for their Patient, and rewrites references in place."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], bytes] = {}
        self.waiting: dict[str, list[tuple[str, str, bytes]]] = {}
        self.kept: list[ToKeep] = []
        self.writes: list[tuple[int, bool]] = []
        self.submitted: list[Submission] = []
        self.sent: list[Original] = []
        self.extracts = FakeSnapshots()

    # -- the door ------------------------------------------------------------------------------------------------------

    def write(
        self,
        changes: Sequence[Change],
        *,
        by: SourceSystem,
        atomic: bool,
        assurance: Assurance,
        sent: Sequence[Original] = (),
    ) -> list[Outcome]:
        self.sent += sent
        assert by.organisation == TRUST
        if withdrawn := [self._withdrawn(change) for change in changes if not isinstance(change, Submission)]:
            assert len(withdrawn) == len(changes)
            return withdrawn
        submissions = [change for change in changes if isinstance(change, Submission)]
        self.writes.append((len(submissions), atomic))
        self.submitted += submissions
        before = dict(self.held), {patient: list(items) for patient, items in self.waiting.items()}
        admitted: list[Outcome] = []
        outcomes = [self._one(submission, submissions, admitted) for submission in submissions]
        guilty = [outcome for outcome in outcomes if outcome.status == "rejected"]
        if atomic and guilty:
            self.held, self.waiting = before
            retry = all(outcome.retry for outcome in guilty)
            rest = f"Nothing was stored, because of {guilty[0].position}."
            return [
                outcome
                if outcome in guilty
                else Outcome(status="rejected", position=outcome.position, type=outcome.type, reason=rest, retry=retry)
                for outcome in outcomes
            ]
        return outcomes + admitted

    def earlier(self, organisation: OdsCode) -> "FakeRecords":
        return self

    def resource(self, type_: str, source_id: str) -> dict[str, Any] | None:
        body = self.held.get((type_, source_id))
        if body is None:
            return None
        # Under its own id and with rewritten references, as the record has it.
        resource = parse(body) | {
            "id": f"logical-{source_id}",
            "meta": {"versionId": "1"} | parse(body).get("meta", {}),
        }
        for reference in references(resource):
            if "reference" in reference:
                reference["reference"] = reference["reference"].replace("/", "/logical-")
        return resource

    def quarantine(self, kept: Sequence[ToKeep], *, by: SourceSystem) -> None:
        self.kept += kept

    def snapshots(self, organisation: OdsCode) -> "FakeSnapshots":
        return self.extracts

    def told_of_visit(self, visit: str, besides: Collection[tuple[str, str]]) -> list[tuple[str, dict[str, Any]]]:
        name = f"Encounter/{visit}"
        found = [key for key, body in self.held.items() if key not in besides and service_of(parse(body)) == name]
        return [(id_, resource) for type_, id_ in found if (resource := self.resource(type_, id_)) is not None]

    # -- inside --------------------------------------------------------------------------------------------------------

    def _withdrawn(self, change: Deletion | Patch) -> Outcome:
        key = (change.type, change.source_id or "")

        def outcome(status: Any, **more: Any) -> Outcome:
            return Outcome(status=status, position=change.position, type=change.type, id=change.source_id, **more)

        if isinstance(change, Deletion):
            self.held.pop(key, None)
            return outcome("deleted")
        if key not in self.held:
            return outcome("rejected", reason="There is none.", problem="absent")
        before = self.held[key]
        self.held[key] = encode(apply_patch(parse(before), change.operations))
        return outcome("unchanged" if self.held[key] == before else "updated")

    def _one(self, submission: Submission, together: Sequence[Submission], admitted: list[Outcome]) -> Outcome:
        resource, id_ = submission.resource, submission.source_id or "fresh"
        type_ = resource["resourceType"]

        def outcome(status: Any, **more: Any) -> Outcome:
            return Outcome(status=status, position=submission.position, type=type_, id=id_, **more)

        if breaches := check(resource):
            return outcome("rejected", reason=f"{breaches[0].path}: {breaches[0].message}")
        for reference in references(resource):  # one that was read here and comes back means what it meant
            if "reference" in reference:
                reference["reference"] = reference["reference"].replace("/logical-", "/")
        body = encode(resource)
        patient, unresolved, problem = self._resolve(resource, together)
        if problem is not None:
            return outcome("rejected", reason=problem, retry="conditional" in problem)
        if patient and ("Patient", patient) not in self.held:
            self.waiting.setdefault(patient, []).append((type_, id_, body))
            return outcome("waiting")
        known = self.held.get((type_, id_))
        self.held[type_, id_] = body
        if type_ == "Patient":
            for waiting_type, waiting_id, waiting_body in self.waiting.pop(id_, []):
                self.held[waiting_type, waiting_id] = waiting_body
                admitted.append(Outcome(status="stored", position="admitted", type=waiting_type, id=waiting_id))
        status = "stored" if known is None else "unchanged" if known == body else "updated"
        return outcome(status, unresolved=unresolved)

    def _resolve(
        self, resource: dict[str, Any], together: Sequence[Submission]
    ) -> tuple[str | None, list[str], str | None]:
        """The Patient that the resource is about, the literal targets that are not held, what is wrong."""
        named = {other.full_url: other for other in together if other.full_url}
        patient, unresolved = None, []
        for reference in references(resource):
            if "reference" not in reference:
                continue  # by identifier alone
            target = reference["reference"]
            if "?" in target and not self._matching(target):
                return None, [], "A conditional reference matches 0 items."
            if target.startswith("urn:") and target not in named:
                return None, [], "A reference names no entry of the same bundle."
            if target in named and named[target].resource["resourceType"] == "Patient":
                patient = named[target].source_id
            elif target.startswith("Patient/"):
                patient = target.partition("/")[2]
            elif target not in named and "?" not in target and tuple(target.split("/")) not in self.held:
                unresolved.append(target)
            reference["reference"] = "rewritten"
        return patient, unresolved, None

    def _matching(self, conditional: str) -> bool:
        type_, _, query = conditional.partition("?")
        value = query.rpartition("|")[2].encode()
        return any(held_type == type_ and value in body for (held_type, _), body in self.held.items())


class FakeSnapshots:
    def __init__(self) -> None:
        self.noted: dict[str, set[tuple[str, str]]] = {}

    def held(self, source: str) -> set[tuple[str, str]]:
        return set(self.noted.get(source, ()))

    def note(self, source: str, names: Collection[tuple[str, str]]) -> None:
        self.noted.setdefault(source, set()).update(names)

    def strike(self, source: str, names: Collection[tuple[str, str]]) -> None:
        self.noted[source] -= set(names)


def loaded(records: FakeRecords, *paths: Path, **more: Any) -> LoadReport:
    return load(paths, records, organisation=TRUST, **more)


def feed(records: FakeRecords | None = None, **more: Any) -> Feed:
    return Feed(organisation=TRUST, earlier=records or FakeRecords(), snapshots=FakeSnapshots(), **more)


def in_blocks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))
