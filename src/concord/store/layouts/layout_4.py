"""Layout 4: what was deleted, and the feed of changes.

Of a deleted item its versions stay, the last of which says that it was deleted; its row, index and locator go, so that
no scan can meet it.
"""

STATEMENTS = (
    # The places of items that were deleted, by what they were called: for their source, and for their coming back.
    """CREATE TABLE deleted_item (
        id TEXT NOT NULL, type INTEGER NOT NULL, home INTEGER NOT NULL, source_patient INTEGER NOT NULL,
        item INTEGER NOT NULL, PRIMARY KEY (id, type, home, source_patient, item)) WITHOUT ROWID""",
    "CREATE INDEX deleted_item_by_place ON deleted_item (home, source_patient, item)",
    # One row a transaction and source patient: `changes` holds item, version and kind of each change, packed.
    """CREATE TABLE feed (
        part INTEGER NOT NULL, position INTEGER NOT NULL, home INTEGER NOT NULL, source_patient INTEGER NOT NULL,
        at INTEGER NOT NULL, changes BLOB NOT NULL,
        PRIMARY KEY (part, position, home, source_patient)) WITHOUT ROWID""",
    # The position last given in each part: the row is locked from then until its transaction ends.
    "CREATE TABLE feed_head (part INTEGER PRIMARY KEY, position INTEGER NOT NULL)",
    """CREATE TABLE feed_consumer (
        consumer TEXT NOT NULL, part INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (consumer, part))
        WITHOUT ROWID""",
)
