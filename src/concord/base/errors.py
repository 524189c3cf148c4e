"""Every error that Concord raises on purpose: one root, eight categories.

A message says what is wrong, where, and what to do next. It never carries a fact about a person
(no name, number, date of birth or clinical word), because messages reach logs and strangers.
"""


class ConcordError(Exception):
    """The root. `message` is safe to show to anyone."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Incorrect(ConcordError):
    """What was sent breaks a rule; sending it again changes nothing."""


class Unauthenticated(ConcordError):
    """Nobody is signed in, or the token is not (or no longer) valid."""


class Forbidden(ConcordError):
    """Known, and not allowed."""


class NotFound(ConcordError):
    """Absent, or hidden from whoever asks: both answer alike."""


class Conflict(ConcordError):
    """The state of what is held does not fit the request."""


class Busy(ConcordError):
    """Too much at once; the same request may succeed later."""


class Unavailable(ConcordError):
    """Something that Concord needs (disk, database, another system) does not answer."""


class Fault(ConcordError):
    """A mistake of ours."""
