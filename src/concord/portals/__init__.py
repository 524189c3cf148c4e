"""The screens: server-rendered pages that work without a script, by keyboard, on a phone.

Promises: every page about a person comes from one audited answer of a door, released before its first byte leaves;
no address and no log line carries a fact about a person. Refuses: deciding anything, and reading any store.
"""

from concord.portals.professional import (
    AccountsDoor,
    Audited,
    DemoUser,
    ProfessionalDoor,
    SignedIn,
    error_page,
    professional_routes,
)

__all__ = [
    "AccountsDoor",
    "Audited",
    "DemoUser",
    "ProfessionalDoor",
    "SignedIn",
    "error_page",
    "professional_routes",
]
