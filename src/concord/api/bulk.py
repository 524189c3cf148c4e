"""Bulk export and import over HTTP: kick-off, status, cancelling, files.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html; import takes NDJSON in the body, since Concord asks nobody for files.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from concord.api.addresses import base_of
from concord.api.bundles import http_date
from concord.api.doors import AccountsDoor, Bulk
from concord.api.negotiate import asker_of, check_content, check_wanted, query_of
from concord.api.operations import given_once, instant_of, parameters_in, types_of
from concord.api.problems import PRIVATE, Refused
from concord.base import Forbidden, Incorrect, NotFound
from concord.fhir import encode
from concord.governance import SourceSystem
from concord.ingest import COUNTS
from concord.record import Export, Job

Of = Literal["system", "patient", "group"]

NDJSON = "application/fhir+ndjson"
LARGEST_IMPORT = 2 * 1024 * 1024 * 1024
_FORMATS = (NDJSON, "application/ndjson", "ndjson")
_REFUSED = ("_typeFilter", "_elements", "includeAssociatedData", "organizeOutputBy", "allowPartialManifests")
_BLOCK = 1024 * 1024
_PATIENCE_S, _NAP_S = 20.0, 0.05
_ASK_AGAIN_S = 5
_SYSTEMS_ONLY = (
    "Bulk {} is for source systems, of what their own organisation contributed (`concord token --system`). "
    "No agreement opens it to users or apps."
)


class BulkApi:
    """What takes a database or a disk leaves the event loop."""

    def __init__(self, bulk: Bulk, accounts: AccountsDoor) -> None:
        self._bulk = bulk
        self._accounts = accounts

    async def export(self, of: Of, request: Request) -> Response:
        by = await self._system(request, "export")
        pairs = [*check_wanted(request, query_of(request)), *await parameters_in(request)]
        preferred = _preferences(request)
        if "respond-async" not in preferred:
            raise Incorrect("An export is answered later: send the header Prefer: respond-async.")
        wanted = _export_of(of, request, pairs, lenient="handling=lenient" in preferred)
        job = await run_in_threadpool(self._bulk.exports.begin, wanted, by)
        return _accepted(request, job)

    async def take_in(self, request: Request) -> Response:
        """NDJSON in the body. Answered at once when asked to, and when it takes long; else when it is in."""
        by = await self._system(request, "import")
        given = given_once(check_wanted(request, query_of(request)), "$import")
        service = given.pop("service", None)
        if given:
            raise Incorrect("$import takes service, and no other parameter.")
        check_content(request, _FORMATS[:2], f"Send one resource a line, as {NDJSON}, uncompressed and in UTF-8.")
        job, path = await run_in_threadpool(self._bulk.imports.begin, service, by)
        try:
            await _spool(request, path)
        except BaseException:
            await run_in_threadpool(self._bulk.jobs.cancel, job.id, by)
            raise
        job = await run_in_threadpool(self._bulk.imports.start, job)
        loop, until = asyncio.get_running_loop(), asyncio.get_running_loop().time() + _PATIENCE_S
        while "respond-async" not in _preferences(request) and job.state == "under-way" and loop.time() < until:
            await asyncio.sleep(_NAP_S)
            job = await run_in_threadpool(self._bulk.jobs.seen, job.id, by)
        return _accepted(request, job) if job.state == "under-way" else _told(request, job)

    async def status(self, request: Request) -> Response:
        by = await self._owner(request)
        check_wanted(request, query_of(request))
        return _told(request, await run_in_threadpool(self._bulk.jobs.seen, request.path_params["job"], by))

    async def cancel(self, request: Request) -> Response:
        await run_in_threadpool(self._bulk.jobs.cancel, request.path_params["job"], await self._owner(request))
        return Response(b"", 202, PRIVATE)

    async def file(self, request: Request) -> Response:
        by, params = await self._owner(request), request.path_params
        audited = await run_in_threadpool(self._bulk.jobs.file, params["job"], params["file"], by)
        return FileResponse(await audited.released(), headers=PRIVATE, media_type=NDJSON)

    async def _system(self, request: Request, what: str) -> SourceSystem:
        asker = await run_in_threadpool(asker_of, request, self._accounts)
        if not isinstance(asker, SourceSystem):
            raise Forbidden(_SYSTEMS_ONLY.format(what))
        return asker

    async def _owner(self, request: Request) -> SourceSystem:
        """Whoever cannot have a job meets none."""
        asker = await run_in_threadpool(asker_of, request, self._accounts)
        if not isinstance(asker, SourceSystem):
            raise NotFound("There is no such job.")
        return asker


def _export_of(of: Of, request: Request, pairs: list[tuple[str, str]], *, lenient: bool) -> Export:
    """Raises Incorrect for what is not supported, by name; `lenient`: what the guide lets a server leave is left."""
    patients = tuple(value.removeprefix("Patient/") for name, value in pairs if name == "patient")
    given = given_once([pair for pair in pairs if pair[0] != "patient"], "$export")
    if patients and (of == "system" or request.method != "POST"):
        raise Incorrect("patient narrows an export of Patients or of a Group, in the Parameters of a POST.")
    if given.pop("_outputFormat", NDJSON).replace(" ", "+") not in _FORMATS:
        raise Incorrect(f"_outputFormat is {NDJSON}.")
    types, since = types_of(given.pop("_type", None)), given.pop("_since", None)
    refused = [name for name in given if name in _REFUSED]
    if refused and not lenient:
        raise Incorrect(f"{', '.join(refused)} is not supported. Send Prefer: handling=lenient to go without it.")
    if len(refused) < len(given):
        raise Incorrect("$export takes _type, _since, _outputFormat and, of Patients or a Group, patient.")
    return Export(
        of=of,
        group=request.path_params.get("id"),
        patients=patients or None,
        types=None if types is None else tuple(sorted(types)),
        since=None if since is None else instant_of(since, "_since"),
        request=str(request.url),
    )


async def _spool(request: Request, path: Path) -> None:
    """The body into a file. Raises Refused (413), Incorrect when it is no NDJSON."""
    with path.open("r+b") as file:
        held, size, begun = bytearray(), 0, False
        async for chunk in request.stream():
            held += chunk
            size += len(chunk)
            if size > LARGEST_IMPORT:
                raise Refused(413, "too-long", f"An import is larger than {LARGEST_IMPORT:,} bytes. Send it in parts.")
            if not begun and (start := held.lstrip()):
                begun = True
                if not start.startswith(b"{"):
                    raise Incorrect("The body is no NDJSON: each line is one resource, a JSON object.")
            if len(held) >= _BLOCK:
                block, held = bytes(held), bytearray()
                await run_in_threadpool(file.write, block)
        if not begun:
            raise Incorrect("The body is empty. Send one resource a line.")
        await run_in_threadpool(file.write, bytes(held))


def _accepted(request: Request, job: Job) -> Response:
    return Response(b"", 202, {**PRIVATE, "Content-Location": _address(request, job)})


def _told(request: Request, job: Job) -> Response:
    """Where a job stands: under way, failed, or done with what it made."""
    if job.state == "failed":
        raise Refused(500, "exception", str(job.progress.get("reason", "")))
    if job.state != "done":
        done, of = job.progress.get("done", 0), job.progress.get("of")
        far = f"{done} items" if of is None else f"{done} of {of} people"
        return Response(b"", 202, {**PRIVATE, "X-Progress": far, "Retry-After": str(_ASK_AGAIN_S)})
    headers = {**PRIVATE, "Content-Location": _address(request, job), "Expires": http_date(job.ends_at)}
    return Response(encode(_manifest(request, job)), 200, headers, "application/json")


def _manifest(request: Request, job: Job) -> Mapping[str, Any]:
    address = _address(request, job)

    def listed(*, deleted: bool) -> list[dict[str, Any]]:
        files = [each for each in job.files if each.deleted is deleted]
        return [{"type": each.type, "url": f"{address}/{each.name}", "count": each.count} for each in files]

    made = listed(deleted=False)
    imported = job.kind == "import"
    manifest: dict[str, Any] = {
        "transactionTime": job.begun_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "request": f"{base_of(request)}/$import" if imported else job.asked["request"],
        "requiresAccessToken": True,
        "output": [] if imported else made,
        "error": made if imported else [],
    }
    if gone := listed(deleted=True):
        manifest["deleted"] = gone
    if imported:
        manifest["extension"] = {"counts": {name: job.progress[name] for name in COUNTS}}
    return manifest


def _address(request: Request, job: Job) -> str:
    return f"{base_of(request)}/$job/{job.id}"


def _preferences(request: Request) -> set[str]:
    """The preferences of the Prefer header (RFC 7240), in lower case."""
    return {each.strip().lower() for each in request.headers.get("prefer", "").replace(";", ",").split(",")}
