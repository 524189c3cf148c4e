"""Layout 19: what came by each feed, hour by hour, so that its rate can be held against what is usual.

`hour` counts hours since 1970 UTC; `last_at` is in microseconds. `timed` are the messages that said when they were
sent; `lag` (their sum) and `longest_lag` are in milliseconds.
"""

STATEMENTS = (
    """CREATE TABLE traffic (
        feed TEXT NOT NULL, hour INTEGER NOT NULL, messages INTEGER NOT NULL, rejected INTEGER NOT NULL,
        timed INTEGER NOT NULL, lag INTEGER NOT NULL, longest_lag INTEGER NOT NULL, last_at INTEGER NOT NULL,
        PRIMARY KEY (feed, hour))""",
)
