"""FHIR JSON: single resources, Bundles and NDJSON to submissions.

A transaction Bundle is one atomic group (http://hl7.org/fhir/R4/http.html#transaction), and so is a message; entries of
the other kinds stand each on its own. Identity, references and validity are the record's to judge.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Literal

from concord.base import Incorrect
from concord.fhir import Resource, encode, parse, received
from concord.ingest import gpconnect
from concord.ingest.model import Feed, Group, Piece, Refusal, Remark, Sent
from concord.ingest.stream import Stream
from concord.record import Original, Submission

_EACH_ON_ITS_OWN = {"batch", "collection", "searchset", "document"}
_TOGETHER = {"message", "transaction"}
_TAKEN = ("POST", "PUT")
_REFUSED = ("DELETE", "PATCH")
_ASKING = ("GET", "HEAD")
_ASKED = "GET request"
_OF_THE_SEARCH = "OperationOutcome of a search"
_REPEATED = "entry that repeats another"

# What a Bundle's type says of its entries' `request`.
Requests = Literal["none", "allowed", "required"]


def pieces(stream: Stream, feed: Feed, file: str = "") -> Iterator[Piece]:
    """A JSON document, or NDJSON; `file` is its name. Raises Incorrect when a file that is one document cannot be
    parsed."""
    lines: list[bytes] = []
    first = _next_line(stream, lines)
    number = len(lines)
    second = _next_line(stream, lines)
    if first is None or second is None or not (_resource(first) or _resource(second)):
        yield from _Document(b"".join(lines) + stream.rest(), feed, file=file).pieces()
        return
    yield from _line(first, number, feed, file)
    number = len(lines)
    while second is not None:
        if second.strip():
            yield from _line(second, number, feed, file)
        second = stream.line()
        number += 1


def of_document(document: Resource, sent: bytes, feed: Feed) -> Iterator[Piece]:
    """The pieces of one document that is parsed already; `sent` are the bytes to keep should it be rejected."""
    return _Document(sent, feed).of(document)


def _next_line(stream: Stream, lines: list[bytes]) -> bytes | None:
    """The next line that is not blank; all lines passed are added to `lines`."""
    while (line := stream.line()) is not None:
        lines.append(line)
        if line.strip():
            return line
    return None


def _resource(line: bytes) -> bool:
    """Whether a line by itself is a resource: no line of a document spread over lines is."""
    try:
        return "resourceType" in parse(line)
    except Incorrect:
        return False


def _line(line: bytes, number: int, feed: Feed, file: str) -> Iterator[Piece]:
    try:
        yield from _Document(line, feed, number, file).pieces()
    except Incorrect as error:
        yield Refusal(
            entry=number,
            position=f"line {number}",
            reason=error.message.replace("line 1, ", ""),
            kind="NDJSON line",
            original=partial(bytes, line),
        )


class _Document:
    """One JSON document and what stands in it. `line` is its number in NDJSON, `file` the name of its file."""

    def __init__(self, data: bytes, feed: Feed, line: int | None = None, file: str = "") -> None:
        self._data = data
        self._service = feed.service
        self._line = line
        self._feed = feed.name
        self._file = file

    def pieces(self) -> Iterator[Piece]:
        """Raises Incorrect when the document cannot be parsed."""
        return self.of(received(self._data))

    def of(self, document: Resource) -> Iterator[Piece]:
        if document.get("resourceType") == "Bundle":
            yield from self._bundle(document, ())
            return
        one = self._sent({"resource": document}, (), _Seen())
        yield one if isinstance(one, Refusal) else Group(sent=[one])

    def _bundle(self, bundle: dict[str, Any], path: tuple[int, ...]) -> Iterator[Piece]:
        entries = bundle.get("entry", [])
        type_ = bundle.get("type")
        if gpconnect.recognises(bundle) and isinstance(entries, list):
            yield from self._gp_connect(bundle, path)
        elif not isinstance(entries, list):
            yield self._refusal("Bundle.entry is not a list.", path, "FHIR Bundle", partial(self._original, path))
        elif type_ == "transaction":
            yield from self._transaction(entries, path)
        elif type_ == "message":
            yield from self._message(entries, path)
        elif isinstance(type_, str) and type_ in _EACH_ON_ITS_OWN:
            yield from self._each(entries, path, requests=type_ == "batch", found=type_ == "searchset")
        else:
            reason = "The type of the Bundle is not one that files may have: " + ", ".join(
                sorted(_TOGETHER | _EACH_ON_ITS_OWN)
            )
            yield self._refusal(f"{reason}.", path, "FHIR Bundle", partial(self._original, path))

    def _gp_connect(self, bundle: dict[str, Any], path: tuple[int, ...]) -> Iterator[Piece]:
        """Each entry on its own: a record with one date wrong is better read without it than not at all; and kept as
        it came, since it is stored as another version of FHIR."""
        kind = gpconnect.ENTRY
        try:
            converted = gpconnect.convert(bundle)
        except Incorrect as error:
            yield self._refusal(error.message, path, "GP Connect record", partial(self._original, path))
            return
        for number, reason in converted.refused:
            yield self._refusal(reason, (*path, number), kind, partial(self._original, (*path, number)))
        for entry in converted.entries:
            place = (*path, entry.number)
            kept = Original(
                name="", kind=gpconnect.ENTRY, feed=self._feed, content=entry.sent,
                tells_of=frozenset({(entry.resource["resourceType"], entry.resource["id"])}),
                place=f"{self._file}:{self._entry(place)}",
            )  # fmt: skip
            submission = Submission(
                resource=entry.resource,
                source_id=entry.resource["id"],
                service=self._service,
                position=self._position(place),
            )
            original = partial(self._original, place)
            sent = Sent(submission=submission, entry=self._entry(place), kind=kind, original=original)
            yield Group(sent=[sent], kept=kept)
        unmapped = [f"GP Connect {name}" for entry in converted.entries for name in entry.unmapped]
        if unmapped:
            yield Remark(passed_over=unmapped)

    def _transaction(self, entries: Sequence[Any], path: tuple[int, ...]) -> Iterator[Piece]:
        seen = _Seen()
        places = [(*path, number) for number, entry in enumerate(entries, 1) if not _only_asks(entry)]
        if len(places) < len(entries):
            yield Remark(passed_over=[_ASKED] * (len(entries) - len(places)))
        read = [self._sent(entries[place[-1] - 1], place, seen, requests="required", whole=path) for place in places]
        yield from self._together(read, path, "transaction")

    def _message(self, entries: Sequence[Any], path: tuple[int, ...]) -> Iterator[Piece]:
        """What a message says is one act: all of it, Bundles in it too, or nothing."""
        kind, whole = "FHIR message", partial(self._original, path)
        read: list[Sent | Refusal] = []
        for piece in self._each(entries, path, requests=False, found=False):
            if isinstance(piece, Group):
                read += [replace(one, kind=kind, original=whole) for one in piece.sent]
            elif isinstance(piece, Refusal):
                read.append(replace(piece, kind=kind, original=whole))
            else:
                yield piece
        yield from self._together(read, path, "message")

    def _together(self, read: Sequence[Sent | Refusal], path: tuple[int, ...], called: str) -> Iterator[Piece]:
        """All of what is `called` so, or, if anything of it was refused, nothing: that is kept once, whole."""
        culprit = next((one for one in read if isinstance(one, Refusal)), None)
        if culprit is None:
            sent = [one for one in read if isinstance(one, Sent)]
            yield Group(sent=sent, atomic=True, position=self._position(path))
            return
        reason = f"Not stored, because its {called} was rejected for {culprit.position}."
        for one in read:
            if isinstance(one, Sent):
                yield Refusal(
                    entry=one.entry, position=one.submission.position, reason=reason, kind=one.kind, original=None
                )
            else:
                yield one if one is culprit else replace(one, original=None)

    def _each(self, entries: Sequence[Any], path: tuple[int, ...], *, requests: bool, found: bool) -> Iterator[Piece]:
        """`requests`: entries may ask for something; `found`: they are what a search found."""
        seen = _Seen()
        sent: list[Sent] = []
        for number, entry in enumerate(entries, 1):
            place = (*path, number)
            nested = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(nested, dict) and nested.get("resourceType") == "Bundle":
                yield Group(sent=sent)
                sent = []
                yield from self._bundle(nested, place)
                continue
            if requests and _only_asks(entry):
                yield Remark(passed_over=[_ASKED])
                continue
            if found and isinstance(nested, dict) and nested.get("resourceType") == "OperationOutcome":
                yield Remark(passed_over=[_OF_THE_SEARCH])
                continue
            if not requests and isinstance(nested, dict) and seen.has(nested):
                yield Remark(passed_over=[_REPEATED])
                continue
            one = self._sent(entry, place, seen, requests="allowed" if requests else "none")
            if isinstance(one, Sent):
                sent.append(one)
            else:
                yield one
        yield Group(sent=sent)

    def _sent(
        self,
        entry: Any,
        path: tuple[int, ...],
        seen: "_Seen",
        *,
        requests: Requests = "none",
        whole: tuple[int, ...] | None = None,
    ) -> Sent | Refusal:
        """One entry; `whole` is the path of the transaction that is kept should the entry be rejected."""
        kind = "FHIR resource" if not path else "FHIR entry" if whole is None else "FHIR transaction"
        original = partial(self._original, path if whole is None else whole)
        try:
            submission = _submission(entry, self._position(path) or "resource", self._service, requests, seen)
            if requests == "required" and submission.resource["resourceType"] == "Bundle":
                raise Incorrect("A transaction takes no Bundle as an entry.")
            seen.add(submission, path[-1] if path else 1)
        except Incorrect as error:
            return self._refusal(error.message, path, kind, original)
        return Sent(submission=submission, entry=self._entry(path), kind=kind, original=original)

    def _refusal(self, reason: str, path: tuple[int, ...], kind: str, kept: Callable[[], bytes] | None) -> Refusal:
        return Refusal(
            entry=self._entry(path),
            position=self._position(path) or "resource",
            reason=reason,
            kind=kind,
            original=kept,
        )

    def _entry(self, path: tuple[int, ...]) -> int:
        """Which item of the file this is: its line in NDJSON, else its entry in the outermost Bundle."""
        return self._line or (path[0] if path else 1)

    def _position(self, path: tuple[int, ...]) -> str:
        steps = [f"line {self._line}"] if self._line else []
        return ", ".join([*steps, *(f"entry {number}" for number in path)])

    @cached_property
    def _pristine(self) -> dict[str, Any]:
        """The document as it was sent. What was handed over may have been changed in place since."""
        return parse(self._data)

    def _original(self, path: tuple[int, ...]) -> bytes:
        """The whole document as sent, or one entry of it."""
        if not path:
            return self._data
        value: dict[str, Any] = {"resource": self._pristine}
        for number in path:
            value = value["resource"]["entry"][number - 1]
        return encode(value)


def _only_asks(entry: Any) -> bool:
    """Whether an entry asks for something to be read, and brings nothing to take in."""
    request = entry.get("request") if isinstance(entry, dict) else None
    return isinstance(request, dict) and request.get("method") in _ASKING


class _Seen:
    """What one Bundle has named already: each id and each fullUrl stands for one thing."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._resources: dict[tuple[str, str], dict[str, Any]] = {}
        self._nameless: Counter[str] = Counter()

    def by_content(self, resource: dict[str, Any]) -> str:
        """An id for what nothing names: its content, and which of its equals it is. Loaded again it is found again."""
        content = hashlib.blake2b(encode(resource), digest_size=20).hexdigest()
        self._nameless[content] += 1
        return content if self._nameless[content] == 1 else f"{content}-{self._nameless[content]}"

    def has(self, resource: dict[str, Any]) -> bool:
        """Whether the very same stood in the Bundle before: what several of a search's matches include."""
        type_, id_ = resource.get("resourceType"), resource.get("id")
        return isinstance(type_, str) and isinstance(id_, str) and self._resources.get((type_, id_)) == resource

    def add(self, submission: Submission, number: int) -> None:
        names: dict[str, str] = {}
        if submission.source_id is not None:
            names[f"{submission.resource['resourceType']}/{submission.source_id}"] = "type and id"
        if submission.full_url is not None:
            names[submission.full_url] = "fullUrl"
        for name, what in names.items():
            if name in self._names:
                raise Incorrect(f"This entry has the {what} of entry {self._names[name]}.")
        self._names.update(dict.fromkeys(names, number))
        if submission.source_id is not None:
            self._resources[submission.resource["resourceType"], submission.source_id] = submission.resource


def _submission(entry: Any, position: str, service: str | None, requests: Requests, seen: _Seen) -> Submission:
    """Raises Incorrect saying what an entry lacks or asks for that files cannot."""
    if not isinstance(entry, dict):
        raise Incorrect("The entry is not an object.")
    asked = None if requests == "none" else entry.get("request")
    if asked is None and requests == "required":
        raise Incorrect("The entry has no request, which each entry of a transaction has.")
    method = None if asked is None else _method(asked)
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        raise Incorrect("The entry has no resource.")
    type_, id_, full_url = resource.get("resourceType"), resource.get("id"), entry.get("fullUrl")
    if not isinstance(type_, str) or not type_:
        raise Incorrect("The resource does not say its type: resourceType is missing or is not a string.")
    if not (id_ is None or isinstance(id_, str)):
        raise Incorrect(f"{type_}.id is not a string.")
    if not (full_url is None or isinstance(full_url, str)):
        raise Incorrect("The entry's fullUrl is not a string.")
    if_none_exist = None
    if method is not None:
        id_ = _named_by_url(asked, method, type_, id_)
        if_none_exist = _text(asked, "ifNoneExist")
    if if_none_exist is None and not (id_ or full_url):
        id_ = seen.by_content(resource)
    return Submission(
        resource=resource,
        source_id=id_ or full_url,
        full_url=full_url,
        if_none_exist=if_none_exist,
        service=service,
        position=position,
    )


def _method(request: Any) -> str:
    method = _text(request, "method")
    if method is None:
        raise Incorrect("The entry's request has no method.")
    if method not in _TAKEN:
        named = f"method {method}" if method in _REFUSED else "request.method of this entry"
        raise Incorrect(f"The {named} is not taken from files; POST and PUT are.")
    if "ifMatch" in request:
        raise Incorrect("request.ifMatch is not taken from files: versions are Concord's own.")
    return method


def _named_by_url(request: Any, method: str, type_: str, id_: str | None) -> str | None:
    """The id that a PUT names. Raises Incorrect when the request is about something else than the resource."""
    url = _text(request, "url")
    if url is None:
        raise Incorrect("The entry's request has no url.")
    if "?" in url:
        raise Incorrect("A conditional update (request.url with a query) is not taken from files; PUT [type]/[id] is.")
    named, _, url_id = url.removeprefix("/").partition("/")
    if named != type_:
        raise Incorrect(f"request.url does not name the type of the resource, {type_}.")
    if method == "POST":
        if url_id:
            raise Incorrect("request.url of a POST names the type alone.")
        return id_
    if not url_id or "/" in url_id or (id_ is not None and id_ != url_id):
        raise Incorrect("request.url of a PUT is [type]/[id] with the id of the resource.")
    return url_id


def _text(request: Any, name: str) -> str | None:
    if not isinstance(request, dict):
        raise Incorrect("The entry's request is not an object.")
    value = request.get(name)
    if not (value is None or isinstance(value, str)):
        raise Incorrect(f"request.{name} is not a string.")
    return value
