"""Layout 30: rows of tables and entries of bundles are kept beside messages, under the names of their items.

`place` is where such a one stood ("people.csv:12"); "" for what came by itself.
"""

STATEMENTS = ("ALTER TABLE original ADD COLUMN place TEXT NOT NULL DEFAULT ''",)
