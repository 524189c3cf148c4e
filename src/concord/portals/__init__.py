"""The screens: server-rendered pages that work without a script, by keyboard, on a phone.

Promises: every page about a person comes from one audited answer of a door, released before its first byte leaves;
no address and no log line carries a fact about a person. Refuses: deciding anything, and reading any store.
"""

from concord.portals.audited import Audited
from concord.portals.governance import as_pdf, governance_routes, on_paper
from concord.portals.person import OwnDoor, person_routes
from concord.portals.professional import ProfessionalDoor, error_page, professional_routes
from concord.portals.programme import population_routes, programme_routes
from concord.portals.visits import AccountsDoor, DemoUser, SignedIn

__all__ = [
    "AccountsDoor",
    "Audited",
    "DemoUser",
    "OwnDoor",
    "ProfessionalDoor",
    "SignedIn",
    "as_pdf",
    "error_page",
    "governance_routes",
    "on_paper",
    "person_routes",
    "population_routes",
    "professional_routes",
    "programme_routes",
]
