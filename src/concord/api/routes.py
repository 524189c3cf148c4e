"""The routes of the FHIR API: addresses and methods to what is done, and every error to FHIR's words."""

import re
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from concord.api.addresses import ROOT
from concord.api.bulk import BulkApi
from concord.api.doors import AccountsDoor, Bulk, MessagesDoor, RecordsDoor, WritesDoor
from concord.api.interactions import Interactions
from concord.api.messages import MessagesApi
from concord.api.problems import Refused, problem
from concord.api.reading import Pairs
from concord.api.terminology import OPERATIONS, Operation, TerminologyApi
from concord.base import NotFound
from concord.fhir import NOTHING_KNOWN, Known
from concord.terminology import Terminology

Act = Callable[[Request], Awaitable[Response]]


def fhir_routes(
    records: RecordsDoor,
    writes: WritesDoor,
    accounts: AccountsDoor,
    bulk: Bulk,
    *,
    known: Callable[[], Known] = lambda: NOTHING_KNOWN,
    terminology: Terminology | None = None,
    messages: MessagesDoor | None = None,
) -> list[Route]:
    """The FHIR REST API, at `/fhir`. The last route answers every other address below it.

    `known` gives the profiles and value sets to validate by, as they are loaded now; `terminology` answers for codes;
    `messages` takes in FHIR messages.
    """
    api = Interactions(records, writes, accounts, known, terminology)
    base = ByMethod(GET=api.search_types, POST=api.bundle)
    return [
        Route(f"{ROOT}/metadata", ByMethod(GET=api.metadata)),
        _plain(f"{ROOT}/{{type}}/{{id}}", GET=api.read, PUT=api.update, PATCH=api.patch, DELETE=api.delete),
        _plain(
            f"{ROOT}/{{type}}",
            GET=api.search,
            POST=api.create,
            PUT=api.update,
            PATCH=api.patch,
            DELETE=api.delete,
        ),
        Route(ROOT, base),
        Route(f"{ROOT}/", base),
        *(
            Route(f"{ROOT}/{type_}/{{id}}/$everything", ByMethod(GET=act, POST=act))
            for type_ in ("Patient", "Encounter")
            for act in [partial(api.everything, type_)]
        ),
        Route(f"{ROOT}/Observation/$lastn", ByMethod(GET=api.latest, POST=api.latest)),
        Route(f"{ROOT}/Patient/$match", ByMethod(POST=api.match)),
        Route(f"{ROOT}/Patient/$break-glass", ByMethod(POST=api.break_glass)),
        Route(f"{ROOT}/Patient/$end-break-glass", ByMethod(POST=api.end_break_glass)),
        *_bulk_routes(BulkApi(bulk, accounts)),
        *(
            [Route(f"{ROOT}/$process-message", ByMethod(POST=partial(api.message, MessagesApi(messages))))]
            if messages
            else ()
        ),
        *(_terminology_routes(TerminologyApi(terminology), api.authenticate) if terminology else ()),
        Route(f"{ROOT}/{{type}}/$validate", ByMethod(POST=api.validate)),
        Route(f"{ROOT}/{{type}}/{{id}}/$validate", ByMethod(POST=api.validate)),
        Route(f"{ROOT}/{{type}}/{{id}}/_history/{{version}}", ByMethod(GET=api.read_version)),
        Route(f"{ROOT}/{{type}}/{{id}}/_history", ByMethod(GET=api.history)),
        Route(f"{ROOT}/{{type}}/{{id}}/$meta", ByMethod(GET=api.meta)),
        Route(f"{ROOT}/{{type}}/_history", ByMethod(GET=api.history_of_type)),
        Route(f"{ROOT}/{{type}}/_search", ByMethod(POST=api.search_by_form)),
        Route(f"{ROOT}/_search", ByMethod(POST=api.search_types_by_form)),
        Route(f"{ROOT}/{{owner}}/{{id}}/_search", ByMethod(POST=api.search_compartment_by_form)),
        Route(f"{ROOT}/{{owner}}/{{id}}/{{type}}/_search", ByMethod(POST=api.search_compartment_by_form)),
        Route(f"{ROOT}/{{owner}}/{{id}}/{{type}}", ByMethod(GET=api.search_compartment)),
        _every_other(),
    ]


def _plain(path: str, **acts: Act) -> Route:
    """A route that leaves operations (`$…`) and `_history` and the like to others, so that it may stand before them:
    routes are tried one after another, and what is asked most should not wait for fifty."""
    route = Route(path, ByMethod(**acts))
    route.path_regex = re.compile(route.path_regex.pattern.replace("[^/]+", "[^/$_][^/]*"))
    return route


def _every_other() -> Route:
    """Every address below the API that no other route has; a line break in it, which `path` would not take, too."""
    route = Route(f"{ROOT}/{{path:path}}", NoSuchAddress())
    route.path_regex = re.compile(route.path_regex.pattern, re.DOTALL)
    return route


def _bulk_routes(bulk: BulkApi) -> list[Route]:
    exports: dict[str, Act] = {
        "/$export": partial(bulk.export, "system"),
        "/Patient/$export": partial(bulk.export, "patient"),
        "/Group/{id}/$export": partial(bulk.export, "group"),
    }
    return [
        *(Route(f"{ROOT}{path}", ByMethod(GET=act, POST=act)) for path, act in exports.items()),
        Route(f"{ROOT}/$import", ByMethod(POST=bulk.take_in)),
        Route(f"{ROOT}/$job/{{job}}", ByMethod(GET=bulk.status, DELETE=bulk.cancel)),
        Route(f"{ROOT}/$job/{{job}}/{{file}}", ByMethod(GET=bulk.file)),
    ]


def _terminology_routes(
    terminology: TerminologyApi, authenticate: Callable[[Request], Awaitable[Pairs]]
) -> list[Route]:
    def act(operation: Operation, request: Request) -> Awaitable[Response]:
        return terminology.answer(operation, request, authenticate)

    return [
        Route(f"{ROOT}/{path}", ByMethod(GET=partial(act, operation), POST=partial(act, operation)))
        for path, operation in OPERATIONS.items()
    ]


class ByMethod:
    """An ASGI endpoint with one act for each method. HEAD is GET without the body."""

    def __init__(self, **acts: Act) -> None:
        self._acts = acts | ({"HEAD": acts["GET"]} if "GET" in acts else {})
        self._refusal = Refused(
            405, "not-supported", f"This address takes {', '.join(self._acts)} only.",
            {"Allow": ", ".join(self._acts)},
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            act = self._acts.get(request.method)
            response = problem(self._refusal) if act is None else await act(request)
        except Exception as error:  # noqa: BLE001 - every error has an answer; what nobody raised on purpose is logged
            response = problem(error)
        if request.method == "HEAD":
            response.body = b""  # the headers, Content-Length among them, stay those of GET
        await response(scope, receive, send)


class NoSuchAddress:
    """Answers as for an item that is absent, by whatever method."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await problem(NotFound("No route has this address."))(scope, receive, send)
