"""Layout 12: whose feed a reject came by, whom it holds up and what became of it; what a full extract held.

Instants are microseconds since 1970 UTC.
"""

STATEMENTS = (
    "ALTER TABLE quarantine ADD COLUMN feed TEXT NOT NULL DEFAULT ''",
    # Whose later messages wait behind it: a keyed hash of the source's own id of the patient; '' for nobody's.
    "ALTER TABLE quarantine ADD COLUMN patient TEXT NOT NULL DEFAULT ''",
    # What became of it ("replayed", "discarded") and why; NULL while it is held.
    "ALTER TABLE quarantine ADD COLUMN ended_at INTEGER",
    "ALTER TABLE quarantine ADD COLUMN ended TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE quarantine ADD COLUMN ended_why TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX quarantine_by_patient ON quarantine (organisation, patient)",
    # What the newest extract that holds all there is held, by the mapping and its table.
    """CREATE TABLE snapshot (
        organisation TEXT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (organisation, source, type, id)) WITHOUT ROWID""",
)
