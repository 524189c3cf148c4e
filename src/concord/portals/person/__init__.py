"""The portal of people themselves: their own record, and who looked at it, in words; and what they choose.

Promises: what is shown is theirs by right of access, decided like everything else; and it says that it is not all;
a choice is explained before it is made, and acts at once.
Refuses: anybody else's record, and whoever signs in to work.
"""

from concord.portals.person.portal import OwnDoor
from concord.portals.person.routes import person_routes

__all__ = ["OwnDoor", "person_routes"]
