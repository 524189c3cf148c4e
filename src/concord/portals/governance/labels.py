"""Labels under review: words that suggest more, a person's items, one item with its labels and why, and corrections."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.responses import Response

from concord.base import Incorrect, nhs_number
from concord.portals.audited import Audited
from concord.portals.governance.portal import Portal
from concord.portals.visits import Visit, go
from concord.record import ItemInReview, ItemLine, LabelOverview
from concord.terminology import Label

_NO_NUMBER = "Enter an NHS number: ten digits, the last of which checks the others."


async def labels_page(portal: Portal, visit: Visit) -> Response:
    """What waits for review, and the form that finds one person's items."""
    return await _list(portal, visit)


async def labels_under_number(portal: Portal, visit: Visit) -> Response:
    """Answers the POST itself, so that the number never stands in an address."""
    number = nhs_number(visit.fields.get("number", ""))
    if number is None:
        return await _list(portal, visit, error=_NO_NUMBER, status=400)
    under: Sequence[ItemLine] = await _asked(portal, portal.labels.under_number, number, visit.who.viewer)
    return await _list(portal, visit, under=under)


async def item_labels_page(portal: Portal, visit: Visit) -> Response:
    return await _item(portal, visit)


async def correct_labels(portal: Portal, visit: Visit) -> Response:
    """One thing said of one label; or that the words found mean nothing sensitive."""
    params, fields, viewer = visit.request.path_params, visit.fields, visit.who.viewer
    type_, id_ = params["type"], params["id"]
    if fields.get("says") == "nothing-sensitive":
        await _asked(portal, portal.labels.nothing_sensitive, type_, id_, viewer)
        return go("/labels")
    try:
        await _asked(
            portal, portal.labels.say, type_, id_, viewer, label=fields.get("label", ""),
            says=fields.get("says", ""), mistake=fields.get("mistake") == "yes", why=fields.get("why", ""),
        )  # fmt: skip
    except Incorrect as error:
        return await _item(portal, visit, error=error.message)
    return go(f"/labels/{type_}/{id_}")


async def _list(
    portal: Portal, visit: Visit, *, under: Sequence[ItemLine] | None = None, error: str = "", status: int = 200
) -> Response:
    asked = visit.request.query_params
    label = next((each for each in Label if each == asked.get("label")), None)
    newest = asked.get("order") == "newest"
    overview: LabelOverview = await _asked(portal, portal.labels.overview, visit.who.viewer, label)
    waiting: Sequence[ItemLine] = await _asked(portal, portal.labels.waiting, visit.who.viewer, label, newest=newest)
    return visit.show(
        "labels.jinja", status=status, overview=overview, waiting=waiting, label=label, newest=newest, under=under,
        number=visit.fields.get("number", ""), error=error,
    )  # fmt: skip


async def _item(portal: Portal, visit: Visit, *, error: str = "") -> Response:
    params, typed = visit.request.path_params, visit.fields
    item: ItemInReview = await _asked(portal, portal.labels.item, params["type"], params["id"], visit.who.viewer)
    return visit.show("label_item.jinja", status=400 if error else 200, item=item, error=error, typed=typed)


async def _asked(portal: Portal, question: Callable[..., Audited[Any]], *given: Any, **named: Any) -> Any:
    """What a question about people is answered, once its row of the audit is durable."""
    audited = await portal.ask(question, *given, **named)
    released: Awaitable[Any] = audited.released()
    return await released
