"""Layout 28: what people said of the labels of items, every word kept, and words in free text that suggest a label.

Instants are microseconds since 1970 UTC. `grounds` and `words` are a line each. `label` of a cue is in stored form;
`reviewed_at` NULL: nobody has judged it.
"""

STATEMENTS = (
    # By the item's id, as in the locator: it stays when the item goes over to another Patient.
    """CREATE TABLE label_said (
        id TEXT NOT NULL, type INTEGER NOT NULL, turn INTEGER NOT NULL, label TEXT NOT NULL, says TEXT NOT NULL,
        mistake INTEGER NOT NULL, grounds TEXT NOT NULL, why TEXT NOT NULL, author TEXT NOT NULL,
        said_at INTEGER NOT NULL, PRIMARY KEY (id, type, turn)) WITHOUT ROWID""",
    """CREATE TABLE label_cue (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, item INTEGER NOT NULL, label INTEGER NOT NULL,
        organisation INTEGER NOT NULL, words TEXT NOT NULL, found_at INTEGER NOT NULL, reviewed_at INTEGER,
        PRIMARY KEY (home, source_patient, item, label)) WITHOUT ROWID""",
    "CREATE INDEX label_cue_unreviewed ON label_cue (organisation, found_at) WHERE reviewed_at IS NULL",
)
