"""Layout 15: what the parties of agreements have signed. Instants are microseconds since 1970 UTC."""

STATEMENTS = (
    # `content` is the signed text, whole: what the other columns say of it, it proves itself.
    """CREATE TABLE statement (
        number INTEGER PRIMARY KEY, agreement TEXT NOT NULL, version INTEGER NOT NULL, party TEXT NOT NULL,
        turn INTEGER NOT NULL, received_at INTEGER NOT NULL, content TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX statement_in_turn ON statement (agreement, version, party, turn)",
)
