"""These journeys change what is in force: each has a Northfield of its own."""

from tests.journeys.own_desk import desk, own_northfield

__all__ = ["desk", "own_northfield"]
