"""What went wrong, as a page says it: one place maps the categories of error to status and words."""

from dataclasses import dataclass

from concord.base import Busy, ConcordError, Conflict, Forbidden, Incorrect, NotFound, Unauthenticated, Unavailable


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """An error page: its status, its heading, what it means and what to do next."""

    status: int
    title: str
    sentences: tuple[str, ...]


# The same words whether the page never was, or is hidden from whoever asks.
NOT_FOUND = Problem(
    status=404,
    title="There is nothing here that you can open",
    sentences=("Check the address, or find the person again.",),
)
NOT_ALLOWED_METHOD = Problem(
    status=405, title="This page cannot be used in that way", sentences=("Go back, reload the page and try again.",)
)
FAULT = Problem(
    status=500,
    title="Concord made a mistake",
    sentences=(
        "This page could not be shown. This does not mean that there is nothing in the record.",
        "Try again. If it happens again, tell your service desk the time and what you pressed.",
    ),
)
_CATEGORIES: tuple[tuple[type[ConcordError], int, str], ...] = (
    (Incorrect, 400, "That could not be understood"),
    (Unauthenticated, 401, "You are not signed in"),
    (Forbidden, 403, "You cannot do this"),
    (Conflict, 409, "Something changed meanwhile"),
    (Busy, 503, "Too many are asking at once"),
    (Unavailable, 503, "Part of Concord does not answer"),
)


def problem_of(error: Exception) -> Problem:
    """How a page shows `error`. What is not an error raised on purpose says nothing of itself."""
    if isinstance(error, NotFound):
        return NOT_FOUND
    for category, status, title in _CATEGORIES:
        if isinstance(error, category):
            return Problem(status=status, title=title, sentences=(f"{error.message.rstrip('.')}.",))
    return FAULT
