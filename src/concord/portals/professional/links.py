"""The data quality officer's pages: which records may belong together, two of them side by side, and the decision."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from concord.base import Conflict, Incorrect, nhs_number
from concord.portals.professional.differences import Stretch, differences, plain
from concord.portals.professional.portal import Portal
from concord.portals.visits import Visit, go
from concord.record import LinkPair

_NO_NUMBER = "Enter an NHS number: ten digits, the last of which checks the others."


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One line of the comparison; what differs is marked in both. `unsaid`: neither says it."""

    label: str
    one: list[Stretch]
    other: list[Stretch]
    same: bool
    unsaid: bool


async def links_page(portal: Portal, visit: Visit) -> Response:
    """What waits for the viewer, and the form that finds what is linked under a number."""
    return await _list(portal, visit)


async def links_under_number(portal: Portal, visit: Visit) -> Response:
    """Answers the POST itself, so that the number never stands in an address."""
    number = nhs_number(visit.fields.get("number", ""))
    if number is None:
        return await _list(portal, visit, error=_NO_NUMBER, status=400)
    under = portal.door.links.under_number
    sides = await (await run_in_threadpool(under, number, visit.who.viewer)).released()
    return await _list(portal, visit, sides=sides)


async def pair_page(portal: Portal, visit: Visit) -> Response:
    return await _pair(portal, visit)


async def say_link(portal: Portal, visit: Visit) -> Response:
    params, fields = visit.request.path_params, visit.fields
    say, same = portal.door.links.say, fields.get("says") == "same"
    if fields.get("says") not in ("same", "apart"):
        return await _pair(portal, visit, error="Choose whether they are one person.")
    try:
        done = await run_in_threadpool(
            lambda: say(params["one"], params["other"], visit.who.viewer, same=same, why=fields.get("why", ""))
        )
        await done.released()
    except (Incorrect, Conflict) as error:
        return await _pair(portal, visit, error=str(error))
    return go(f"/links/{params['one']}/{params['other']}")


async def _list(portal: Portal, visit: Visit, *, sides: object = None, error: str = "", status: int = 200) -> Response:
    rows = await (await run_in_threadpool(portal.door.links.worklist, visit.who.viewer)).released()
    number = visit.fields.get("number", "")
    return visit.show("links.jinja", status=status, rows=rows, sides=sides, error=error, number=number)


async def _pair(portal: Portal, visit: Visit, *, error: str = "") -> Response:
    params, one = visit.request.path_params, portal.door.links.pair
    pair = await (await run_in_threadpool(one, params["one"], params["other"], visit.who.viewer)).released()
    wrong = "why" if visit.fields.get("says") else "says-same"
    return visit.show(
        "link.jinja", status=400 if error else 200, pair=pair, lines=_lines(pair), error=error, wrong=wrong,
        why=visit.fields.get("why", ""), says=visit.fields.get("says", ""),
    )  # fmt: skip


def _lines(pair: LinkPair) -> list[Compared]:
    told = (
        ("Name", pair.one.name, pair.other.name),
        ("Born", pair.one.born, pair.other.born),
        ("Sex", pair.one.sex, pair.other.sex),
        ("NHS number", pair.one.nhs_number, pair.other.nhs_number),
        ("Tracing", pair.one.tracing, pair.other.tracing),
        ("Address", pair.one.address, pair.other.address),
        ("Died", pair.one.died or "Not said", pair.other.died or "Not said"),
    )
    lines = []
    for label, one, other in told:
        same = one == other
        marked = [plain(one), plain(other)] if same else differences([one, other])
        unsaid = same and one in ("none", "Not said", "Not said of this one", "Not known")
        lines.append(Compared(label=label, one=marked[0], other=marked[1], same=same, unsaid=unsaid))
    return lines
