"""Layout 3: profiles, value sets and code systems that an installation has loaded. `loading` counts the loads."""

STATEMENTS = ("CREATE TABLE definition (url TEXT PRIMARY KEY, loading INTEGER NOT NULL, body BLOB NOT NULL)",)
