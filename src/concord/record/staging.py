"""From submissions to items ready to be kept: checked, under their logical ids, their references rewritten. Only reads.

What a conditional create asks for is asked again inside the transaction (`conditions_hold`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from concord.base import IdSource, Incorrect
from concord.fhir import Criterion, Resource, Survey, index_keys, matches, parse_search, survey
from concord.governance import SourceSystem, permit_source
from concord.record.model import Outcome, Submission
from concord.record.prepare import UNINDEXED, Context, Prepared, prepare
from concord.record.wire import as_sent
from concord.store import Permitted, Reading, body, items

_LOGICAL_ID = re.compile(r"[a-z2-7]{24}")
_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.*)")


@dataclass(slots=True)
class Staged:
    """A submission on its way: its logical id, the references as they were sent, and what became of it so far.

    A conditional create that finds its item has its id as `existing`; one that repeats the condition of an earlier
    one of the same write has that as `twin`. `targets` are the "Type/id" that it refers to by now.
    """

    submission: Submission
    type: str = ""
    id: str = ""
    survey: Survey | None = None
    sent: Sequence[tuple[dict[str, Any], str]] = ()
    existing: str | None = None
    twin: "Staged | None" = None
    prepared: Prepared | None = None
    targets: set[str] = field(default_factory=set)
    outcome: Outcome | None = None

    @property
    def name(self) -> str:
        """What references to it say: "Type/id"."""
        return self.twin.name if self.twin else f"{self.type}/{self.existing or self.id}"

    @property
    def wanted(self) -> bool:
        """Whether it is to be kept, so far."""
        return self.survey is not None and self.existing is None and self.twin is None and self.outcome is None

    def reject(self, reason: str, *, retry: bool = False) -> None:
        self.outcome = Outcome(
            status="rejected", position=self.submission.position, type=self.type, reason=reason, retry=retry
        )


class Staging:
    """The submissions of one write, in their order. `entries` say what became of each."""

    def __init__(
        self, reading: Reading, submissions: Sequence[Submission], context: Context, ids: IdSource, codec: body.Codec
    ) -> None:
        """Check each and give it its logical id: once, however often conditions have to be asked again."""
        self._context = context
        self._ids = ids
        self._codec = codec
        self.entries = [self._checked(reading, submission) for submission in submissions]
        self._refuse_twins()

    def resolve(self, reading: Reading) -> None:
        """Ask conditions, rewrite references, prepare; anew each time it is called."""
        for entry in self.entries:
            if entry.outcome is not None and entry.outcome.retry:
                entry.outcome = None
        self._resolve_conditions(reading)
        references = _References(reading, self)
        for entry in self.entries:
            if entry.wanted and references.rewrite(entry):
                assert entry.survey is not None
                submission = entry.submission
                submission.resource["id"] = entry.id
                entry.prepared = prepare(
                    submission.resource, entry.survey, entry.id, submission.service, self._context, self._codec
                )

    def conditions_hold(self, reading: Reading) -> bool:
        """Whether every condition still finds what it found: asked inside the transaction."""
        return all(
            self.matching(reading, entry.type, entry.submission.if_none_exist)
            == ([entry.existing] if entry.existing else [])
            for entry in self.entries
            if entry.submission.if_none_exist is not None and entry.outcome is None and entry.twin is None
        )

    def logical_id(self, reading: Reading, type_: str, source_id: str) -> str:
        """What a source calls an item becomes a keyed hash; an id of ours that it was told is taken as it is."""
        if _LOGICAL_ID.fullmatch(source_id):
            place = items.locate(reading, type_, source_id)
            if place is not None and items.read_one(reading, own(self._context), place):
                return source_id
        return self._context.keys.logical_id(self._context.organisation, type_, source_id)

    def matching(self, reading: Reading, type_: str, query: str) -> list[str]:
        """Ids of what this organisation contributed and a query describes. Raises Incorrect for what is no query."""
        search = parse_search(type_, parse_qsl(query, keep_blank_values=True))
        if not search.criteria:
            raise Incorrect("it names nothing to search for.")
        values = _index_values(search.criteria, type_, self._context)
        held = (
            items.read_under(reading, own(self._context), values, types=[type_])
            if values
            else items.read(reading, own(self._context), types=[type_])
        )
        return [item.id for item in held if _meets(as_sent(type_, item, self._codec), search.criteria)]

    def _checked(self, reading: Reading, submission: Submission) -> Staged:
        entry = Staged(submission)
        resource = submission.resource
        found = survey(resource)
        type_ = resource.get("resourceType")
        entry.type = type_ if isinstance(type_, str) else ""
        if found.breaches:
            entry.reject("; ".join(f"{breach.path}: {breach.message}" for breach in found.breaches[:3]))
            return entry
        entry.survey = found
        entry.sent = [(each, each["reference"]) for each in found.references if "reference" in each]
        source_id = submission.source_id
        entry.id = self._ids.fresh() if source_id is None else self.logical_id(reading, entry.type, source_id)
        return entry

    def _refuse_twins(self) -> None:
        """Of two entries of a Bundle with one id nobody can say which is meant (feeds without fullUrl: the later)."""
        first: dict[str, Staged] = {}
        for entry in self.entries:
            if entry.outcome is None and first.setdefault(entry.name, entry) is not entry and entry.submission.full_url:
                entry.reject(f"The same {entry.type} id stands at {first[entry.name].submission.position} already.")

    def _resolve_conditions(self, reading: Reading) -> None:
        asked: dict[tuple[str, str], Staged] = {}
        for entry in self.entries:
            query = entry.submission.if_none_exist
            if query is None or entry.survey is None or entry.outcome is not None:
                continue
            first = asked.setdefault((entry.type, query), entry)
            entry.twin = None if first is entry else first
            if entry.twin is None:
                self._resolve_condition(reading, entry, query)

    def _resolve_condition(self, reading: Reading, entry: Staged, query: str) -> None:
        try:
            found = self.matching(reading, entry.type, query)
        except Incorrect as error:
            entry.reject(f"The condition of this conditional create cannot be used: {error.message}")
            return
        entry.existing = found[0] if len(found) == 1 else None
        if len(found) > 1:
            reason = f"The condition of this conditional create matches {len(found)} items; it must match one or none."
            entry.reject(reason)


class _References:
    """Rewrites the references of one write's resources to logical ids."""

    def __init__(self, reading: Reading, staging: Staging) -> None:
        self._reading = reading
        self._staging = staging
        self._here = _names(staging.entries)
        self._found: dict[str, str] = {}

    def rewrite(self, entry: Staged) -> bool:
        """Rewrite in place; False when one cannot be, and the entry is rejected for it."""
        entry.targets = set()
        for reference, sent in entry.sent:
            target = self._here.get(sent) or self._found.get(sent)
            if target is None:
                try:
                    target = self._target(entry, reference, sent)
                except _UnresolvedError as problem:
                    entry.reject(problem.reason, retry=problem.retry)
                    return False
            if target != sent:
                reference["reference"] = target
            if not target.startswith(("#", "http")):
                entry.targets.add(target)
        return True

    def _target(self, entry: Staged, reference: Mapping[str, Any], sent: str) -> str:
        """What a reference is to say. What is no reference to something held here stays as it is."""
        if relative := _RELATIVE.fullmatch(sent):
            target = f"{relative[1]}/{self._staging.logical_id(self._reading, relative[1], relative[2])}"
        elif conditional := _CONDITIONAL.fullmatch(sent):
            target = self._conditional(conditional[1], conditional[2])
        else:
            if sent.startswith("urn:") and _must_be_here(entry, reference):
                raise _UnresolvedError(f"A reference to {_shortened(sent)} names no entry of the same bundle.")
            return sent
        self._found[sent] = target
        return target

    def _conditional(self, type_: str, query: str) -> str:
        try:
            found = self._staging.matching(self._reading, type_, query)
        except Incorrect as error:
            raise _UnresolvedError(f"A conditional reference to {type_} cannot be used: {error.message}") from None
        if len(found) != 1:
            reason = f"A conditional reference to {type_} matches {len(found)} items; it must match one."
            raise _UnresolvedError(reason, retry=True)
        return f"{type_}/{found[0]}"


class _UnresolvedError(Exception):
    """A reference that cannot be rewritten; `retry` when later input may mend it."""

    def __init__(self, reason: str, *, retry: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


def own(context: Context) -> Permitted:
    """The right of the source system over what it contributed."""
    return permit_source(SourceSystem(organisation=context.organisation))


def _names(entries: Sequence[Staged]) -> dict[str, str]:
    """What references call the entries of a Bundle: their full URLs, and what is relative to those."""
    here: dict[str, str] = {}
    for entry in entries:
        url = entry.submission.full_url
        if url and entry.survey is not None:
            here[url] = entry.name
            if url.startswith("http") and (relative := _RELATIVE.fullmatch("/".join(url.split("/")[-2:]))):
                here[f"{relative[1]}/{relative[2]}"] = entry.name
    return here


def _must_be_here(entry: Staged, reference: Mapping[str, Any]) -> bool:
    """Whether a urn must name an entry: within a Bundle, and wherever it says whose the item is. A resource that
    stands alone has no bundle to find others in, and keeps what it says of them."""
    resource = entry.submission.resource
    return bool(entry.submission.full_url) or any(reference is resource.get(name) for name in ("subject", "patient"))


def _index_values(criteria: Sequence[Criterion], type_: str, context: Context) -> list[int]:
    """Index values that narrow a search, of the first criterion that has any."""
    for criterion in criteria:
        if criterion.name not in UNINDEXED and (keys := index_keys(criterion)):
            return [context.index_value(type_, criterion.name, key) for key in keys]
    return []


def _meets(resource: Resource, criteria: Sequence[Criterion]) -> bool:
    return all(matches(resource, criterion) for criterion in criteria)


def _shortened(reference: str) -> str:
    return reference if len(reference) <= 60 else reference[:57] + "..."
