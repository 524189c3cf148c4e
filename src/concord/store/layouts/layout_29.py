"""Layout 29: the messages from which items were made, as they came, and the fields of which nothing was made.

Instants are microseconds since 1970 UTC. `name` is what items call a message by, `digest` tells two of one name apart,
`body` is compressed.
"""

STATEMENTS = (
    # With each source patient that a message told of: it goes wherever that one is linked.
    """CREATE TABLE original (
        home INTEGER NOT NULL, source_patient INTEGER NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL,
        kind INTEGER NOT NULL, feed TEXT NOT NULL, received_at INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (home, source_patient, name, digest)) WITHOUT ROWID""",
    # In how many fields of this place in messages something stood of which nothing was made; under "" of no feed.
    """CREATE TABLE unmapped (
        feed TEXT NOT NULL, field TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (feed, field)) WITHOUT ROWID""",
)
