"""A file of a feed, followed through the steps without taking it in: receive, parse, map, validate; then how each
resource that it makes is labelled and identified, and where it is stored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from concord.base import Incorrect, OdsCode
from concord.fhir import check, parse, told
from concord.governance import SourceSystem
from concord.ingest.feeds import FeedDescription
from concord.ingest.fhir_messages import receipt_of_document
from concord.ingest.files import opened
from concord.ingest.folder import DONE, FAILED
from concord.ingest.hl7v2 import Message, origins
from concord.ingest.mllp import receipt_of
from concord.ingest.model import Earlier, Feed, Group, Refusal, Sent, Snapshots
from concord.ingest.reading import pieces
from concord.ingest.tables import read_mapping
from concord.record import Original, Quarantine, Receipt, Standing

Makes = Callable[[str, str], bool]
"""Whether what a source calls so, by type and its own id, is the item that is sought."""

_FHIR_MESSAGE = "FHIR message"
_MOVED = {DONE: "its file was taken in: it lies in done", FAILED: "its file was refused: it lies in failed"}


class TracingDoor(Protocol):
    """What tracing needs of the record."""

    @property
    def rejects(self) -> Quarantine: ...

    def services(self, organisation: OdsCode) -> frozenset[str]: ...

    def earlier(self, organisation: OdsCode) -> Earlier: ...

    def snapshots(self, organisation: OdsCode) -> Snapshots: ...

    def received(self, message: bytes, *, by: SourceSystem) -> bytes | None: ...

    def standing(self, organisation: OdsCode, type_: str, source_id: str) -> Standing: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """One message, row or entry of a file, by its number there. `steps`: (step, what is said of it), as far as it came;
    they name source ids."""

    entry: int
    kind: str
    steps: Sequence[tuple[str, str]]


def traces(
    path: Path,
    feed: FeedDescription,
    records: TracingDoor,
    *,
    entry: int | None = None,
    number: str = "",
    makes: Makes | None = None,
) -> Iterator[Trace]:
    """Of everything in a file; or of one entry of it, of the HL7 v2 messages of one `number` (MSH-10), of what makes
    one item. Raises Incorrect for what cannot be read."""
    mapping = read_mapping(feed.mapping).of_some_rows() if feed.mapping else None
    read_against = Feed(
        organisation=feed.organisation,
        earlier=records.earlier(feed.organisation),
        snapshots=records.snapshots(feed.organisation),
        service=feed.service,
        services=records.services(feed.organisation),
        character_set=feed.character_set,
    )
    found: dict[int, list[Sent | Refusal]] = {}
    kept: dict[int, Original] = {}
    for _, stream in opened([path]):
        for piece in pieces(stream, read_against, path.name, mapping):
            if isinstance(piece, Group) and piece.kept is not None and piece.sent:
                kept[piece.sent[0].entry] = piece.kept
            for each in piece.sent if isinstance(piece, Group) else [piece]:
                if isinstance(each, (Sent, Refusal)) and each.entry is not None and entry in (None, each.entry):
                    found.setdefault(each.entry, []).append(each)
    for at, parts in sorted(found.items()):
        if (number and number_of(_original(parts[0]), feed) != number) or (makes and not _any(parts, makes)):
            continue
        steps = [*_receive(parts[0], path, feed, records), *_steps(parts, feed.organisation, records)]
        yield Trace(entry=at, kind=parts[0].kind, steps=[*steps, *_unmapped(kept.get(at))])


def number_of(original: bytes, feed: FeedDescription) -> str:
    """The number of an HL7 v2 message (MSH-10); "" of what is none, or has none."""
    try:
        return Message.parse(original, character_set=feed.character_set).control_id
    except Incorrect:
        return ""


def _any(parts: Sequence[Sent | Refusal], makes: Makes) -> bool:
    return any(isinstance(part, Sent) and makes(_type(part), part.submission.source_id or "") for part in parts)


def _receive(
    first: Sent | Refusal, path: Path, feed: FeedDescription, records: TracingDoor
) -> Iterator[tuple[str, str]]:
    if first.kind.startswith("HL7 v2"):
        yield "receive", _receipt(receipt_of(_original(first)), feed.organisation, records)
    elif first.kind == _FHIR_MESSAGE:
        whole = path.read_bytes()
        yield "receive", _receipt(receipt_of_document(parse(whole)), feed.organisation, records)
        yield from _held(records.rejects.of_original(feed.organisation, whole))
    if feed.folder is not None and path.resolve().parent.parent == feed.folder.resolve():
        yield "receive", _MOVED.get(path.resolve().parent.name, "its file lies in a folder that is not looked into")


def _steps(parts: Sequence[Sent | Refusal], organisation: OdsCode, records: TracingDoor) -> Iterator[tuple[str, str]]:
    sent = [part for part in parts if isinstance(part, Sent)]
    for part in parts:
        if isinstance(part, Refusal):
            yield "parse" if not sent else "map", f"{part.position}: {part.reason}"
    if sent:
        yield "parse", "it can be read"
        yield "map", ", ".join(_name(part) for part in sent)
    for part in sent:
        for sentence in origins(_type(part), told(part.submission.resource)):
            yield "from", f"{_name(part)}: {sentence}"
    for part in sent:
        breaches = check(part.submission.resource)
        yield "validate", f"{_name(part)}: " + ("R4" if not breaches else f"{breaches[0].path}: {breaches[0].message}")
    for part in sent:
        if part.submission.source_id is not None:
            yield from _stands(records.standing(organisation, _type(part), part.submission.source_id), _name(part))
    yield from _held(records.rejects.of_original(organisation, _original(parts[0])))


def _held(numbers: Sequence[int]) -> Iterator[tuple[str, str]]:
    for number in numbers:
        yield "quarantine", f"held under the number {number}"


def _unmapped(original: Original | None) -> Iterator[tuple[str, str]]:
    if original is not None and original.unmapped:
        fields = (f"{field} ({times})" if times > 1 else field for field, times in original.unmapped.items())
        yield "not mapped", ", ".join(fields)


def _original(part: Sent | Refusal) -> bytes:
    return b"" if part.original is None else part.original()


def _receipt(receipt: Receipt, organisation: OdsCode, records: TracingDoor) -> str:
    known = records.received(receipt.message, by=SourceSystem(organisation=organisation))
    if known is None:
        return "no receipt is kept of this sender, time and number"
    return "it was acknowledged" if known == receipt.content else "another message of the same number was acknowledged"


def _stands(standing: Standing, name: str) -> Iterator[tuple[str, str]]:
    if standing.state != "held" or standing.stored_at is None or standing.heading is None:
        waits = "it waits for its Patient, visible to nobody" if standing.state == "waiting" else "nothing is held"
        yield "store", f"{name}: {waits}"
        return
    labels = ", ".join(sorted(standing.labels)) or "no labels"
    service = f", of {standing.service}" if standing.service else ""
    yield "label", f"{name}: {standing.heading}, {labels}{service}"
    if standing.type == "Patient":
        why = f"a person of its own, until somebody has decided: {standing.review}" if standing.review else "linked"
        yield "identify", f"{name}: {why}"
    else:
        yield "identify", f"{name}: with Patient/{standing.patient}" if standing.patient else f"{name}: about nobody"
    lifecycle = "" if standing.lifecycle == "current" else f", {standing.lifecycle}"
    yield (
        "store",
        f"{name}: {standing.id}, version {standing.version} since {standing.stored_at:%Y-%m-%d %H:%M}{lifecycle}",
    )


def _type(sent: Sent) -> str:
    return str(sent.submission.resource.get("resourceType"))


def _name(sent: Sent) -> str:
    return f"{_type(sent)}/{sent.submission.source_id or '(a new one)'}"
