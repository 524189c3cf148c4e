"""Create, update, batch and transaction: turned into submissions and handed to the record."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from http import HTTPStatus
from typing import TypeVar

from starlette.responses import Response

from concord.api.addresses import parse_from_here
from concord.api.bundles import EntryAnswer, etag, http_date, response_bundle
from concord.api.doors import WritesDoor
from concord.api.negotiate import is_known
from concord.api.problems import FHIR_JSON, PRIVATE, outcome_of, rejection, status_of
from concord.api.reading import Reader
from concord.api.transactions import READ_ONLY, Read, Write, steps_of
from concord.base import ConcordError, Forbidden, NotFound
from concord.fhir import encode, outcome
from concord.governance import Asker, SourceSystem, may_contribute
from concord.record import Change, ItemDeleted, Outcome, to_blame

Result = TypeVar("Result")

_WRITERS = 2
_STATUS = {"stored": 201, "updated": 200, "unchanged": 200, "waiting": 202, "deleted": 204}
_WAITS = "Kept, and not in the record yet: it enters when its Patient does."
_TOLD = {
    "stored": "Kept, as a new item.",
    "updated": "Kept, as a new version.",
    "unchanged": "Nothing changed: this is held already.",
    "waiting": _WAITS,
    "deleted": "It is there no more. Its history is kept.",
}


def writer_of(asker: Asker) -> SourceSystem:
    """The asker if it may write: source systems only. Raises Forbidden."""
    if not may_contribute(asker):
        raise Forbidden(READ_ONLY)
    return asker


class Writer:
    """Parsing and writing leave the event loop: they take as long as what was sent is large."""

    def __init__(self, writes: WritesDoor, reader: Reader) -> None:
        self._writes = writes
        self._reader = reader
        self._threads = ThreadPoolExecutor(_WRITERS, thread_name_prefix="fhir-write")

    async def one(self, change: Callable[[], Change], by: SourceSystem, *, prefer: str, base: str) -> Response:
        """Carry out one change, made where it may take its time. `prefer`: what to send back (RFC 7240 `return`)."""
        done = await self._aside(lambda: self._writes.write([change()], by=by, atomic=True)[0])
        if done.status == "rejected":
            raise rejection(done)
        told = encode(outcome("information", "informational", _TOLD[done.status]))
        if done.status == "deleted":
            return _response(200, told, {}) if prefer == "operationoutcome" else _response(204, b"", {})
        if done.status == "waiting" or done.id is None:
            return _response(_STATUS["waiting"], told, {})
        headers = {"Location": _location(done, base)}
        if prefer in ("minimal", "operationoutcome"):
            if done.version is not None:
                headers["ETag"] = etag(done.version)
            return _response(_STATUS[done.status], b"" if prefer == "minimal" else told, headers)
        answer = await self._reader.read(done.type, done.id, [], by)
        if answer.version is not None and answer.stored_at is not None:
            headers |= {"ETag": etag(answer.version), "Last-Modified": http_date(answer.stored_at)}
        return _response(_STATUS[done.status], answer.body, headers)

    async def bundle(self, body: bytes, asker: Asker, *, prefer: str, base: str) -> Response:
        """Carry out a batch or a transaction. Of a transaction all entries are done, or none. `prefer` as in `one`, for
        each entry that writes; empty is minimal."""
        may_write = may_contribute(asker)
        kind, steps = await self._aside(lambda: steps_of(parse_from_here(body, base), may_write=may_write))
        if kind == "transaction":
            broken = [(n, step) for n, step in enumerate(steps) if isinstance(step, ConcordError)]
            if broken:
                return _refusal([(step, f"Bundle.entry[{n}]") for n, step in broken])
        changes = [step.change for step in steps if isinstance(step, Write)]
        outcomes: Sequence[Outcome] = ()
        if changes:
            by, atomic = writer_of(asker), kind == "transaction"
            outcomes = await self._aside(lambda: self._writes.write(changes, by=by, atomic=atomic))
        rejected = [each for each in outcomes if each.status == "rejected"]
        if kind == "transaction" and rejected:
            return _refusal([(rejection(each), each.position) for each in to_blame(rejected)])
        in_turn = iter(outcomes)
        answers = [
            await self._preferred(next(in_turn), asker, prefer, base)
            if isinstance(step, Write)
            else await self._unwritten(step, asker, base)
            for step in steps
        ]
        return _response(200, response_bundle(kind, answers), {})

    async def _preferred(self, done: Outcome, asker: Asker, prefer: str, base: str) -> EntryAnswer:
        answer = _written(done, base)
        if prefer == "operationoutcome" and answer.outcome is None:
            return replace(answer, outcome=outcome("information", "informational", _TOLD[done.status]))
        if prefer == "representation" and answer.location is not None and done.id is not None:
            with suppress(NotFound, ItemDeleted):  # deleted since; that it was kept is told all the same
                held = await self._reader.read(done.type, done.id, [], asker)
                return replace(answer, body=held.body, last_modified=held.stored_at)
        return answer

    async def _unwritten(self, step: Read | ConcordError, asker: Asker, base: str) -> EntryAnswer:
        if isinstance(step, ConcordError):
            return _failed(step)
        try:
            answer = await self._reader.get(step.path, step.pairs, asker, base)
        except ConcordError as error:
            return _failed(error)
        version = None if answer.version is None else etag(answer.version)
        known = (
            answer.version is not None
            and answer.stored_at is not None
            and is_known(answer.version, answer.stored_at, step.if_none_match, step.if_modified_since)
        )
        body = None if known or step.bodiless else answer.body
        return EntryAnswer(
            status=_phrase(304 if known else 200), etag=version, last_modified=answer.stored_at, body=body
        )

    async def _aside(self, act: Callable[[], Result]) -> Result:
        # With what the edge noted of the request, for its audit row.
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, act)


def _written(done: Outcome, base: str) -> EntryAnswer:
    if done.status == "rejected":
        refused = rejection(done)
        return EntryAnswer(status=_phrase(status_of(refused)[0]), outcome=outcome_of(refused, done.position))
    if done.status == "waiting":
        return EntryAnswer(status=_phrase(202), outcome=outcome("information", "informational", _WAITS))
    if done.status == "deleted":
        return EntryAnswer(status=_phrase(204))
    version = None if done.version is None else etag(done.version)
    return EntryAnswer(status=_phrase(_STATUS[done.status]), location=_location(done, base), etag=version)


def _failed(error: ConcordError) -> EntryAnswer:
    return EntryAnswer(status=_phrase(status_of(error)[0]), outcome=outcome_of(error))


def _refusal(reasons: Sequence[tuple[ConcordError, str]]) -> Response:
    """A transaction of which nothing was done, and each entry that stood in its way; the first gives the status."""
    issues = [issue for error, entry in reasons for issue in outcome_of(error, entry)["issue"]]
    status = status_of(reasons[0][0])[0]
    return _response(status, encode({"resourceType": "OperationOutcome", "issue": issues}), {})


def _location(done: Outcome, base: str) -> str:
    address = f"{base}/{done.type}/{done.id}"
    return address if done.version is None else f"{address}/_history/{done.version}"


def _response(status: int, body: bytes, headers: dict[str, str]) -> Response:
    return Response(body, status, {**PRIVATE, **headers}, FHIR_JSON if body else None)


def _phrase(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"
