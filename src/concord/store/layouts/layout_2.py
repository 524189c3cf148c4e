"""Layout 2: long work that source systems ask for (bulk export and import), each a row.

Instants are microseconds since 1970 UTC. `asked` and `progress` are JSON texts; files lie in the job's own folder.
"""

STATEMENTS = (
    # Whoever carries it out holds it until `held_until`, and renews that as it goes; then another may take it up.
    """CREATE TABLE job (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, organisation TEXT NOT NULL, asked TEXT NOT NULL, state TEXT NOT NULL,
        begun_at BIGINT NOT NULL, ends_at BIGINT NOT NULL, holder TEXT NOT NULL, held_until BIGINT NOT NULL,
        progress TEXT NOT NULL)""",
    "CREATE INDEX job_by_organisation ON job (organisation, state)",
)
