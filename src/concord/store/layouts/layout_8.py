"""Layout 8: code systems, value sets and concept maps that an installation has loaded.

`loading` counts the loads, and is 0 while one comes in. `body` is the resource, without what has rows of its own.
"""

STATEMENTS = (
    """CREATE TABLE terminology (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, url TEXT NOT NULL, version TEXT NOT NULL,
        loading INTEGER NOT NULL, body BLOB NOT NULL)""",
    "CREATE INDEX terminology_by_url ON terminology (url, kind, version)",
    # `folded`: the words that it is found by, with a blank before each; `detail`: what else its CodeSystem says of it.
    """CREATE TABLE concept (
        system INTEGER NOT NULL, code TEXT NOT NULL, display TEXT NOT NULL, folded TEXT NOT NULL,
        active INTEGER NOT NULL, detail BLOB NOT NULL, PRIMARY KEY (system, code)) WITHOUT ROWID""",
    """CREATE TABLE concept_parent (
        system INTEGER NOT NULL, code TEXT NOT NULL, parent TEXT NOT NULL, PRIMARY KEY (system, code, parent))
        WITHOUT ROWID""",
    "CREATE INDEX concept_child ON concept_parent (system, parent, code)",
    """CREATE TABLE mapping (
        map INTEGER NOT NULL, source TEXT NOT NULL, code TEXT NOT NULL, position INTEGER NOT NULL,
        target TEXT NOT NULL, target_code TEXT NOT NULL, display TEXT NOT NULL, equivalence TEXT NOT NULL,
        PRIMARY KEY (map, source, code, position)) WITHOUT ROWID""",
)
