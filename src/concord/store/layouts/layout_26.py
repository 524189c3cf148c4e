"""Layout 26: who acts for somebody, by their NHS number, as a source says. Instants are microseconds since 1970 UTC."""

STATEMENTS = (
    """CREATE TABLE proxy (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, item INTEGER NOT NULL, nhs_number TEXT NOT NULL,
        kind TEXT NOT NULL, given INTEGER NOT NULL, contributor TEXT NOT NULL, starts_at INTEGER, ends_at INTEGER,
        PRIMARY KEY (home, source_patient, item)) WITHOUT ROWID""",
    "CREATE INDEX proxy_by_number ON proxy (nhs_number)",
)
