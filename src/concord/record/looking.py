"""Who has looked at a record, for whoever answers for its privacy, and for the person themself."""

from collections.abc import Callable

from concord.audit import Audited, AuditEvent, AuditWriter, looks_at
from concord.base import Clock, OdsCode, PersonId
from concord.governance import REASONS, Decided, Directory, Gate, Viewer, may_audit, roles
from concord.record.asking import asked
from concord.record.faces import Look, Looks
from concord.record.finding import Finder, nobody
from concord.store import Store

_MOST_LOOKS = 200
_ACTIONS = {
    "open": "Opened the record", "read": "Read one item", "search": "Searched within the record",
    "find": "Found by search", "list": "Appeared in a list", "look-at-audit": "Looked at who has looked",
    "export": "Exported to the system that had sent it",
    "assert": "Opened more of the record by their own word", "review": "Reviewed such an opening",
    "end-assertion": "Closed again what they had opened by their own word",
    "choose": "Looked at, or changed, the person's choices", "explain": "Asked who can see the record",
    "original": "Looked at a message about the person, as it came",
}  # fmt: skip
_SEEN = {
    "find": "Name, birth date, number, address", "list": "Name, birth date, number, place",
    "look-at-audit": "Who has looked", "assert": "Nothing yet", "end-assertion": "Nothing", "review": "Who, when, why",
    "choose": "The person's choices", "explain": "Who can see the record",
    "original": "Messages about the person",
}  # fmt: skip
_RELATED = {
    "registered": "the person is registered there", "attending": "the person was attending there",
    "inpatient": "the person was in hospital there", "discharged-within": "the person had left there within {span}",
    "referred": "the person was referred there", "on-caseload": "the person was on the caseload",
    "care-team": "they were in the person's care team",
    "appointment-within": "the person had an appointment there within {span}",
    "resident": "the person lives there", "nominated-pharmacy": "the person had nominated that pharmacy",
    "self-claimed": "they had said that they care for the person",
}  # fmt: skip


class Lookers:
    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, finder: Finder) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._finder = finder

    def of(self, person: PersonId, viewer: Viewer) -> Audited[Looks]:
        """Every look at a person's record, latest first. NotFound also for who may not audit, or asks at work for
        their own."""
        now = self._clock.now()
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
            decided = self._gate.decide(reading, viewer, person)
            if (
                decided is None
                or decided.own_but_shut
                or not (decided.own or may_audit(viewer, policy))
                or not self._finder.may_know_of(reading, viewer, policy, decided)
            ):
                return nobody(self._audit, now, viewer, "look-at-audit", decided)
            kept = looks_at(reading, person, most=_MOST_LOOKS + 1)
            answer = Looks(
                found=self._finder.face(reading, person, viewer),
                looks=[look_of(each.event, policy.directory, shows(viewer, decided)) for _, each in kept[:_MOST_LOOKS]],
                complete=len(kept) <= _MOST_LOOKS,
            )
        return self._audit.record(answer, [asked(now, viewer, "look-at-audit", "shown", person=person)])


Shows = Callable[[OdsCode], bool]


def shows(viewer: Viewer, decided: Decided) -> Shows:
    """Of which organisations this viewer may read who looked at this person: where a protected person is known must
    not be read off it."""
    return lambda organisation: decided.locates or organisation == viewer.organisation


def look_of(event: AuditEvent, directory: Directory, shown: Shows) -> Look:
    """Pure: a row as a look, in words."""
    detail = {**event.context, **event.detail}
    organisation = OdsCode(str(detail.get("organisation", "")))
    known = directory.organisations.get(organisation)
    told = known is None or shown(organisation)
    role = roles().get(str(detail.get("role")))
    held = detail.get("held") or []
    headings = ", ".join(str(heading).replace("-", " ") for heading in detail.get("headings", ()))
    action = _ACTIONS.get(event.action, event.action)
    refused = event.outcome == "refused"
    grounds = [" and ".join(dict.fromkeys(map(_because, held)))] if held else []
    if acting := detail.get("acting"):
        grounds.append(f"they act for the person ({acting})")
    if broken := REASONS.get(str(detail.get("override"))):
        grounds.append(f"they broke the glass ({broken[0].lower()}{broken[1:]})")
    return Look(
        at=event.at,
        who=str(detail.get("name", "Its system")) if told else "Not shown",
        role=role.title if role else "Source system",
        organisation=directory.name(organisation) if told or known is None else known.short,
        source="source system" if event.who.startswith("system:") else "Concord",
        why=f"{action}: {'; '.join(grounds)}." if grounds else f"{action}.",
        what="Nothing" if refused else headings or _SEEN.get(event.action) or _counted(detail.get("count")),
        outcome="refused" if refused else "shown",
    )


def _counted(items: object) -> str:
    return "Nothing" if not items else "1 item" if items == 1 else f"{items:,} items"


def _because(held: object) -> str:
    """A relationship in a clause's words ("discharged-within 14 days"), as it is said of somebody else's look; whose
    relationship it was, if a predecessor's, stands in brackets in the row alone."""
    word, _, span = str(held).partition(" (")[0].partition(" ")
    return _RELATED.get(word, word.replace("-", " ")).format(span=span)
