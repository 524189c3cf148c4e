"""From changes to items ready to be kept: checked, under their logical ids, their references rewritten. Only reads.

What a condition asks for, and which version was held, is asked again inside the transaction (`still_true`).
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from concord.base import IdSource, Incorrect
from concord.fhir import Resource, apply_patch, issue_of, parse, survey
from concord.record.contributed import Contributed
from concord.record.model import Change, Deletion, Patch, Submission
from concord.record.prepare import Context, prepare
from concord.record.rewriting import References, full_urls
from concord.record.staged import Staged
from concord.record.wire import whole
from concord.store import Reading, body

_SEVERAL = "The condition of this change matches {} items; it must match one or none."


class Staging:
    """The changes of one write, in their order. `entries` say what became of each."""

    def __init__(
        self, reading: Reading, changes: Sequence[Change], context: Context, ids: IdSource, codec: body.Codec
    ) -> None:
        """Check each and give it its logical id: once, however often conditions have to be asked again."""
        self._context = context
        self._codec = codec
        contributed = Contributed(reading, context, codec)
        self.entries = [self._checked(contributed, change, ids) for change in changes]
        self._deletions = [each for each in self.entries if isinstance(each.change, Deletion)]
        self._refuse_twins()
        for entry in self.entries:
            entry.refused = entry.outcome

    def resolve(self, reading: Reading) -> None:
        """Ask conditions, look at versions, rewrite references, prepare; anew each time it is called."""
        contributed = Contributed(reading, self._context, self._codec)
        for entry in self.entries:
            entry.outcome = entry.refused
        asked: dict[tuple[str, str], Staged] = {}
        for entry in sorted(self.entries, key=_turn):
            if entry.outcome is None:
                self._resolve_condition(contributed, entry, asked)
            if entry.outcome is None:
                self._look(contributed, entry)
        self._refuse_overlaps()
        references = References(contributed, self.entries)
        for entry in self.entries:
            if entry.wanted and references.rewrite(entry):
                assert entry.survey is not None
                assert entry.resource is not None
                entry.resource["id"] = entry.id
                service = self._service(reading, entry)
                entry.prepared = prepare(entry.resource, entry.survey, entry.id, service, self._context, self._codec)

    def still_true(self, reading: Reading) -> bool:
        """Whether conditions find what they found and versions are what they were: asked inside the transaction."""
        contributed = Contributed(reading, self._context, self._codec)
        for entry in self.entries:
            if entry.outcome is not None or entry.twin is not None:
                continue
            if entry.condition is not None and self._matching(contributed, entry) != entry.found:
                return False
            if entry.looked and contributed.held(entry.type, entry.id) != entry.held:
                return False
        return True

    # -- once ----------------------------------------------------------------------------------------------------------

    def _checked(self, contributed: Contributed, change: Change, ids: IdSource) -> Staged:
        entry = Staged(change)
        if isinstance(change, Submission):
            type_ = change.resource.get("resourceType")
            entry.type = type_ if isinstance(type_, str) else ""
            _survey(entry, change.resource)
            if entry.outcome is not None:
                return entry
        else:
            entry.type = change.type
        source_id = change.source_id
        entry.first_id = ids.fresh() if source_id is None else contributed.logical_id(entry.type, source_id)
        entry.id = entry.first_id
        return entry

    def _refuse_twins(self) -> None:
        """Of two entries of a Bundle with one id nobody can say which is meant (feeds without fullUrl: the later)."""
        first: dict[str, Staged] = {}
        for entry in self.entries:
            if entry.outcome is None and first.setdefault(entry.name, entry) is not entry and entry.full_url:
                entry.reject(f"The same {entry.type} id stands at {first[entry.name].position} already.")

    # -- each time -----------------------------------------------------------------------------------------------------

    def _resolve_condition(self, contributed: Contributed, entry: Staged, asked: dict[tuple[str, str], Staged]) -> None:
        """Which item a condition is about: for a conditional create none may be there, any other changes it."""
        query = entry.condition
        if query is None:
            return
        creates = isinstance(entry.change, Submission) and entry.change.if_none_exist is not None
        if creates:
            first = asked.setdefault((entry.type, query), entry)
            entry.twin = None if first is entry else first
            if entry.twin is not None:
                return
        try:
            found = self._matching(contributed, entry)
        except Incorrect as error:
            entry.reject(f"The condition of this change cannot be used: {error.message}")
            return
        entry.found = found
        if len(found) > 1:
            entry.reject(_SEVERAL.format(len(found)), "ambiguous")
        elif creates:
            entry.existing = found[0] if found else None
        elif found and isinstance(entry.change, Submission) and entry.change.source_id and entry.first_id != found[0]:
            entry.reject("The resource's id is not that of the item that the condition matches. Leave the id out.")
        else:
            entry.id = found[0] if found else entry.first_id

    def _look(self, contributed: Contributed, entry: Staged) -> None:
        """Look at the version held, where what is to happen hangs on it."""
        change = entry.change
        only_new = isinstance(change, Submission) and change.only_new
        entry.looked = not isinstance(change, Submission) or change.if_match is not None or only_new
        if not entry.looked:
            return
        entry.held = contributed.held(entry.type, entry.id)
        if change.if_match is not None and not contributed.is_version(entry.held, change.if_match):
            entry.reject("The version held is not the one that If-Match names. Read it again, then decide.", "stale")
        elif only_new and entry.held is not None:
            entry.reject("There is such an item already, and If-None-Match asks for none.", "stale")
        elif isinstance(change, Patch):
            self._patch(entry, change)

    def _patch(self, entry: Staged, change: Patch) -> None:
        item = entry.held
        if item is None:
            entry.reject("There is no such item to patch.", "absent")
            return
        held = whole(entry.type, item, self._codec, self._context.keys, self._context.organisation)
        try:
            resource = apply_patch(parse(held), change.operations)
        except Incorrect as error:
            entry.reject(error.message)
            return
        _survey(entry, resource)

    def _service(self, reading: Reading, entry: Staged) -> str | None:
        """A patched item stays with the service that it came from."""
        if isinstance(entry.change, Submission):
            return entry.change.service
        item = entry.held
        return reading.words.text(reading, item.service) if item is not None and item.service else None

    def _matching(self, contributed: Contributed, entry: Staged) -> list[str]:
        """What a condition describes, but what the same write deletes. What it says of other entries is rewritten."""
        assert entry.condition is not None
        names = full_urls(self.entries) if "urn" in entry.condition else {}
        found = contributed.matching(entry.type, _with_names(entry.condition, names))
        if isinstance(entry.change, Deletion):
            return found
        gone = {each.name for each in self._deletions if each.outcome is None}
        return [id_ for id_ in found if f"{entry.type}/{id_}" not in gone]

    def _refuse_overlaps(self) -> None:
        """Of several changes of one item in one write, the order would decide: http.html#trules refuses them."""
        first: dict[str, Staged] = {}
        for entry in self.entries:
            if entry.outcome is not None or entry.existing is not None or entry.twin is not None:
                continue
            other = first.setdefault(entry.name, entry)
            if other is not entry and not (_plain(entry) and _plain(other)):
                entry.reject(f"It changes the item that {other.position} changes too.", "conflict")


def _survey(entry: Staged, resource: Resource) -> None:
    found = survey(resource)
    if found.breaches:
        reason = "; ".join(f"{breach.path}: {breach.message}" for breach in found.breaches[:3])
        entry.reject(reason, issues=[issue_of(breach) for breach in found.breaches])
        return
    entry.resource = resource
    entry.survey = found
    entry.sent = [(each, each["reference"]) for each in found.references if "reference" in each]


def _turn(entry: Staged) -> tuple[int, bool]:
    """FHIR's order: what is deleted, created, then changed; a condition that names other entries after those."""
    change = entry.change
    kind = 0 if isinstance(change, Deletion) else 1 if isinstance(change, Submission) and not change.criteria else 2
    return kind, entry.condition is not None and "urn" in entry.condition


def _plain(entry: Staged) -> bool:
    return isinstance(entry.change, Submission) and entry.change.criteria is None


def _with_names(query: str, names: dict[str, str]) -> str:
    """A query whose values name entries of the Bundle by full URL, naming them as they are held instead."""
    if not names:
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, ",".join(names.get(each, each) for each in value.split(","))) for name, value in pairs])
