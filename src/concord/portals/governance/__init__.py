"""The portal of those who answer for the agreements: read them, draft changes, see what a change would do.

Promises: what it says of an agreement is generated from what is enforced; nothing that is drafted here is in force.
A label is corrected there with its reason, by who answers for it at the organisation that contributed the item.
Refuses: saying anything else about a person.
"""

from concord.portals.governance.paper import on_paper
from concord.portals.governance.printing import as_pdf
from concord.portals.governance.routes import governance_routes

__all__ = ["as_pdf", "governance_routes", "on_paper"]
