"""The pages about one person: the summary, a document, who looked; or why the record is shut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from starlette.responses import Response

from concord.base import NotFound, PersonId
from concord.portals.professional.page_of_record import RecordPage, page_of
from concord.portals.professional.portal import Portal
from concord.portals.visits import Visit
from concord.record import Look, OpenRecord, ShutRecord


async def summary_page(portal: Portal, visit: Visit) -> Response:
    opened = await _open(portal, visit)
    if isinstance(opened, ShutRecord):
        return _shut(visit, opened)
    return visit.show("record.jinja", page=_page(visit, opened), person=visit.request.path_params["person"])


async def document_page(portal: Portal, visit: Visit) -> Response:
    """One document's text. Raises NotFound for an item that is no document, or not open to the viewer."""
    opened = await _open(portal, visit)
    if isinstance(opened, ShutRecord):
        return _shut(visit, opened)
    wanted = visit.request.path_params["item"]
    documents = (*opened.summary.documents.entries, *opened.summary.documents.more)
    entry = next((entry for entry in documents if any(source.id == wanted for source in entry.sources)), None)
    if entry is None:
        raise NotFound("There is no such document")
    page, person = _page(visit, opened), visit.request.path_params["person"]
    return visit.show("document.jinja", page=page, person=person, entry=entry)


async def who_looked_page(portal: Portal, visit: Visit) -> Response:
    looks = await portal.door.who_looked(_person(visit), visit.who.viewer).released()
    return visit.show("who_looked.jinja", looks=looks, rows=_rows(looks.looks))


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A look, and how many times it stands one after the other in the same minute with nothing different."""

    look: Look
    times: int


def _rows(looks: Sequence[Look]) -> list[Row]:
    alike = groupby(looks, key=lambda look: replace(look, at=look.at.replace(second=0, microsecond=0)))
    return [Row(look=look, times=len(list(same))) for look, same in alike]


async def _open(portal: Portal, visit: Visit) -> OpenRecord | ShutRecord:
    return await portal.door.open(_person(visit), visit.who.viewer).released()


def _page(visit: Visit, opened: OpenRecord) -> RecordPage:
    return page_of(opened, visit.who.viewer.organisation)


def _person(visit: Visit) -> PersonId:
    return PersonId(visit.request.path_params["person"])


def _shut(visit: Visit, shut: ShutRecord) -> Response:
    return visit.show("shut.jinja", status=403, shut=shut)
