"""Layout 5: links lie by `home` too, so that every key and join of what belongs to a source patient carries it."""

STATEMENTS = (
    """CREATE TABLE link_by_home (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, person TEXT NOT NULL, how TEXT NOT NULL, held_for TEXT,
        PRIMARY KEY (home, source_patient)) WITHOUT ROWID""",
    """INSERT INTO link_by_home SELECT s.home, l.source_patient, l.person, l.how, l.held_for
        FROM link l JOIN source_patient s ON s.number = l.source_patient""",
    "DROP TABLE link",
    "ALTER TABLE link_by_home RENAME TO link",
    "CREATE INDEX link_by_person ON link (person)",
)
