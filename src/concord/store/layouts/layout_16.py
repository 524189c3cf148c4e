"""Layout 16: accesses that nothing explains, for review; and reviews of every kind of alert, by its reference.

Instants are microseconds since 1970 UTC.
"""

STATEMENTS = (
    # One a user, person and day, `at` the first look; name, role and service are those of the time. `whys` and
    # `explanation` are words of `concord.record.misuse`, parted by blanks.
    """CREATE TABLE odd_access (
        number INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, person TEXT NOT NULL, holder TEXT NOT NULL,
        shown_name TEXT NOT NULL, organisation TEXT NOT NULL, service TEXT, role TEXT NOT NULL, at INTEGER NOT NULL,
        looks INTEGER NOT NULL, points INTEGER NOT NULL, whys TEXT NOT NULL, explanation TEXT NOT NULL,
        UNIQUE (holder, person, at))""",
    "CREATE INDEX odd_access_by_organisation ON odd_access (organisation, at)",
    """CREATE TABLE alert_review (
        number INTEGER PRIMARY KEY, reference TEXT NOT NULL, at INTEGER NOT NULL, reviewer TEXT NOT NULL,
        step TEXT NOT NULL, note TEXT NOT NULL)""",
    """INSERT INTO alert_review (reference, at, reviewer, step, note)
        SELECT a.reference, r.at, r.reviewer, r.step, r.note FROM assertion_review r
        JOIN assertion a ON a.number = r.assertion ORDER BY r.number""",
    "DROP TABLE assertion_review",
    "CREATE INDEX alert_review_by_reference ON alert_review (reference)",
)
