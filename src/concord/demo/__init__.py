"""Northfield: a synthetic care system, to see Concord at work.

Promises: the same people for the same seed and day; NHS numbers of the test range alone; every organisation's own copy
in its own format, as files, for the loader that production uses. Refuses: real people, and the database.
"""

from concord.demo.northfield import NOT_SIGNED, Feed, Northfield, Progress, write_northfield
from concord.demo.protagonists import PROTAGONISTS, Protagonist

__all__ = ["NOT_SIGNED", "PROTAGONISTS", "Feed", "Northfield", "Progress", "Protagonist", "write_northfield"]
