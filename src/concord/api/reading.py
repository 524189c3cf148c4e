"""Read, search and `$everything`: asked of the record, answered in bytes. The same for a request and a batch entry."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from concord.api.addresses import relative
from concord.api.bundles import count_only, history_set, search_set
from concord.api.doors import Audited, Found, RecordsDoor
from concord.api.loaded import after_loaded, joined, loaded_page
from concord.api.matching import match_asked, match_set
from concord.api.operations import given_once, latest_of, span_of, wanted_of
from concord.base import STOP, Incorrect, NotFound
from concord.fhir import RESOURCE_TYPES, Resource, Search, encode, parse, parse_search
from concord.fhir.searches import ANY_TYPE, COMPARTMENTS, Compartment, parse_part, subset
from concord.governance import Asker, SourceSystem
from concord.record import Past
from concord.terminology import KINDS, Terminology

Pairs = list[tuple[str, str]]
Result = TypeVar("Result")

MOST_A_PAGE = 1000
PAGE = "_page"  # carries the sealed content of a `next` link
_ASKING_TERMINOLOGY = ("in", "not-in", "above", "below")
_READERS = 4  # a search scans; on its own thread it holds nobody else up


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """JSON to send. Of a single item its version and when that was stored."""

    body: bytes
    version: str | None = None
    stored_at: datetime | None = None
    timings: Mapping[str, float] = field(default_factory=dict)


class Reader:
    """Every answer is released only when its audit row is durable. Raises NotFound for absent and hidden alike."""

    def __init__(self, records: RecordsDoor, terminology: Terminology | None = None) -> None:
        self._records = records
        self._terminology = terminology
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="fhir-read")

    async def get(self, path: tuple[str, ...], pairs: Pairs, asker: Asker, base: str) -> Answer:
        """What a GET of a path answers, by its steps: for an entry of a batch. Raises Incorrect for another path."""
        match path:
            case (type_,):
                return await self.search(type_, pairs, asker, base)
            case ("Patient" | "Encounter" as type_, id_, "$everything"):
                return await self.everything(type_, id_, pairs, asker, base)
            case (type_, id_, "$meta"):
                return await self.meta(type_, id_, pairs, asker)
            case (type_, "_history"):
                return await self.history(type_, None, pairs, asker, base)
            case (type_, id_, "_history"):
                return await self.history(type_, id_, pairs, asker, base)
            case (type_, id_, "_history", version):
                return await self.version(type_, id_, version, pairs, asker)
            case (type_, id_):
                return await self.read(type_, id_, pairs, asker)
            case (owner, id_, type_) if owner in COMPARTMENTS and not type_.startswith(("$", "_")):
                compartment = Compartment(type=owner, id=id_)
                return await self.search(type_, pairs, asker, base, compartment=compartment)
        raise Incorrect("request.url: this is not an address of this API. Send it relative to the base address.")

    async def read(self, type_: str, id_: str, pairs: Pairs, asker: Asker) -> Answer:
        """One item, or the part of it that `_summary` or `_elements` ask for."""
        check_type(type_)
        part = parse_part(pairs)
        if type_ in KINDS and (loaded := await self._loaded(type_, id_)) is not None:
            return Answer(body=encode(loaded if part is None else subset(loaded, *part)))
        audited = await self.shortly(lambda: self._records.read(type_, id_, asker))
        item = await audited.released()
        body = item.wire if part is None else encode(subset(parse(item.wire), *part))
        return Answer(body=body, version=item.version, stored_at=item.stored_at, timings=audited.timings)

    async def version(self, type_: str, id_: str, version: str, pairs: Pairs, asker: Asker) -> Answer:
        """One version of an item."""
        check_type(type_)
        _none_left(pairs)
        audited = await self._aside(lambda: self._records.version(type_, id_, version, asker))
        item = await audited.released()
        return Answer(body=item.wire, version=item.version, stored_at=item.stored_at, timings=audited.timings)

    async def history(self, type_: str, id_: str | None, pairs: Pairs, asker: Asker, base: str) -> Answer:
        """The versions of an item; without `id_` those of all items of the type that a source system contributed."""
        check_type(type_)
        at = f"/{type_}/_history" if id_ is None else f"/{type_}/{id_}/_history"
        asked = self._asked(pairs, at, asker)
        given = given_once(asked, "a history")
        count, page = _count(given.pop("_count", None)), given.pop(PAGE, None)
        since, held_at = given.pop("_since", None), given.pop("_at", None)
        _none_left(list(given.items()))
        past = Past(
            since=None if since is None else span_of(since, "_since")[0],
            during=None if held_at is None else span_of(held_at, "_at"),
        )
        audited = await self._aside(lambda: self._records.history(type_, id_, asker, past=past, count=count, page=page))
        found = await audited.released()
        body = history_set(
            found, base=base, self_url=_with(base + at, pairs), next_url=self._next(base, at, asked, found.next, asker)
        )
        return Answer(body=body, timings=audited.timings if found.versions else {})

    async def meta(self, type_: str, id_: str, pairs: Pairs, asker: Asker) -> Answer:
        """`$meta` of an item: what this asker sees as its meta."""
        _none_left(pairs)
        item = await self.read(type_, id_, [], asker)
        part = {"name": "return", "valueMeta": parse(item.body)["meta"]}
        return replace(item, body=encode({"resourceType": "Parameters", "parameter": [part]}))

    async def search(
        self,
        type_: str,
        pairs: Pairs,
        asker: Asker,
        base: str,
        *,
        lenient: bool = False,
        compartment: Compartment | None = None,
    ) -> Answer:
        """A searchset of one type, or ("" or "*") of those that `_type` names.

        Raises Incorrect, naming a parameter that is not supported; `lenient`: such are passed over, and the link to
        this answer leaves them out.
        """
        if type_ not in ("", ANY_TYPE):
            check_type(type_)
        at = f"/{type_}" if compartment is None else f"/{compartment.type}/{compartment.id}/{type_}"
        asked = self._asked(pairs, at, asker)
        search = await self._parsed(type_, relative(asked, base), lenient, compartment)
        pairs, asked = ([pair for pair in each if pair[0] not in search.ignored] for each in (pairs, asked))
        found, timings = await self._found(search, asker)
        if search.summary == "count" and found.total is not None:
            body = count_only(found.total, _with(base + at, pairs))
        else:
            following = self._next(base, at, asked, found.next, asker)
            body = search_set(found, base=base, self_url=_with(base + at, pairs), next_url=following)
        return Answer(body=body, timings=timings)

    async def _found(self, search: Search, asker: Asker) -> tuple[Found, Mapping[str, float]]:
        """A page, and where the time went. What was loaded is everybody's; what a source contributed is its own."""
        if search.type not in KINDS or search.compartment is not None or self._terminology is None:
            audited = await self._aside(lambda: self._records.search(search, asker))
            found = await audited.released()
            return found, _parts(audited, found)
        terminology = self._terminology
        first = await self._aside(lambda: loaded_page(terminology, search))
        if not isinstance(asker, SourceSystem):
            if first.of_others:
                raise Incorrect("This page link does not belong to this search. Start the search again.")
            return first, {}
        rest = after_loaded(search, first)
        own = await (await self._aside(lambda: self._records.search(rest, asker))).released()
        return joined(first, own), {}

    async def _loaded(self, type_: str, id_: str) -> Resource | None:
        """What was loaded under an id."""
        if self._terminology is None:
            return None
        terminology = self._terminology
        return await self._aside(lambda: terminology.resource(type_, id_))

    async def _parsed(self, type_: str, pairs: Pairs, lenient: bool, compartment: Compartment | None) -> Search:
        """Parsed at once, unless terminology is to be asked: that leaves the event loop free."""

        def parsed() -> Search:
            return parse_search(type_, pairs, lenient=lenient, expansions=self._terminology, compartment=compartment)

        asks = any(name.rpartition(":")[2] in _ASKING_TERMINOLOGY for name, _ in pairs)
        return await self._aside(parsed) if asks else parsed()

    async def everything(self, type_: str, id_: str, pairs: Pairs, asker: Asker, base: str) -> Answer:
        """All that the asker may see of a person (for a source system, of its source patient), or of an encounter."""
        at = f"/{type_}/{id_}/$everything"
        asked = self._asked(pairs, at, asker)
        given = given_once(asked, "$everything")
        count, page = _count(given.pop("_count", None)), given.pop(PAGE, None)
        wanted = wanted_of(given)
        audited = await self._aside(
            lambda: self._records.everything(id_, asker, type_=type_, wanted=wanted, count=count, page=page)
        )
        found = await audited.released()
        following = self._next(base, at, asked, found.next, asker)
        body = search_set(found, base=base, self_url=_with(base + at, pairs), next_url=following)
        return Answer(body=body, timings=_parts(audited, found))

    async def latest(self, pairs: Pairs, asker: Asker, base: str) -> Answer:
        """The latest Observations of each kind of a person."""
        patient, rest, most = latest_of(relative(pairs, base))
        criteria = parse_search("Observation", rest).criteria
        audited = await self._aside(lambda: self._records.latest(patient, criteria, asker, most=most))
        found = await audited.released()
        body = search_set(found, base=base, self_url=_with(f"{base}/Observation/$lastn", pairs), next_url=None)
        return Answer(body=body, timings=_parts(audited, found))

    async def match(self, body: bytes, asker: Asker, base: str) -> Answer:
        """The Patients that the one in hand may mean, graded."""
        patient, certain, count = match_asked(body)
        audited = await self._aside(lambda: self._records.match(patient, asker, certain=certain, count=count))
        return Answer(body=match_set(await audited.released(), base))

    def _asked(self, pairs: Pairs, at: str, asker: Asker) -> Pairs:
        """What is asked: of a page link, what it was made of. Raises Incorrect for a link that is not alone."""
        link = next((value for name, value in pairs if name == PAGE), None)
        if link is None:
            return pairs
        if len(pairs) > 1:
            raise Incorrect("A page link is followed as it was given: it takes no other parameter.")
        asked, token = self._records.page_links.asked_by(link, at, asker)
        return [*asked, (PAGE, token)]

    def _next(self, base: str, at: str, asked: Pairs, token: str | None, asker: Asker) -> str | None:
        """The link to the next page. It repeats nothing of what was asked, which may name a person."""
        if token is None:
            return None
        first = [pair for pair in asked if pair[0] != PAGE]
        return _with(base + at, [(PAGE, self._records.page_links.link(first, token, at, asker))])

    async def shortly(self, act: Callable[[], Result]) -> Result:
        """What takes less time than handing it to a thread is done at once, unless it waits for another process."""
        return await self._aside(act) if self._records.waits else act()

    async def _aside(self, act: Callable[[], Result]) -> Result:
        """In a thread of its own, which hears when the client leaves; what has not begun by then never does."""
        work = copy_context()

        def unless_left() -> Result:
            stop = STOP.get()
            if stop is not None:
                stop.check()
            return act()

        return await asyncio.get_running_loop().run_in_executor(self._threads, work.run, unless_left)


def check_type(type_: str) -> None:
    if type_ not in RESOURCE_TYPES:
        raise NotFound("FHIR R4 has no such resource type.")


def _parts(audited: Audited[Found], found: Found) -> Mapping[str, float]:
    """Where nothing is shown, no parts: that a decision took time would tell that there is somebody to decide about."""
    return audited.timings if found.items else {}


def _with(url: str, pairs: Pairs) -> str:
    return f"{url}?{urlencode(pairs)}" if pairs else url


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10):
        raise Incorrect(f"_count is a whole number; more than {MOST_A_PAGE} give pages of {MOST_A_PAGE}.")
    return min(int(text), MOST_A_PAGE)


def _none_left(pairs: Pairs) -> None:
    if pairs:
        raise Incorrect("This request takes no such parameter. Leave out what FHIR does not define for it here.")
