"""How much came by each feed, hour by hour."""

from typing import NamedTuple

from concord.store.face import Reading, Writing


class Hour(NamedTuple):
    """What came in an hour, or in several together: then `hour` is the first of them. See layout 19 for the units."""

    hour: int
    messages: int
    rejected: int
    timed: int
    lag: int
    longest_lag: int
    last_at: int


def add(writing: Writing, feed: str, came: Hour) -> None:
    """Add what came to its hour."""
    writing.run(
        "INSERT INTO traffic VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (feed, hour) DO UPDATE SET "
        "messages = traffic.messages + excluded.messages, rejected = traffic.rejected + excluded.rejected, "
        "timed = traffic.timed + excluded.timed, lag = traffic.lag + excluded.lag, "
        "longest_lag = CASE WHEN excluded.longest_lag > traffic.longest_lag "
        "THEN excluded.longest_lag ELSE traffic.longest_lag END, "
        "last_at = CASE WHEN excluded.last_at > traffic.last_at THEN excluded.last_at ELSE traffic.last_at END",
        (feed, *came),
    )


def sums(reading: Reading, first: int, last: int) -> dict[str, Hour]:
    """By feed, what came in the hours from the first to the last, both included; feeds by which nothing came are not
    there."""
    rows = reading.rows(
        "SELECT feed, min(hour), sum(messages), sum(rejected), sum(timed), sum(lag), max(longest_lag), max(last_at) "
        "FROM traffic WHERE hour BETWEEN ? AND ? GROUP BY feed ORDER BY feed",
        (first, last),
    )
    return {str(feed): Hour(*(int(value) for value in values)) for feed, *values in rows}
