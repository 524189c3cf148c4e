"""Layout 10: drafts of agreements. Nothing in them is in force. Instants are microseconds since 1970 UTC."""

STATEMENTS = (
    # `revision` counts how often it was kept, so that nobody writes over what somebody else kept meanwhile.
    """CREATE TABLE draft (
        reference TEXT PRIMARY KEY, organisation TEXT NOT NULL, title TEXT NOT NULL, content TEXT NOT NULL,
        revision INTEGER NOT NULL, kept_by TEXT NOT NULL, kept_at INTEGER NOT NULL)""",
    "CREATE INDEX draft_by_organisation ON draft (organisation)",
)
