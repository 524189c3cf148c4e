"""Layout 9: what users assert so that a record opens, and who reviewed it; and choices that no override lifts.

Instants are microseconds since 1970 UTC.
"""

STATEMENTS = (
    # `holder` is the user; name, role and service are those of the time. `reference` names it to whoever reviews.
    """CREATE TABLE assertion (
        number INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, person TEXT NOT NULL,
        holder TEXT NOT NULL, staff_id TEXT NOT NULL, shown_name TEXT NOT NULL, organisation TEXT NOT NULL,
        service TEXT, role TEXT NOT NULL, reason TEXT NOT NULL, words TEXT NOT NULL, clauses TEXT NOT NULL,
        starts_at INTEGER NOT NULL, ends_at INTEGER NOT NULL)""",
    "CREATE INDEX assertion_by_person ON assertion (person, ends_at)",
    "CREATE INDEX assertion_by_organisation ON assertion (organisation, starts_at)",
    # Each step of a review is a row of its own; the last says where it stands.
    """CREATE TABLE assertion_review (
        number INTEGER PRIMARY KEY, assertion INTEGER NOT NULL, at INTEGER NOT NULL, reviewer TEXT NOT NULL,
        step TEXT NOT NULL, note TEXT NOT NULL)""",
    "CREATE INDEX assertion_review_by_assertion ON assertion_review (assertion)",
    "ALTER TABLE choice ADD COLUMN firm INTEGER NOT NULL DEFAULT 0",
)
