"""The portal of those who run the programme, and of those who count: how the feeds of the organisations do, what their
data are like, and how many people there are.

Promises: counts and times of what comes, by feed; counts of people, none small and none exact. Refuses: saying anything
about a person, or what is in a message.
"""

from concord.portals.programme.population import population_routes
from concord.portals.programme.routes import programme_routes

__all__ = ["population_routes", "programme_routes"]
