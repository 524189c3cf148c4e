"""`$process-message`: a FHIR message in, its response out (http://hl7.org/fhir/R4/messaging.html).

The same message is answered in the same bytes: what names a response is made from what it answers.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from uuid import NAMESPACE_URL, uuid5

from starlette.responses import Response

from concord.api.addresses import parse_from_here
from concord.api.doors import MessagesDoor
from concord.api.problems import FHIR_JSON, PRIVATE, outcome_of, status_of
from concord.fhir import Resource, encode, outcome
from concord.governance import SourceSystem
from concord.ingest import MessageHeader, Received

_THREADS = 2
_OPERATION = "$process-message"
_REFUSED = 422
_TO_BE_SENT_AGAIN = 503
_FAULT = 500


class MessagesApi:
    """Parsing and writing leave the event loop."""

    def __init__(self, messages: MessagesDoor) -> None:
        self._messages = messages
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="fhir-message")

    async def process(self, body: bytes, by: SourceSystem, base: str) -> Response:
        """Raises Incorrect for what is no message: nobody could be told anything about it."""
        # With what the edge noted of the request, for its audit row.
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, copy_context().run, self._answer, body, by, base
        )

    def _answer(self, body: bytes, by: SourceSystem, base: str) -> Response:
        document = parse_from_here(body, base)
        header = self._messages.header(document)
        try:
            received = self._messages.take(body, document, by)
        except Exception as error:  # whatever fault of ours it is, the sender is told to send the message again
            status, _, headers = status_of(error)
            if status < _FAULT:
                raise
            told = _response(header, "transient-error", by, base, outcome_of(error))
            return _sent(_TO_BE_SENT_AGAIN, told, {"Retry-After": "10", **headers})
        if received.accepted:
            return _sent(200, _response(header, "ok", by, base), {})
        return _sent(_REFUSED, _response(header, "fatal-error", by, base, _why(received)), {})


def _why(received: Received) -> Resource:
    return outcome("error", "processing", ": ".join(part for part in (received.where, received.reason) if part))


def _response(
    header: MessageHeader, code: str, by: SourceSystem, base: str, details: Resource | None = None
) -> Resource:
    def name(part: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{by.organisation} {header.endpoint} {header.id} {code} {part}"))

    response: Resource = {"identifier": header.id, "code": code}
    answer: Resource = {
        "resourceType": "MessageHeader", "id": name("header"), **header.event,
        "destination": [{"endpoint": header.endpoint}],
        "source": {"name": "Concord", "endpoint": f"{base}/{_OPERATION}"}, "response": response,
    }  # fmt: skip
    entries = [{"fullUrl": f"urn:uuid:{name('header')}", "resource": answer}]
    if details is not None:
        response["details"] = {"reference": f"urn:uuid:{name('details')}"}
        entries.append({"fullUrl": f"urn:uuid:{name('details')}", "resource": {**details, "id": name("details")}})
    return {"resourceType": "Bundle", "id": name("bundle"), "type": "message", "entry": entries}


def _sent(status: int, bundle: Resource, headers: dict[str, str]) -> Response:
    return Response(encode(bundle), status, {**PRIVATE, **headers}, FHIR_JSON)
