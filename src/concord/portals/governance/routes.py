"""The addresses of the governance portal. No address in it is of a person; those of labels are of an item."""

from starlette.routing import BaseRoute, Route

from concord.governance.agreements import AgreementDesk
from concord.portals.governance.agreements import agreement_file, explain_page, list_page, read_page
from concord.portals.governance.doors import CountingDoor, LabelsDoor, SimulatorDoor
from concord.portals.governance.drafts import (
    begin_draft,
    compare_page,
    discard_draft,
    draft_page,
    keep_draft,
    read_draft_page,
    simulate_page,
)
from concord.portals.governance.labels import correct_labels, item_labels_page, labels_page, labels_under_number
from concord.portals.governance.portal import Portal
from concord.portals.governance.signing import (
    propose_draft,
    receive_signature,
    sign_draft_page,
    sign_page,
    statement,
    take_back_draft,
)
from concord.portals.visits import AccountsDoor, signed_in

_LARGEST_FORM = 4 * AgreementDesk.LONGEST_DRAFT  # a letter of a draft takes up to three bytes of a form


def governance_routes(
    desk: AgreementDesk, simulator: SimulatorDoor, counting: CountingDoor, labels: LabelsDoor, accounts: AccountsDoor
) -> list[BaseRoute]:
    """All pages of the portal."""
    portal = Portal(desk=desk, simulator=simulator, counting=counting, labels=labels, accounts=accounts)
    draft = "/drafts/{reference}"
    return [
        Route("/agreements", signed_in(portal, list_page), methods=["GET"]),
        Route("/agreements/{agreement}", signed_in(portal, read_page), methods=["GET"]),
        Route("/agreements/{agreement}/file", signed_in(portal, agreement_file), methods=["GET"]),
        Route("/agreements/{agreement}/sign", signed_in(portal, sign_page), methods=["GET"]),
        Route("/agreements/{agreement}/{version}/statement/{party}", signed_in(portal, statement), methods=["GET"]),
        Route("/signatures", signed_in(portal, receive_signature, largest_form=_LARGEST_FORM), methods=["POST"]),
        Route("/explain", signed_in(portal, explain_page), methods=["GET"]),
        Route("/drafts", signed_in(portal, begin_draft, largest_form=_LARGEST_FORM), methods=["POST"]),
        Route("/labels", signed_in(portal, labels_page), methods=["GET"]),
        Route("/labels", signed_in(portal, labels_under_number), methods=["POST"]),
        Route("/labels/{type}/{id}", signed_in(portal, item_labels_page), methods=["GET"]),
        Route("/labels/{type}/{id}", signed_in(portal, correct_labels), methods=["POST"]),
        Route(draft, signed_in(portal, draft_page), methods=["GET"]),
        Route(draft, signed_in(portal, keep_draft, largest_form=_LARGEST_FORM), methods=["POST"]),
        Route(f"{draft}/discard", signed_in(portal, discard_draft), methods=["POST"]),
        Route(f"{draft}/sign", signed_in(portal, sign_draft_page), methods=["GET"]),
        Route(f"{draft}/propose", signed_in(portal, propose_draft), methods=["POST"]),
        Route(f"{draft}/take-back", signed_in(portal, take_back_draft), methods=["POST"]),
        Route(f"{draft}/read", signed_in(portal, read_draft_page), methods=["GET"]),
        Route(f"{draft}/compare", signed_in(portal, compare_page), methods=["GET"]),
        Route(f"{draft}/simulate", signed_in(portal, simulate_page), methods=["GET"]),
    ]
