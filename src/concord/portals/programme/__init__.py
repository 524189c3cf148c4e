"""The portal of those who run the programme: how the feeds of the organisations do, and what their data
are like.

Promises: counts and times of what comes, by feed. Refuses: saying anything about a person, or what is in a message.
"""

from concord.portals.programme.routes import programme_routes

__all__ = ["programme_routes"]
