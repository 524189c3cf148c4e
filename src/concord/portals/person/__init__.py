"""The portal of people themselves: their own record, and who looked at it, in words.

Promises: what is shown is theirs by right of access, decided like everything else; and it says that it is not all.
Refuses: anybody else's record, and whoever signs in to work.
"""

from concord.portals.person.routes import OwnDoor, person_routes

__all__ = ["OwnDoor", "person_routes"]
