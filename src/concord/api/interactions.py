"""What each interaction of the FHIR API takes from a request, whom it asks, and how it answers."""

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from concord.api import own_word
from concord.api.addresses import base_of, parse_from_here
from concord.api.bundles import etag, http_date
from concord.api.capability import capability_statement
from concord.api.doors import AccountsDoor, RecordsDoor, WritesDoor
from concord.api.messages import MessagesApi
from concord.api.negotiate import (
    LARGEST_FORM,
    asker_of,
    check_wanted,
    form_body,
    is_known,
    json_body,
    only_new,
    patch_body,
    preference,
    preferred,
    query_of,
    version_named,
)
from concord.api.operations import parameters_in
from concord.api.problems import FHIR_JSON, PRIVATE
from concord.api.reading import Answer, Pairs, Reader, check_type
from concord.api.timing import note_timings
from concord.api.transactions import is_id, submission_of
from concord.api.validating import Validator
from concord.api.writing import Writer, writer_of
from concord.base import Incorrect, NotFound
from concord.fhir import Known, encode, read_patch
from concord.fhir.searches import ANY_TYPE, COMPARTMENTS, Compartment
from concord.governance import Asker, SourceSystem
from concord.record import Deletion, Patch
from concord.terminology import Terminology

_BODY = "The body"
_CONDITIONS = ("if-match", "if-none-match", "if-none-exist", "if-modified-since", "if-unmodified-since")


class Interactions:
    """One act for each interaction and operation: a request in, its answer out. Raises what `problem` puts in words."""

    def __init__(
        self,
        records: RecordsDoor,
        writes: WritesDoor,
        accounts: AccountsDoor,
        known: Callable[[], Known],
        terminology: Terminology | None,
    ) -> None:
        self._accounts = accounts
        self._records = records
        self._reader = Reader(records, terminology)
        self._writer = Writer(writes, self._reader)
        self._validator = Validator(known)
        self._capability = encode(capability_statement())

    async def metadata(self, request: Request) -> Response:
        check_wanted(request, query_of(request))
        return Response(self._capability, 200, {"X-Content-Type-Options": "nosniff"}, FHIR_JSON)

    async def authenticate(self, request: Request) -> Pairs:
        """The parameters of the address, of somebody who may ask at all."""
        _, pairs = await self._begin(request)
        return pairs

    async def read(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        type_, id_ = request.path_params["type"], _id(request)
        return _sent(request, await self._reader.read(type_, id_, pairs, asker))

    async def read_version(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        type_, version = request.path_params["type"], request.path_params["version"]
        return _sent(request, await self._reader.version(type_, _id(request), version, pairs, asker))

    async def history(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        type_, id_ = request.path_params["type"], _id(request)
        return _sent(request, await self._reader.history(type_, id_, pairs, asker, base_of(request)))

    async def history_of_type(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        return _sent(
            request, await self._reader.history(request.path_params["type"], None, pairs, asker, base_of(request))
        )

    async def meta(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        return _sent(request, await self._reader.meta(request.path_params["type"], _id(request), pairs, asker))

    async def everything(self, type_: str, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        pairs += await parameters_in(request)
        return _sent(request, await self._reader.everything(type_, _id(request), pairs, asker, base_of(request)))

    async def latest(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        pairs += await parameters_in(request)
        return _sent(request, await self._reader.latest(pairs, asker, base_of(request)))

    async def match(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        if pairs:
            raise Incorrect("$match takes its parameters in the body, as a Parameters resource.")
        body = await json_body(request, largest=LARGEST_FORM)
        return _sent(request, await self._reader.match(body, asker, base_of(request)))

    async def break_glass(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        viewer = own_word.breaking(asker, "$break-glass")
        pairs += await parameters_in(request)
        return _sent(request, Answer(body=await own_word.begin(self._records, viewer, pairs)))

    async def end_break_glass(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        viewer = own_word.breaking(asker, "$end-break-glass")
        pairs += await parameters_in(request)
        return _sent(request, Answer(body=await run_in_threadpool(own_word.end, self._records, viewer, pairs)))

    async def search(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        return await self._found(request, request.path_params["type"], pairs, asker)

    async def search_by_form(self, request: Request) -> Response:
        asker, pairs = await self._begin_form(request)
        return await self._found(request, request.path_params["type"], pairs, asker)

    async def search_types(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        return await self._found(request, "", pairs, asker)

    async def search_types_by_form(self, request: Request) -> Response:
        asker, pairs = await self._begin_form(request)
        return await self._found(request, "", pairs, asker)

    async def search_compartment(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        return await self._found(request, request.path_params["type"], pairs, asker, _compartment(request))

    async def search_compartment_by_form(self, request: Request) -> Response:
        asker, pairs = await self._begin_form(request)
        type_ = request.path_params.get("type", ANY_TYPE)
        return await self._found(request, type_, pairs, asker, _compartment(request))

    async def create(self, request: Request) -> Response:
        by, type_ = await self._begin_write(request, "if-none-exist")
        if_none_exist, base = _only_if_none(request), base_of(request)
        body = await json_body(request)
        return await self._writer.one(
            lambda: submission_of(
                parse_from_here(body, base), type_, None, position=_BODY, if_none_exist=if_none_exist
            ),
            by, prefer=preferred(request), base=base,
        )  # fmt: skip

    async def update(self, request: Request) -> Response:
        by, type_ = await self._begin_write(request, "if-match", "if-none-match")
        id_, criteria = _meant(request)
        if_match, new, base = _if_match(request), only_new(request.headers.get("if-none-match")), base_of(request)
        body = await json_body(request)
        return await self._writer.one(
            lambda: submission_of(
                parse_from_here(body, base), type_, id_, position=_BODY, criteria=criteria, if_match=if_match,
                only_new=new,
            ),
            by, prefer=preferred(request), base=base,
        )  # fmt: skip

    async def patch(self, request: Request) -> Response:
        by, type_ = await self._begin_write(request, "if-match")
        id_, criteria = _meant(request)
        if_match = _if_match(request)
        body = await patch_body(request)
        return await self._writer.one(
            lambda: Patch(
                type=type_, operations=read_patch(body), source_id=id_, criteria=criteria, if_match=if_match
            ),
            by, prefer=preferred(request), base=base_of(request),
        )  # fmt: skip

    async def delete(self, request: Request) -> Response:
        by, type_ = await self._begin_write(request, "if-match")
        id_, criteria = _meant(request)
        deletion = Deletion(type=type_, source_id=id_, criteria=criteria, if_match=_if_match(request))
        return await self._writer.one(lambda: deletion, by, prefer=preferred(request), base=base_of(request))

    async def validate(self, request: Request) -> Response:
        """Judges what was sent and looks nothing up: the answer is the same whoever asks, whatever is held."""
        _, pairs = await self._begin(request)
        type_ = request.path_params["type"]
        check_type(type_)
        id_ = _id(request) if "id" in request.path_params else None
        told = await self._validator.outcome(type_, id_, await json_body(request), pairs, base_of(request))
        return Response(encode(told), 200, PRIVATE, FHIR_JSON)

    async def bundle(self, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        _none(pairs)
        prefer, base = preference(request, "return"), base_of(request)
        return await self._writer.bundle(await json_body(request), asker, prefer=prefer, base=base)

    async def message(self, messages: MessagesApi, request: Request) -> Response:
        asker, pairs = await self._begin(request)
        by = writer_of(asker)
        if pairs:
            raise Incorrect("$process-message takes no parameters: it answers at once (not async), to whoever asks.")
        return await messages.process(await json_body(request), by, base_of(request))

    async def _begin(self, request: Request) -> tuple[Asker, Pairs]:
        """Who asks, and the parameters of the address; before anything else is looked at."""
        asker = await self._reader.shortly(lambda: asker_of(request, self._accounts))
        return asker, check_wanted(request, query_of(request))

    async def _begin_form(self, request: Request) -> tuple[Asker, Pairs]:
        """As `_begin`; the parameters of the form count like those of the address, `_format` among them."""
        asker = await self._reader.shortly(lambda: asker_of(request, self._accounts))
        return asker, check_wanted(request, [*query_of(request), *await form_body(request)])

    async def _found(
        self, request: Request, type_: str, pairs: Pairs, asker: Asker, compartment: Compartment | None = None
    ) -> Response:
        lenient = preference(request, "handling") == "lenient"
        answer = await self._reader.search(
            type_, pairs, asker, base_of(request), lenient=lenient, compartment=compartment
        )
        return _sent(request, answer)

    async def _begin_write(self, request: Request, *conditions: str) -> tuple[SourceSystem, str]:
        """Who writes, and of which type. Raises Incorrect for a condition that would be ignored."""
        asker, _ = await self._begin(request)
        by, type_ = writer_of(asker), request.path_params["type"]
        check_type(type_)
        for header in _CONDITIONS:
            if header in request.headers and header not in conditions:
                raise Incorrect(f"{header} is not supported on this request, so nothing was written.")
        return by, type_


def _sent(request: Request, answer: Answer) -> Response:
    note_timings(request.scope, answer.timings)
    headers = dict(PRIVATE)
    if answer.version is not None and answer.stored_at is not None:
        headers |= {"ETag": etag(answer.version), "Last-Modified": http_date(answer.stored_at)}
        conditions = (request.headers.get(header) for header in ("if-none-match", "if-modified-since"))
        if is_known(answer.version, answer.stored_at, *conditions):
            return Response(b"", 304, headers)
    return Response(answer.body, 200, headers, FHIR_JSON)


def _id(request: Request) -> str:
    """The id in the address. What no id can be is absent, and answers so."""
    id_: str = request.path_params["id"]
    if not is_id(id_):
        raise NotFound("No id is written like this.")
    return id_


def _none(pairs: Pairs) -> None:
    if any(name != "_format" for name, _ in pairs):
        raise Incorrect("A write takes no parameters in its address.")


def _meant(request: Request) -> tuple[str | None, str | None]:
    """The id in the address, or else the condition that says which item is meant. Raises Incorrect, NotFound."""
    if "id" in request.path_params:
        _none(query_of(request))
        return _id(request), None
    criteria = _criteria(request)
    if criteria is None:
        raise Incorrect("Say which item is meant: by its id in the address, or by a condition such as ?identifier=…")
    return None, criteria


def _criteria(request: Request) -> str | None:
    """The condition in the address, as it was written where it can be; None where there is none."""
    sent = query_of(request)
    pairs = [(name, value) for name, value in sent if name != "_format"]
    if not pairs:
        return None
    return urlencode(pairs) if len(pairs) < len(sent) else str(request.scope["query_string"].decode("latin-1"))


def _only_if_none(request: Request) -> str | None:
    """The condition of a create: the header, or the query that some clients send in its stead. Raises Incorrect."""
    header, query = request.headers.get("if-none-exist"), _criteria(request)
    if header is not None and query is not None:
        raise Incorrect("The condition of a create stands in If-None-Exist or in the address, not in both.")
    return query if header is None else header


def _if_match(request: Request) -> str | None:
    header = request.headers.get("if-match")
    return None if header is None else version_named(header)


def _compartment(request: Request) -> Compartment:
    owner = request.path_params["owner"]
    if owner not in COMPARTMENTS:
        raise NotFound("No route has this address.")
    return Compartment(type=owner, id=_id(request))
