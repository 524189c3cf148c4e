"""The portal of people at work: find a person, read the record, see who looked.

Promises: identity in view on every page about a person; what is withheld, late or shut said in plain words.
Refuses: showing anything before its audit row is durable.
"""

from concord.portals.professional.doors import AlertsDoor, LinksDoor, ProfessionalDoor
from concord.portals.professional.portal import error_page
from concord.portals.professional.routes import professional_routes

__all__ = [
    "AlertsDoor",
    "LinksDoor",
    "ProfessionalDoor",
    "error_page",
    "professional_routes",
]
