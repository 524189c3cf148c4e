"""The addresses of the portal. A person stands in them under an opaque id alone, never a number or a name."""

from starlette.routing import BaseRoute, Route

from concord.base import Clock, IdSource
from concord.portals.professional.alerts import alert_page, alerts_page, review_alert
from concord.portals.professional.doors import MessagesDoor, ProfessionalDoor
from concord.portals.professional.links import links_page, links_under_number, pair_page, say_link
from concord.portals.professional.messages import message_page
from concord.portals.professional.own_word import begin, end, own_word_page
from concord.portals.professional.people import find_page, find_person, list_page
from concord.portals.professional.portal import Portal
from concord.portals.professional.record_page import document_page, summary_page, who_looked_page
from concord.portals.professional.sign_in import (
    choose_display,
    link_page,
    pick_user,
    sign_in_page,
    sign_out,
    use_link,
)
from concord.portals.visits import AccountsDoor, anyone, assets, signed_in


def professional_routes(
    door: ProfessionalDoor, messages: MessagesDoor, accounts: AccountsDoor, *, clock: Clock, ids: IdSource
) -> list[BaseRoute]:
    """All pages of the portal, and the style sheets. Raises Unavailable when set-up has not fetched a style sheet."""
    portal = Portal(door=door, messages=messages, accounts=accounts, clock=clock, ids=ids)
    link = "/sign-in/link/{token}"
    return [
        assets().route(),
        Route("/sign-in", anyone(portal, sign_in_page), methods=["GET"]),
        Route("/sign-in", anyone(portal, pick_user), methods=["POST"]),
        Route(link, anyone(portal, link_page), methods=["GET"]),
        Route(link, anyone(portal, use_link), methods=["POST"]),
        Route("/sign-out", signed_in(portal, sign_out), methods=["POST"]),
        Route("/display", signed_in(portal, choose_display), methods=["POST"]),
        Route("/", signed_in(portal, find_page), methods=["GET"]),
        Route("/find", signed_in(portal, find_page), methods=["GET"]),  # for whoever reloads a search
        Route("/find", signed_in(portal, find_person), methods=["POST"]),
        Route("/lists/{key}", signed_in(portal, list_page), methods=["GET"]),
        Route("/person/{person}", signed_in(portal, summary_page), methods=["GET"]),
        Route("/person/{person}/document/{item}", signed_in(portal, document_page), methods=["GET"]),
        Route("/person/{person}/own-word", signed_in(portal, own_word_page), methods=["GET"]),
        Route("/person/{person}/own-word", signed_in(portal, begin), methods=["POST"]),
        Route("/person/{person}/own-word/end", signed_in(portal, end), methods=["POST"]),
        Route("/messages/{type}/{id}", signed_in(portal, message_page), methods=["GET"]),
        Route("/links", signed_in(portal, links_page), methods=["GET"]),
        Route("/links", signed_in(portal, links_under_number), methods=["POST"]),
        Route("/links/{one}/{other}", signed_in(portal, pair_page), methods=["GET"]),
        Route("/links/{one}/{other}", signed_in(portal, say_link), methods=["POST"]),
        Route("/alerts", signed_in(portal, alerts_page), methods=["GET"]),
        Route("/alerts/{reference}", signed_in(portal, alert_page), methods=["GET"]),
        Route("/alerts/{reference}", signed_in(portal, review_alert), methods=["POST"]),
        Route("/person/{person}/who-looked", signed_in(portal, who_looked_page), methods=["GET"]),
    ]
