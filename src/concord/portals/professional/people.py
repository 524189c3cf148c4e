"""Finding a person, and the lists of people that someone works from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from concord.base import PersonId
from concord.governance import PATIENT
from concord.portals.professional.differences import Stretch, differences, plain
from concord.portals.professional.portal import Portal
from concord.portals.professional.search_form import BLANK, SearchForm, read_search
from concord.portals.ui.words import LONDON
from concord.portals.visits import Visit, go
from concord.record import FoundPerson, ListRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A person found, what differs from the others marked. `shares_number`: another found has the same NHS number."""

    found: FoundPerson
    name: list[Stretch]
    born: list[Stretch]
    nhs_number: list[Stretch]
    shares_number: bool


async def find_page(portal: Portal, visit: Visit) -> Response:
    """The form, and the viewer's lists; the agreements, links to review, feeds, or counts, for who works with these and
    finds nobody; their own record for a patient."""
    if visit.who.viewer.role == PATIENT:
        return go("/my-record")
    if visit.who.reads_agreements and not visit.who.may_trace:
        return go("/agreements")
    if visit.who.reviews_links and not visit.who.may_trace:
        return go("/links")
    if visit.who.runs_programme and not visit.who.may_trace:
        return go("/programme")
    if visit.who.counts_people and not visit.who.may_trace:
        return go("/population")
    return await _show(portal, visit, BLANK, key=None)


async def list_page(portal: Portal, visit: Visit) -> Response:
    return await _show(portal, visit, BLANK, key=visit.request.path_params["key"])


async def find_person(portal: Portal, visit: Visit) -> Response:
    """Answers the POST itself, so that what was typed never stands in an address."""
    today = portal.clock.now().astimezone(LONDON).date()
    form = read_search(visit.fields, today)
    if form.query is None:
        return visit.show("find.jinja", status=400, form=form, hits=None, worklists=None, alike=(), changed_links=())
    found = await portal.door.find(form.query, visit.who.viewer).released()
    return visit.show("find.jinja", form=form, hits=_hits(list(found)), worklists=None, alike=(), changed_links=())


def same_names(rows: Sequence[ListRow]) -> frozenset[PersonId]:
    """Those of a list whose family and first name somebody else on it has too."""
    names = {row.person: row.name.casefold().replace(",", "").split()[:2] for row in rows}
    counted = Counter(tuple(name) for name in names.values())
    return frozenset(person for person, name in names.items() if counted[tuple(name)] > 1)


async def _show(portal: Portal, visit: Visit, form: SearchForm, key: str | None) -> Response:
    worklists = await portal.door.lists(visit.who.viewer, key).released()
    alike = same_names(worklists.rows)
    changed = await run_in_threadpool(portal.door.changed_links, visit.who.viewer)
    return visit.show("find.jinja", form=form, hits=None, worklists=worklists, alike=alike, changed_links=changed)


def _hits(found: list[FoundPerson]) -> list[Hit]:
    """The living are compared with each other; whoever died says so on a line of their own."""
    carried = Counter(person.nhs_number for person in found if person.nhs_number)
    living = [person for person in found if not person.died]
    names = dict(zip(living, differences([person.name for person in living]), strict=True))
    births = dict(zip(living, differences([person.born for person in living]), strict=True))
    numbers = dict(zip(living, differences([person.nhs_number for person in living]), strict=True))
    return [
        Hit(
            found=person,
            name=names.get(person) or plain(person.name),
            born=births.get(person) or plain(person.born),
            nhs_number=numbers.get(person) or plain(person.nhs_number),
            shares_number=carried[person.nhs_number] > 1,
        )
        for person in found
    ]
